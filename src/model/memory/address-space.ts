import type { KernelMemory } from './kernel-memory.ts';
import { MemoryFault, type FaultCause } from './memory-fault.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Translation } from './translation.ts';

/** A stretch that is mapped as one: the image, the direct map. Sizes in bytes. */
export interface LinearMap {
  readonly virtual: bigint;
  readonly physical: number;
  readonly size: bigint;
}

/** Pages whose translation is remembered; the rest is asked of the tables again. */
const MOST_REMEMBERED = 65_536;
const LONGEST_TEXT = 4096;
const decoder = new TextDecoder();
/** A single read beyond this is the mark of a damaged length. */
export const LONGEST_READ: number = 2 ** 28;

/** The kernel's view of a dump: what is mapped as one stretch by arithmetic, everything else by its page tables. */
export class AddressSpace implements KernelMemory {
  readonly physical: PhysicalMemory;
  readonly pageSize: number;
  readonly tables: Translation;
  readonly linear: readonly LinearMap[];
  readonly #remembered = new Map<bigint, number | undefined>();
  readonly #pageMask: bigint;
  readonly #frameBytes: number;

  constructor(physical: PhysicalMemory, pageSize: number, tables: Translation, linear: readonly LinearMap[]) {
    this.physical = physical;
    this.pageSize = pageSize;
    this.tables = tables;
    this.linear = linear;
    this.#pageMask = BigInt(pageSize - 1);
    this.#frameBytes = physical.pageSize;
  }

  translate(address: bigint): number | undefined {
    for (const map of this.linear) {
      const from = address - map.virtual;
      if (from >= 0n && from < map.size) return map.physical + Number(from);
    }
    const page = address & ~this.#pageMask;
    let physical = this.#remembered.get(page);
    if (physical === undefined && !this.#remembered.has(page)) {
      physical = this.tables.translate(page);
      if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(page, physical);
    }
    return physical === undefined ? undefined : physical + Number(address & this.#pageMask);
  }

  read(address: bigint, length: number): Uint8Array {
    if (length > LONGEST_READ) throw new RangeError(`a read of ${length} bytes`);
    const target = new Uint8Array(length);
    this.readInto(address, target);
    return target;
  }

  /** Fills all of `target`, in runs that lie next to each other in physical memory too. Throws MemoryFault. */
  readInto(address: bigint, target: Uint8Array): void {
    let at = 0;
    while (at < target.length) {
      const start = BigInt.asUintN(64, address + BigInt(at));
      const physical = this.#translated(start);
      const first = Math.min(target.length - at, this.pageSize - Number(start & this.#pageMask));
      const run = this.#runLength(start, physical, first, target.length - at);
      const [gap] = this.physical.read(physical, target.subarray(at, at + run));
      if (gap) throw new MemoryFault(start + BigInt(gap.offset), gap.state);
      at += run;
    }
  }

  /** Fills what there is and leaves zeros elsewhere; returns the stretches that have no bytes, in order. */
  readAvailable(address: bigint, target: Uint8Array): readonly { readonly offset: number; readonly length: number }[] {
    const missing: { offset: number; length: number }[] = [];
    const miss = (offset: number, length: number): void => {
      const before = missing.at(-1);
      if (before && before.offset + before.length === offset) before.length += length;
      else missing.push({ offset, length });
    };
    for (let at = 0; at < target.length;) {
      const start = BigInt.asUintN(64, address + BigInt(at));
      const physical = this.translate(start);
      let run = Math.min(target.length - at, this.pageSize - Number(start & this.#pageMask));
      if (physical === undefined) {
        target.fill(0, at, at + run);
        miss(at, run);
      } else {
        run = this.#runLength(start, physical, run, target.length - at);
        for (const gap of this.physical.read(physical, target.subarray(at, at + run)))
          miss(at + gap.offset, gap.length);
      }
      at += run;
    }
    return missing;
  }

  tryRead(address: bigint, length: number): Uint8Array | undefined {
    try {
      return this.read(address, length);
    } catch (cause) {
      if (cause instanceof MemoryFault) return undefined;
      throw cause;
    }
  }

  u8(address: bigint): number {
    return this.#small(address, 1);
  }

  u16(address: bigint): number {
    return this.#small(address, 2);
  }

  u32(address: bigint): number {
    return this.#small(address, 4);
  }

  i32(address: bigint): number {
    return this.#small(address, 4) | 0;
  }

  u64(address: bigint): bigint {
    const low = this.#small(address, 4);
    return (BigInt(this.#small(address + 4n, 4)) << 32n) | BigInt(low);
  }

  string(address: bigint, most: number = LONGEST_TEXT): string {
    const parts: number[] = [];
    for (let done = 0; done < most;) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const physical = this.#translated(at);
      const frame = Math.floor(physical / this.#frameBytes);
      const page = this.physical.page(frame);
      if (!page) throw new MemoryFault(at, this.#cause(frame));
      const from = physical % this.#frameBytes;
      // To the end of the page, and of the container's frame where those are smaller.
      const left = Math.min(this.pageSize - Number(at & this.#pageMask), this.#frameBytes - from, most - done);
      const run = page.subarray(from, from + left);
      const end = run.indexOf(0);
      parts.push(...run.subarray(0, end < 0 ? left : end));
      if (end >= 0) break;
      done += left;
    }
    return decoder.decode(Uint8Array.from(parts));
  }

  /** How far physical memory runs along with the kernel's addresses, from a first stretch up to `most` bytes. */
  #runLength(start: bigint, physical: number, first: number, most: number): number {
    for (const map of this.linear) {
      const from = start - map.virtual;
      if (from >= 0n && from < map.size) return Math.min(most, Number(map.size - from));
    }
    let run = first;
    while (run < most && this.translate(start + BigInt(run)) === physical + run) run += this.pageSize;
    return Math.min(most, run);
  }

  /** Little-endian, up to four bytes, read out of the page in place. */
  #small(address: bigint, length: 1 | 2 | 4): number {
    const physical = this.#translated(BigInt.asUintN(64, address));
    const frame = Math.floor(physical / this.#frameBytes);
    const offset = physical % this.#frameBytes;
    const page = this.physical.page(frame);
    if (!page) throw new MemoryFault(address, this.#cause(frame));
    if (offset + length > this.#frameBytes) return this.#across(address, length);
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + (page[offset + i] ?? 0);
    return value;
  }

  #across(address: bigint, length: number): number {
    return this.read(address, length).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  #translated(address: bigint): number {
    const physical = this.translate(address);
    if (physical === undefined) throw new MemoryFault(address, 'unmapped');
    return physical;
  }

  #cause(frame: number): FaultCause {
    const state = this.physical.state(frame);
    return state === 'present' || state === 'zero' ? 'lost' : state;
  }
}
