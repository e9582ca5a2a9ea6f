import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../src/model/memory/physical-memory.ts';

/** A stretch of physical addresses that the machine has; bytes. */
export interface RamRange {
  readonly start: number;
  readonly size: number;
}

/**
 * Physical memory of which only the pages that were written take room: the rest of RAM is zeros, what lies outside of RAM
 * is absent. Pages can be taken away again, as filters and bad disks do.
 */
export class SparseMemory implements PhysicalMemory {
  readonly pageSize: number;
  readonly endFrame: number;
  readonly #ram: readonly RamRange[];
  readonly #pages = new Map<number, Uint8Array>();
  readonly #taken = new Map<number, Gap['state']>();

  constructor(ram: readonly RamRange[], pageSize = 4096) {
    this.pageSize = pageSize;
    this.#ram = ram;
    this.endFrame = Math.max(...ram.map(({ start, size }) => Math.ceil((start + size) / pageSize)));
  }

  state(frame: number): PageState {
    const taken = this.#taken.get(frame);
    if (taken !== undefined) return taken;
    if (this.#pages.has(frame)) return 'present';
    const at = frame * this.pageSize;
    return this.#ram.some(({ start, size }) => at >= start && at < start + size) ? 'zero' : 'absent';
  }

  page(frame: number): Uint8Array | undefined {
    const state = this.state(frame);
    if (state === 'zero') return new Uint8Array(this.pageSize);
    return state === 'present' ? this.#pages.get(frame) : undefined;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const gaps: Gap[] = [];
    for (let at = 0; at < target.length;) {
      const frame = Math.floor((address + at) / this.pageSize);
      const within = (address + at) % this.pageSize;
      const run = Math.min(target.length - at, this.pageSize - within);
      const page = this.page(frame);
      if (page) target.set(page.subarray(within, within + run), at);
      else {
        target.fill(0, at, at + run);
        addGap(gaps, at, run, this.state(frame));
      }
      at += run;
    }
    return gaps;
  }

  counts(): PageCounts {
    const counts = { present: 0, zero: 0, excluded: 0, lost: 0 };
    for (let frame = 0; frame < this.endFrame; frame++) {
      const state = this.state(frame);
      if (state !== 'absent') counts[state]++;
    }
    return counts;
  }

  /** Frames that hold something, in order; for writers of dumps. */
  written(): readonly number[] {
    return [...this.#pages.keys()].toSorted((a, b) => a - b);
  }

  write(address: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const frame = Math.floor((address + at) / this.pageSize);
      const within = (address + at) % this.pageSize;
      const run = Math.min(bytes.length - at, this.pageSize - within);
      this.#writable(frame).set(bytes.subarray(at, at + run), within);
      at += run;
    }
  }

  /** Little-endian, 1 to 8 bytes. */
  poke(address: number, size: number, value: bigint | number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true);
    this.write(address, bytes.subarray(0, size));
  }

  /** Takes pages out of the dump; `address` and `length` in bytes. */
  take(address: number, length: number, state: Gap['state'] = 'excluded'): void {
    for (let at = Math.floor(address / this.pageSize); at * this.pageSize < address + length; at++)
      this.#taken.set(at, state);
  }

  #writable(frame: number): Uint8Array {
    const known = this.#pages.get(frame);
    if (known) return known;
    if (this.state(frame) === 'absent') throw new Error(`the machine has no frame ${frame}`);
    const page = new Uint8Array(this.pageSize);
    this.#pages.set(frame, page);
    return page;
  }
}

function addGap(gaps: Gap[], offset: number, length: number, state: PageState): void {
  if (state === 'present' || state === 'zero') return;
  const before = gaps.at(-1);
  if (before?.state === state && before.offset + before.length === offset)
    gaps[gaps.length - 1] = { ...before, length: before.length + length };
  else gaps.push({ offset, length, state });
}
