import { popcount } from '../../base/bits.ts';

/**
 * Every slab of a machine, as columns in the order of page frames, and the objects in them: object number `first[s] + i`
 * is the i-th of slab s. 22 bytes a slab and two bits an object, so that 64 GiB of slabs fit beside everything else.
 */
export class SlabTable {
  /** How many slabs there are. */
  readonly count: number;
  /** How many objects all slabs have room for. */
  readonly objects: number;
  readonly frame: Uint32Array;
  /** Page frames of each slab. */
  readonly pages: Uint16Array;
  /** Index into the caches; `NO_CACHE` where the slab's pointer names none that is listed. */
  readonly cache: Uint32Array;
  /** Objects that a slab has room for. */
  readonly capacity: Uint16Array;
  /** Number of the first object of each slab. */
  readonly first: Uint32Array;
  /** Bytes from the start of a slab to its first object: a red zone, or the colour of SLAB. */
  readonly start: Uint32Array;
  /** Objects that the slab itself counts as in use. */
  readonly inUse: Uint16Array;
  readonly #free: Uint32Array;
  readonly #unknown: Uint32Array;

  constructor(columns: SlabColumns) {
    const { count } = columns;
    this.count = count;
    this.frame = columns.frame.subarray(0, count);
    this.pages = columns.pages.subarray(0, count);
    this.cache = columns.cache.subarray(0, count);
    this.capacity = columns.capacity.subarray(0, count);
    this.start = columns.start.subarray(0, count);
    this.inUse = columns.inUse.subarray(0, count);
    this.first = new Uint32Array(count);
    let objects = 0;
    for (let s = 0; s < count; s++) {
      this.first[s] = objects;
      objects += this.capacity[s] ?? 0;
    }
    this.objects = objects;
    this.#free = new Uint32Array(Math.ceil(objects / 32));
    this.#unknown = new Uint32Array(Math.ceil(objects / 32));
  }

  /** The slab that a page frame belongs to. */
  slabAt(frame: number): number | undefined {
    let [low, high] = [0, this.count - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const from = this.frame[middle] ?? 0;
      if (frame < from) high = middle - 1;
      else if (frame >= from + (this.pages[middle] ?? 0)) low = middle + 1;
      else return middle;
    }
    return undefined;
  }

  /** The slab of an object. */
  slabOf(object: number): number {
    let [low, high] = [0, this.count];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.first[middle] ?? 0) <= object) low = middle;
      else high = middle;
    }
    return low;
  }

  /** The cache of an object, by number. */
  cacheOf(object: number): number {
    return this.cache[this.slabOf(object)] ?? NO_CACHE;
  }

  /** Marks an object free; false where it was free already, which is the mark of a circle or a torn list. */
  free(object: number): boolean {
    const bit = 1 << (object & 31);
    const word = this.#free[object >>> 5] ?? 0;
    this.#free[object >>> 5] = word | bit;
    return (word & bit) === 0;
  }

  isFree(object: number): boolean {
    return (((this.#free[object >>> 5] ?? 0) >>> (object & 31)) & 1) === 1;
  }

  /** How many of `count` objects from `first` on are free. */
  countFree(first: number, count: number): number {
    let free = 0;
    const end = first + count;
    for (let at = first; at < end;) {
      const [bit, left] = [at & 31, end - at];
      const word = (this.#free[at >>> 5] ?? 0) >>> bit;
      free += popcount(left < 32 ? word & (2 ** left - 1) : word);
      at += 32 - bit;
    }
    return free;
  }

  /** All of a slab's objects: nothing can be said of them one by one. */
  setUnknown(slab: number): void {
    const first = this.first[slab] ?? 0;
    for (let i = 0; i < (this.capacity[slab] ?? 0); i++) {
      const object = first + i;
      this.#unknown[object >>> 5] = (this.#unknown[object >>> 5] ?? 0) | (1 << (object & 31));
    }
  }

  isUnknown(object: number): boolean {
    return (((this.#unknown[object >>> 5] ?? 0) >>> (object & 31)) & 1) === 1;
  }
}

/** A slab whose cache is not in the kernel's list. */
export const NO_CACHE = 0xffffffff;
const FIRST_ROOM = 4096;

/** Grows while the memory map is read; slabs come in the order of their frames. */
export class SlabColumns {
  count = 0;
  frame: Uint32Array = new Uint32Array(FIRST_ROOM);
  pages: Uint16Array = new Uint16Array(FIRST_ROOM);
  cache: Uint32Array = new Uint32Array(FIRST_ROOM);
  capacity: Uint16Array = new Uint16Array(FIRST_ROOM);
  start: Uint32Array = new Uint32Array(FIRST_ROOM);
  inUse: Uint16Array = new Uint16Array(FIRST_ROOM);
  /** Where a slab's free list begins: halves of a kernel address, 0 for none. Not kept in the table. */
  freeLow: Uint32Array = new Uint32Array(FIRST_ROOM);
  freeHigh: Uint32Array = new Uint32Array(FIRST_ROOM);

  add(frame: number, cache: number): number {
    if (this.count === this.frame.length) this.#grow();
    this.frame[this.count] = frame;
    this.cache[this.count] = cache;
    this.pages[this.count] = 1;
    return this.count++;
  }

  #grow(): void {
    const room = Math.ceil(this.frame.length * 1.5);
    const wide = (old: Uint32Array): Uint32Array => {
      const grown = new Uint32Array(room);
      grown.set(old);
      return grown;
    };
    const narrow = (old: Uint16Array): Uint16Array => {
      const grown = new Uint16Array(room);
      grown.set(old);
      return grown;
    };
    this.frame = wide(this.frame);
    this.pages = narrow(this.pages);
    this.cache = wide(this.cache);
    this.capacity = narrow(this.capacity);
    this.start = wide(this.start);
    this.inUse = narrow(this.inUse);
    this.freeLow = wide(this.freeLow);
    this.freeHigh = wide(this.freeHigh);
  }
}
