import type { HeapWalk } from './slab-heap.ts';

/** How pointers of a free list are mixed: not at all, with the address they stand at, or with its bytes turned round. */
export type Mixing = 'none' | 'address' | 'swapped';

/** The bytes of one slab at a time, and arithmetic on 64-bit addresses in halves. */
export class SlabPages {
  length = 0;
  nextLow = 0;
  nextHigh = 0;
  readonly #walk: HeapWalk;
  readonly #pageSize: number;
  #buffer = new Uint8Array(0);
  #view = new DataView(this.#buffer.buffer);
  #slab = -1;
  #there = false;
  #low = 0;
  #high = 0;

  constructor(walk: HeapWalk) {
    this.#walk = walk;
    this.#pageSize = walk.kernel.memory.pageSize;
  }

  /** False where not all of the slab is in the dump. */
  load(slab: number): boolean {
    if (slab === this.#slab) return this.#there;
    const { table, kernel, directMap } = this.#walk;
    this.#slab = slab;
    this.length = (table.pages[slab] ?? 1) * this.#pageSize;
    if (this.#buffer.length < this.length) {
      this.#buffer = new Uint8Array(this.length);
      this.#view = new DataView(this.#buffer.buffer);
    }
    const physical = (table.frame[slab] ?? 0) * this.#pageSize;
    const address = directMap + BigInt(physical);
    this.#low = Number(address & 0xffffffffn);
    this.#high = Number(address >> 32n);
    this.#there = kernel.memory.physical.read(physical, this.#buffer.subarray(0, this.length)).length === 0;
    return this.#there;
  }

  /** Of an address, from the start of the slab; far outside for what lies elsewhere. */
  offsetOf(low: number, high: number): number {
    return (high - this.#high) * 2 ** 32 + (low - this.#low);
  }

  /** Whether the pointer that was read last ends the list or leads on inside the slab. */
  nextIsInside(): boolean {
    if (this.nextLow === 0 && this.nextHigh === 0) return true;
    const to = this.offsetOf(this.nextLow, this.nextHigh);
    return to >= 0 && to < this.length;
  }

  /** Reads the pointer that stands at `offset` into nextLow and nextHigh. */
  next(offset: number, random: bigint | undefined, mixing: Mixing): void {
    if (offset + 8 > this.length) {
      [this.nextLow, this.nextHigh] = [1, 0];
      return;
    }
    let low = this.#view.getUint32(offset, true);
    let high = this.#view.getUint32(offset + 4, true);
    if (random !== undefined && mixing !== 'none') {
      const sum = this.#low + offset;
      const atLow = sum >>> 0;
      const atHigh = (this.#high + (sum >= 2 ** 32 ? 1 : 0)) >>> 0;
      low = (low ^ Number(random & 0xffffffffn) ^ (mixing === 'address' ? atLow : turned(atHigh))) >>> 0;
      high = (high ^ Number(random >> 32n) ^ (mixing === 'address' ? atHigh : turned(atLow))) >>> 0;
    }
    this.nextLow = low;
    this.nextHigh = high;
  }
}

const turned = (n: number): number => ((n << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;
