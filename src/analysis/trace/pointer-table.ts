/** What is remembered of one pointer. */
export interface Tracked {
  /** The group that allocated it. */
  readonly group: number;
  /** Milliseconds since the trace began. */
  readonly since: number;
}

const FIRST = 2 ** 10;
const HALF = 2 ** 32;

/**
 * Pointers that are allocated, by their address: open addressing over typed arrays, 16 bytes a slot, so that a million of them
 * takes 32 MB and no garbage. Freed slots are closed by moving what stands behind them.
 */
export class PointerTable {
  readonly #most: number;
  #low = new Uint32Array(FIRST);
  /** Upper bits; 0 is a free slot: no object of the kernel lies there. */
  #high = new Uint32Array(FIRST);
  #group = new Uint32Array(FIRST);
  #since = new Uint32Array(FIRST);
  #size = 0;

  /** At most `most` pointers are held. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /** True where there is no room for another one. */
  get isFull(): boolean {
    return this.#size >= this.#most;
  }

  /** Adds a pointer, which must not be there. */
  add(pointer: number, group: number, since: number): void {
    if (this.#size * 2 >= this.#low.length) this.#grow();
    const slot = this.#find(pointer);
    this.#low[slot] = pointer % HALF;
    this.#high[slot] = Math.floor(pointer / HALF);
    this.#group[slot] = group;
    this.#since[slot] = since;
    this.#size++;
  }

  /** Takes a pointer out; undefined where it is not there. */
  take(pointer: number): Tracked | undefined {
    const slot = this.#find(pointer);
    if (this.#high[slot] === 0) return undefined;
    const tracked = { group: this.#group[slot] ?? 0, since: this.#since[slot] ?? 0 };
    this.#close(slot);
    this.#size--;
    return tracked;
  }

  *values(): Generator<Tracked & { readonly pointer: number }> {
    for (let slot = 0; slot < this.#low.length; slot++) {
      const high = this.#high[slot] ?? 0;
      if (high === 0) continue;
      const pointer = high * HALF + (this.#low[slot] ?? 0);
      yield { pointer, group: this.#group[slot] ?? 0, since: this.#since[slot] ?? 0 };
    }
  }

  /** Where the pointer is, or would be. */
  #find(pointer: number): number {
    const [low, high] = [pointer % HALF, Math.floor(pointer / HALF)];
    const mask = this.#low.length - 1;
    let slot = homeOf(low, high) & mask;
    while ((this.#high[slot] ?? 0) !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  /** Moves later slots into the gap, as long as that brings them no further than their home. */
  #close(gap: number): void {
    const mask = this.#low.length - 1;
    let hole = gap;
    for (let slot = (hole + 1) & mask; (this.#high[slot] ?? 0) !== 0; slot = (slot + 1) & mask) {
      const home = homeOf(this.#low[slot] ?? 0, this.#high[slot] ?? 0) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      for (const column of [this.#low, this.#high, this.#group, this.#since]) column[hole] = column[slot] ?? 0;
      hole = slot;
    }
    this.#high[hole] = 0;
  }

  #grow(): void {
    const old = [...this.values()];
    const slots = this.#low.length * 2;
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#group = new Uint32Array(slots);
    this.#since = new Uint32Array(slots);
    this.#size = 0;
    for (const { pointer, group, since } of old) this.add(pointer, group, since);
  }
}

/** Objects are aligned: their low bits say nothing. */
const homeOf = (low: number, high: number): number => {
  const mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
};
