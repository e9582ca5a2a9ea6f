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

  /** Of columns that were filled, or of another thread's arrays, which are shared and not copied. */
  constructor(columns: SlabColumns | SlabArrays) {
    const { count } = columns;
    this.count = count;
    this.frame = columns.frame.subarray(0, count);
    this.pages = columns.pages.subarray(0, count);
    this.cache = columns.cache.subarray(0, count);
    this.capacity = columns.capacity.subarray(0, count);
    this.start = columns.start.subarray(0, count);
    this.inUse = columns.inUse.subarray(0, count);
    this.first = 'first' in columns ? columns.first : firstObjects(this.capacity);
    this.objects = (this.first[count - 1] ?? 0) + (this.capacity[count - 1] ?? 0);
    this.#free = 'free' in columns ? columns.free : wide(Math.ceil(this.objects / 32));
    this.#unknown = 'unknown' in columns ? columns.unknown : wide(Math.ceil(this.objects / 32));
  }

  /** What another thread makes the same table of. */
  get arrays(): SlabArrays {
    const { count, frame, pages, cache, capacity, first, start, inUse } = this;
    return { count, frame, pages, cache, capacity, first, start, inUse, free: this.#free, unknown: this.#unknown };
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

/** All that a table is, in memory that threads share. */
export interface SlabArrays extends Pick<
  SlabTable,
  'count' | 'frame' | 'pages' | 'cache' | 'capacity' | 'first' | 'start' | 'inUse'
> {
  /** A bit an object. */
  readonly free: Uint32Array;
  readonly unknown: Uint32Array;
}

function firstObjects(capacity: Uint16Array): Uint32Array {
  const first = wide(capacity.length);
  let objects = 0;
  for (let s = 0; s < capacity.length; s++) {
    first[s] = objects;
    objects += capacity[s] ?? 0;
  }
  return first;
}

/** Columns lie in memory that threads share. */
const wide = (length: number): Uint32Array => new Uint32Array(new SharedArrayBuffer(length * 4));
const narrow = (length: number): Uint16Array => new Uint16Array(new SharedArrayBuffer(length * 2));

/** A slab whose cache is not in the kernel's list. */
export const NO_CACHE = 0xffffffff;
const FIRST_ROOM = 4096;

/** Grows while the memory map is read; slabs come in the order of their frames. */
export class SlabColumns {
  count = 0;
  frame: Uint32Array = wide(FIRST_ROOM);
  pages: Uint16Array = narrow(FIRST_ROOM);
  cache: Uint32Array = wide(FIRST_ROOM);
  capacity: Uint16Array = narrow(FIRST_ROOM);
  start: Uint32Array = wide(FIRST_ROOM);
  inUse: Uint16Array = narrow(FIRST_ROOM);
  /** Where a slab's free list begins: halves of a kernel address, 0 for none. Not kept in the table. */
  freeLow: Uint32Array = wide(FIRST_ROOM);
  freeHigh: Uint32Array = wide(FIRST_ROOM);

  add(frame: number, cache: number): number {
    if (this.count === this.frame.length) this.#grow();
    this.frame[this.count] = frame;
    this.cache[this.count] = cache;
    this.pages[this.count] = 1;
    return this.count++;
  }

  #grow(): void {
    const room = Math.ceil(this.frame.length * 1.5);
    const grow = <A extends Uint32Array | Uint16Array>(old: A, grown: A): A => {
      grown.set(old);
      return grown;
    };
    this.frame = grow(this.frame, wide(room));
    this.pages = grow(this.pages, narrow(room));
    this.cache = grow(this.cache, wide(room));
    this.capacity = grow(this.capacity, narrow(room));
    this.start = grow(this.start, wide(room));
    this.inUse = grow(this.inUse, narrow(room));
    this.freeLow = grow(this.freeLow, wide(room));
    this.freeHigh = grow(this.freeHigh, wide(room));
  }
}
