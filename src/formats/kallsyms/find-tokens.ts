import { readWindow, type ReadMemory } from './memory-window.ts';
import { readTokenIndex, readTokens, TOKEN_INDEX_BYTES, tokenTableBytes } from './tokens.ts';

export interface TokenPlaces {
  readonly tokenTable: bigint;
  readonly tokenIndex: bigint;
  /** Tables begin at multiples of this: 8, or 256 on arm64 while `.align 8` stood for that (scripts/kallsyms.c). */
  readonly alignment: number;
}

/** A stretch of kernel memory to look into; `size` in bytes. */
export interface ImageRange {
  readonly start: bigint;
  readonly size: number;
}

const PIECE = 1 << 20;
const LETTERS = 26;
const FIRST_LETTER = 0x61;
/** Between two looks: `a`, NUL, `b`, NUL … `z`, NUL is 52 bytes long, and four of them tell. */
const STRIDE = 32;
/** The texts before `a`, at most. */
const BEFORE = 4096;

/**
 * The token tables, by what no other data has: the letters of the alphabet as 26 texts of one character, in a table of 256
 * that an index of 256 rising offsets fits. Yields every place where all of that is true.
 */
export function* findTokens(read: ReadMemory, image: ImageRange): Generator<TokenPlaces> {
  for (let at = 0; at < image.size; at += PIECE) {
    const address = image.start + BigInt(at);
    const { bytes } = readWindow(read, address, Math.min(PIECE + 2 * LETTERS, image.size - at));
    for (const offset of alphabetsIn(bytes)) yield* placesAround(read, address + BigInt(offset));
  }
}

function* alphabetsIn(bytes: Uint8Array): Generator<number> {
  for (let at = 0; at + 4 <= bytes.length; at += STRIDE) {
    const odd = bytes[at] === 0 ? 1 : 0;
    if (bytes[at + 1 - odd] !== 0 || bytes[at + 3 - odd] !== 0) continue;
    const letter = bytes[at + odd] ?? 0;
    if (letter < FIRST_LETTER || letter >= FIRST_LETTER + LETTERS || bytes[at + odd + 2] !== letter + 1) continue;
    const start = at + odd - 2 * (letter - FIRST_LETTER);
    if (isAlphabet(bytes, start)) yield start;
  }
}

function isAlphabet(bytes: Uint8Array, start: number): boolean {
  if (start < 0) return false;
  for (let i = 0; i < LETTERS; i++) {
    if (bytes[start + 2 * i] !== FIRST_LETTER + i || bytes[start + 2 * i + 1] !== 0) return false;
  }
  return true;
}

/** `letters` is where the text of token 0x61 begins. */
function* placesAround(read: ReadMemory, letters: bigint): Generator<TokenPlaces> {
  const { bytes } = readWindow(read, letters - BigInt(BEFORE), BEFORE * 5);
  let end = BEFORE;
  for (let token = FIRST_LETTER; token < 256; token++) end = bytes.indexOf(0, end) + 1 || bytes.length;
  for (const alignment of [8, 256]) {
    const tokenIndex = alignUp(letters - BigInt(BEFORE - end), alignment);
    const index = readTokenIndex(read(tokenIndex, TOKEN_INDEX_BYTES) ?? new Uint8Array(0));
    const before = index?.[FIRST_LETTER] ?? BEFORE + 1;
    if (index === undefined || before > BEFORE) continue;
    const table = bytes.subarray(BEFORE - before, BEFORE - before + tokenTableBytes(index));
    if (readTokens(table, index) === undefined) continue;
    yield { tokenTable: letters - BigInt(before), tokenIndex, alignment };
    return;
  }
}

export const alignUp = (address: bigint, alignment: number): bigint => {
  const mask = BigInt(alignment - 1);
  return (address + mask) & ~mask;
};
