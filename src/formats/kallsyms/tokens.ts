/**
 * The 256 tokens of kallsyms (scripts/kallsyms.c): `kallsyms_token_table` is their texts, each ending with NUL, and
 * `kallsyms_token_index` says where each begins. Characters that occur stand for themselves: token 0x61 is `a`.
 */
export type Tokens = readonly string[];

export const TOKEN_INDEX_BYTES = 512;

/** 256 texts of 64 characters; real tables take 1 kB. */
const LARGEST_TABLE = 16_384;
const LONGEST_TOKEN = 255;

/** The offsets of `kallsyms_token_index`, or undefined where they are none: they begin at 0 and rise. */
export function readTokenIndex(bytes: Uint8Array): Uint16Array | undefined {
  if (bytes.length < TOKEN_INDEX_BYTES) return undefined;
  const starts = new Uint16Array(256);
  for (let i = 0; i < 256; i++) {
    const start = (bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8);
    if (i === 0 ? start !== 0 : start <= (starts[i - 1] ?? 0)) return undefined;
    starts[i] = start;
  }
  return (starts[255] ?? 0) > LARGEST_TABLE ? undefined : starts;
}

/** How many bytes of the table hold all tokens, at most. */
export const tokenTableBytes = (starts: Uint16Array): number => (starts[255] ?? 0) + LONGEST_TOKEN + 1;

/**
 * The tokens, or undefined where `table` does not fit `starts`: each is printable ASCII and ends with NUL right before the
 * next, and the letters stand for themselves.
 */
export function readTokens(table: Uint8Array, starts: Uint16Array): Tokens | undefined {
  const tokens: string[] = [];
  for (let i = 0; i < 256; i++) {
    const start = starts[i] ?? 0;
    const end = table.indexOf(0, start);
    if (end < 0 || end - start > LONGEST_TOKEN || (i < 255 && end + 1 !== starts[i + 1])) return undefined;
    const text = String.fromCharCode(...table.subarray(start, end));
    if (!/^[!-~]*$/.test(text)) return undefined;
    tokens.push(text);
  }
  const letters = tokens.slice(0x61, 0x7b).join(' ');
  return letters === 'a b c d e f g h i j k l m n o p q r s t u v w x y z' ? tokens : undefined;
}
