/**
 * 256 tokens for these names: characters that occur stand for themselves, and the codes that are left stand for the pieces
 * that occur most, as in scripts/kallsyms.c, which chooses them with more care.
 */
export function makeTokens(names: readonly string[]): readonly string[] {
  const letters = new Set('abcdefghijklmnopqrstuvwxyz0123456789_');
  const pieces = new Map<string, number>();
  for (const name of names) {
    for (const character of name) letters.add(character);
    for (let at = 0; at < name.length; at++) {
      for (let length = 2; length <= 12 && at + length <= name.length; length++) {
        const piece = name.slice(at, at + length);
        pieces.set(piece, (pieces.get(piece) ?? 0) + length - 1);
      }
    }
  }
  const best = [...pieces].toSorted(([, a], [, b]) => b - a).map(([piece]) => piece);
  return Array.from({ length: 256 }, (_, code) => {
    const character = String.fromCharCode(code);
    return letters.has(character) ? character : (best.shift() ?? '');
  });
}

/** Always the longest token that fits. */
export function encodeName(name: string, tokens: readonly string[]): readonly number[] {
  const codes = new Map(tokens.map((token, code) => [token, code]));
  const encoded: number[] = [];
  for (let at = 0; at < name.length;) {
    let length = Math.min(12, name.length - at);
    while (length > 1 && !codes.has(name.slice(at, at + length))) length--;
    encoded.push(codes.get(name.slice(at, at + length)) ?? 0);
    at += length;
  }
  return encoded;
}
