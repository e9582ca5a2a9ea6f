/** A set of small numbers, a bit each. */
export class Bits {
  readonly #words: Uint32Array;

  constructor(count: number) {
    this.#words = new Uint32Array(Math.ceil(count / 32));
  }

  has(i: number): boolean {
    return (((this.#words[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1;
  }

  /** True where it was not in the set before. */
  add(i: number): boolean {
    const [word, bit] = [this.#words[i >>> 5] ?? 0, 1 << (i & 31)];
    this.#words[i >>> 5] = word | bit;
    return (word & bit) === 0;
  }
}

/** Set bits of a word of 32. */
export function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
