import { HASH_FACTOR, hashName, type NameList } from '../symbols/name-list.ts';
import type { Tokens } from './tokens.ts';

/**
 * `kallsyms_names`: per symbol a length and that many bytes, each of which stands for a token; the first letter of the
 * text is nm's letter, the rest the name. Lengths are one byte, or, since 6.1 (73bbb94466fd3) and only where bit 7 is set,
 * two of seven bits each.
 */
export interface NameTable {
  /** Names stay compressed until somebody asks for one. */
  readonly names: NameList;
  /** nm's letters; 0 for names that are damaged. */
  readonly letters: Uint8Array;
  /** How many are damaged. */
  readonly damaged: number;
  /** How many bytes of the table the names took; undefined where its end is damaged. */
  readonly size: number | undefined;
}

/** Names between two markers. */
export const BLOCK = 256;
/** In tokens: a name with its letter, by KSYM_NAME_LEN (512 since 6.1), twice over. */
const LONGEST_NAME = 1024;

/** Where each name's tokens begin, and how many there are. */
interface Lengths {
  readonly starts: Uint32Array;
  readonly counts: Uint16Array;
  readonly damaged: number;
  readonly size: number | undefined;
}

/** `markers`, where there are any, prove each block of names and find the next one after damage. */
export function readNames(
  table: Uint8Array,
  count: number,
  tokens: Tokens,
  markers: Uint32Array | undefined,
): NameTable {
  const long = readLengths(table, count, markers, true);
  const short = long.damaged === 0 ? long : readLengths(table, count, markers, false);
  const { starts, counts, damaged, size } = short.damaged < long.damaged ? short : long;
  const first = Uint8Array.from(tokens, (token) => (token === '' ? 0 : token.charCodeAt(0)));
  const letters = new Uint8Array(count);
  for (let i = 0; i < count; i++) if ((counts[i] ?? 0) > 0) letters[i] = first[table[starts[i] ?? 0] ?? 0] ?? 0;
  return { names: compressedNames(table, tokens, starts, counts), letters, damaged, size };
}

function readLengths(table: Uint8Array, count: number, markers: Uint32Array | undefined, long: boolean): Lengths {
  const starts = new Uint32Array(count);
  const counts = new Uint16Array(count);
  let damaged = 0;
  let next: number | undefined = 0;
  for (let first = 0; first < count; first += BLOCK) {
    const last = Math.min(first + BLOCK, count);
    const start: number | undefined = markers?.[first / BLOCK] ?? next;
    const end = last < count ? markers?.[last / BLOCK] : undefined;
    next = start === undefined ? undefined : readBlock(table, start, starts, counts, first, last, long);
    if (next !== undefined && (end === undefined || next === end)) continue;
    counts.fill(0, first, last);
    damaged += last - first;
    next = undefined;
  }
  return { starts, counts, damaged, size: next };
}

/** The offset behind the block; undefined where a length in it cannot be. */
function readBlock(
  table: Uint8Array,
  start: number,
  starts: Uint32Array,
  counts: Uint16Array,
  first: number,
  last: number,
  long: boolean,
): number | undefined {
  let offset = start;
  for (let i = first; i < last; i++) {
    let length = table[offset++] ?? 0;
    if (long && length > 0x7f) length = (length & 0x7f) | ((table[offset++] ?? 0) << 7);
    if (length === 0 || length > LONGEST_NAME || offset + length > table.length) return undefined;
    starts[i] = offset;
    counts[i] = length;
    offset += length;
  }
  return offset;
}

/** True where a block of 256 names fills these bytes exactly. */
export function isBlock(table: Uint8Array, start: number, end: number): boolean {
  const [starts, counts] = [new Uint32Array(BLOCK), new Uint16Array(BLOCK)];
  return [true, false].some((long) => readBlock(table, start, starts, counts, 0, BLOCK, long) === end);
}

function compressedNames(table: Uint8Array, tokens: Tokens, starts: Uint32Array, counts: Uint16Array): NameList {
  let hashes: Uint32Array | undefined;
  return {
    count: starts.length,
    text(i) {
      const start = starts[i] ?? 0;
      let text = '';
      for (let at = start; at < start + (counts[i] ?? 0); at++) text += tokens[table[at] ?? 0] ?? '';
      return text.slice(1);
    },
    hashes: () => (hashes ??= hashNames(table, tokens, starts, counts)),
  };
}

/** Token by token: the factor that a token shifts what stands before it by, and what it adds. */
function hashNames(table: Uint8Array, tokens: Tokens, starts: Uint32Array, counts: Uint16Array): Uint32Array {
  const factors = Uint32Array.from(tokens, (token) => {
    let factor = 1;
    for (let i = 0; i < token.length; i++) factor = Math.imul(factor, HASH_FACTOR);
    return factor;
  });
  const adds = Uint32Array.from(tokens, hashName);
  const withoutLetter = Uint32Array.from(tokens, (token) => hashName(token.slice(1)));
  const hashes = new Uint32Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    const start = starts[i] ?? 0;
    const end = start + (counts[i] ?? 0);
    let hash = withoutLetter[table[start] ?? 0] ?? 0;
    for (let at = start + 1; at < end; at++) {
      const token = table[at] ?? 0;
      hash = (Math.imul(hash, factors[token] ?? 0) + (adds[token] ?? 0)) | 0;
    }
    hashes[i] = end > start ? hash : 0;
  }
  return hashes;
}
