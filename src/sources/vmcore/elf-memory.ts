import type { ByteSource } from '../../base/byte-source.ts';
import { PT_LOAD, type ProgramHeader } from '../../formats/elf/program-headers.ts';
import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { GapList } from './gap-list.ts';
import { LostFrames } from './lost-frames.ts';
import { MemoryStretches, type Stretch } from './memory-stretches.ts';
import { PageCache } from './page-cache.ts';

const PAGE = 4096;
const MOST_ADDRESS = 2 ** 52;
/** A run of pages that were not stored is no longer than this; a damaged size is. */
const MOST_ZEROS = 2 ** 44;

/** Memory in an ELF core; docs/formats/elf-core.md. */
export class ElfMemory implements PhysicalMemory {
  readonly pageSize: number = PAGE;
  readonly endFrame: number;
  readonly #source: ByteSource;
  readonly #stretches: MemoryStretches;
  readonly #cache = new PageCache(PAGE);
  readonly #zeros: Uint8Array = new Uint8Array(PAGE);
  readonly #lost = new LostFrames();
  #counts: PageCounts | undefined;

  /** `source`: the file from `base` on, which is what the headers' offsets are counted from less. */
  constructor(source: ByteSource, headers: Iterable<ProgramHeader>, base = 0n) {
    this.#source = source;
    this.#stretches = new MemoryStretches(stretchesOf(headers, base));
    const { count, ends } = this.#stretches;
    this.endFrame = count === 0 ? 0 : Math.ceil((ends[count - 1] ?? 0) / PAGE);
  }

  state(frame: number): PageState {
    const { count, starts, ends, offsets } = this.#stretches;
    const end = (frame + 1) * PAGE;
    if (this.#lost.has(frame)) return 'lost';
    let state: PageState = 'zero';
    for (let at = frame * PAGE, i = this.#stretches.find(at); at < end; i++) {
      // A page that is there in part is none: the kernel manages whole ones.
      if (i >= count || (starts[i] ?? 0) > at) return 'absent';
      at = ends[i] ?? 0;
      const offset = offsets[i] ?? 0;
      if (offset < 0) continue;
      if (offset + Math.min(at, end) - (starts[i] ?? 0) > this.#source.size) return 'lost';
      state = 'present';
    }
    return state;
  }

  page(frame: number): Uint8Array | undefined {
    const cached = this.#cache.get(frame);
    if (cached !== undefined) return cached;
    const state = this.state(frame);
    if (state !== 'present') return state === 'zero' ? this.#zeros : undefined;
    const page = this.#cache.place(frame);
    if (this.#readAll(frame * PAGE, page).length > 0) return undefined;
    this.#cache.keep(frame);
    return page;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const frame = Math.floor(address / PAGE);
    if (address + target.length <= (frame + 1) * PAGE) {
      const page = this.page(frame);
      if (page !== undefined) {
        target.set(page.subarray(address % PAGE, (address % PAGE) + target.length));
        return [];
      }
    }
    return this.#readAll(address, target);
  }

  counts(): PageCounts {
    this.#counts ??= this.#count();
    const lost = this.#lost.count;
    return { ...this.#counts, present: this.#counts.present - lost, lost: this.#counts.lost + lost };
  }

  #readAll(address: number, target: Uint8Array): readonly Gap[] {
    const gaps = new GapList();
    for (let done = 0; done < target.length;) done += this.#fill(address + done, target.subarray(done), done, gaps);
    return gaps.sorted();
  }

  /** As many bytes as one stretch, or the hole before it, has; returns how many that is. */
  #fill(address: number, target: Uint8Array, base: number, gaps: GapList): number {
    const { count, starts, ends, offsets } = this.#stretches;
    const i = this.#stretches.find(address);
    const start = i < count ? (starts[i] ?? 0) : Infinity;
    if (start > address) {
      const hole = Math.min(start - address, target.length);
      target.fill(0, 0, hole);
      gaps.add(base, hole, 'absent');
      return hole;
    }
    const part = target.subarray(0, (ends[i] ?? 0) - address);
    const offset = offsets[i] ?? 0;
    const got = offset < 0 ? 0 : this.#source.read(offset + (address - start), part);
    part.fill(0, got);
    if (offset >= 0 && got < part.length) this.#retry(address, offset - start, part, got, base, gaps);
    return part.length;
  }

  /** Behind what cannot be read there may be more: it is tried page by page. `shift`: from an address to its offset. */
  #retry(address: number, shift: number, part: Uint8Array, from: number, base: number, gaps: GapList): void {
    const start = Math.max(0, from - ((address + from) % PAGE));
    for (let at = start; at < part.length;) {
      const length = Math.min(part.length - at, PAGE - ((address + at) % PAGE));
      const page = part.subarray(at, at + length);
      const offset = address + at + shift;
      const inFile = offset + length <= this.#source.size;
      if (!inFile || this.#source.read(offset, page) < length) {
        page.fill(0);
        gaps.add(base + at, length, 'lost');
        // What the file is too short for is known without reading.
        if (inFile) this.#lost.add(Math.floor((address + at) / PAGE));
      }
      at += length;
    }
  }

  #count(): PageCounts {
    const { count, starts, ends, offsets } = this.#stretches;
    const counts = { present: 0, zero: 0, excluded: 0, lost: 0 };
    for (let i = 0; i < count; i++) {
      const first = Math.ceil((starts[i] ?? 0) / PAGE);
      const pages = Math.max(0, Math.floor((ends[i] ?? 0) / PAGE) - first);
      const offset = offsets[i] ?? 0;
      const held = Math.max(0, Math.floor((this.#source.size - offset) / PAGE));
      if (offset < 0) counts.zero += pages;
      else {
        counts.present += Math.min(pages, held);
        counts.lost += Math.max(0, pages - held);
      }
    }
    return counts;
  }
}

/** Whether a header places memory: it does not where QEMU has an offset of -1, or /proc/kcore an address of -1. */
export const placesMemory = ({ type, offset, physical, fileSize, memorySize }: ProgramHeader): boolean =>
  type === PT_LOAD && offset < 1n << 63n && Number(physical) + Math.max(fileSize, memorySize) <= MOST_ADDRESS;

/** What the headers store, and what they only claim to be zeros (makedumpfile -E). */
function* stretchesOf(headers: Iterable<ProgramHeader>, base: bigint): Generator<Stretch> {
  for (const header of headers) {
    if (!placesMemory(header)) continue;
    const start = Number(header.physical);
    const stored = start + header.fileSize;
    if (header.fileSize > 0) yield { start, end: stored, offset: Number(header.offset - base) };
    const zeros = header.memorySize - header.fileSize;
    if (zeros > 0 && zeros <= MOST_ZEROS) yield { start: stored, end: start + header.memorySize, offset: -1 };
  }
}
