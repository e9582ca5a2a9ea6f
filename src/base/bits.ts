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
