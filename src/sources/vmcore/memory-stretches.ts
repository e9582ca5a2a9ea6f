/** Physical memory [start, end) that lies at an offset of the file; all in bytes. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** -1 where the memory is all zeros and was not stored. */
  readonly offset: number;
}

/** Stretches in columns, in order of their start, none over another: a large host has a million of them. */
export class MemoryStretches {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly offsets: Float64Array;
  #count = 0;
  #last = 0;

  /** `stretches` may overlap; what is stored goes before what is zero, and the earlier before the later. */
  constructor(stretches: Iterable<Stretch>) {
    const starts: number[] = [];
    const ends: number[] = [];
    const offsets: number[] = [];
    for (const { start, end, offset } of stretches) {
      starts.push(start);
      ends.push(end);
      offsets.push(offset);
    }
    const order = Uint32Array.from(starts.keys()).sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b);
    this.starts = new Float64Array(starts.length);
    this.ends = new Float64Array(starts.length);
    this.offsets = new Float64Array(starts.length);
    for (const i of order) this.#append(starts[i] ?? 0, ends[i] ?? 0, offsets[i] ?? 0);
  }

  get count(): number {
    return this.#count;
  }

  /** The first stretch that ends behind an address; `count` where there is none. */
  find(address: number): number {
    const last = this.#last;
    if ((this.ends[last] ?? 0) > address && (last === 0 || (this.ends[last - 1] ?? 0) <= address)) return last;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ends[middle] ?? 0) > address) high = middle;
      else low = middle + 1;
    }
    this.#last = Math.min(low, Math.max(0, this.#count - 1));
    return low;
  }

  #append(start: number, end: number, offset: number): void {
    const before = this.#count - 1;
    const covered = before < 0 ? 0 : (this.ends[before] ?? 0);
    // Bytes win over the claim that there are none to store.
    if (start < covered && offset >= 0 && (this.offsets[before] ?? 0) < 0) this.ends[before] = start;
    const cut = Math.max(0, (before < 0 ? 0 : (this.ends[before] ?? 0)) - start);
    if (start + cut >= end) return;
    const at = this.#count++;
    this.starts[at] = start + cut;
    this.ends[at] = end;
    this.offsets[at] = offset < 0 ? -1 : offset + cut;
  }
}
