import type { ByteSource } from '../../base/byte-source.ts';
import type { Problem } from '../../base/errors.ts';
import { spellThings } from '../../base/spelling.ts';
import type { PageCodec, PageCodecs } from '../../formats/compression/page-codec.ts';
import { FrameBitmap } from '../../formats/kdump/frame-bitmap.ts';
import type { KdumpHeader } from '../../formats/kdump/header.ts';
import {
  DESCRIPTOR_BYTES,
  PageDescriptors,
  STORED_LZO,
  STORED_RAW,
  STORED_SNAPPY,
  STORED_ZLIB,
  STORED_ZSTD,
} from '../../formats/kdump/page-descriptors.ts';
import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { GapList } from './gap-list.ts';
import { LostFrames } from './lost-frames.ts';
import { PageCache } from './page-cache.ts';
import { PageRun } from './page-run.ts';

/** One file of a dump; a dump that is not split has one, with all frames from `start` to before `end`. */
export interface KdumpPart {
  readonly source: ByteSource;
  readonly header: KdumpHeader;
  readonly start: number;
  readonly end: number;
}

interface OpenPart extends KdumpPart {
  readonly descriptors: PageDescriptors;
  /** Dumped pages before the first of this part, and before the first of the next. */
  readonly rank: number;
  readonly endRank: number;
  /** Offset of the page that all zero pages share, or -1. */
  readonly zeroPage: number;
}

/** Whole pages from which on a read goes by descriptors, past the cache. */
const BATCH_FROM = 4;
/** Descriptors that are looked at to see whether a file is whole. */
const LAST = 256;

/** Memory in dumps of makedumpfile and QEMU; docs/formats/kdump.md. */
export class KdumpMemory implements PhysicalMemory {
  readonly pageSize: number;
  readonly endFrame: number;
  readonly #parts: readonly OpenPart[];
  readonly #memory: FrameBitmap;
  readonly #dumped: FrameBitmap;
  readonly #codecs: PageCodecs;
  readonly #cache: PageCache;
  readonly #zeros: Uint8Array;
  readonly #packed: Uint8Array;
  readonly #run: PageRun;
  readonly #damaged = new LostFrames();
  /** Pages that the bitmap has and no part covers. */
  readonly unclaimed: number;
  /** Whether a file ends before the last of its pages. */
  readonly endsEarly: boolean;
  #counts: PageCounts | undefined;

  /** `parts`: in order of their frames, none over another. */
  constructor(parts: readonly [KdumpPart, ...KdumpPart[]], codecs: PageCodecs) {
    const [{ source, header }] = parts;
    this.pageSize = header.blockSize;
    this.endFrame = header.frames;
    this.#memory = new FrameBitmap(source, header.memoryBitmap, header.frames);
    this.#dumped = new FrameBitmap(source, header.dumpedBitmap, header.frames);
    this.#codecs = codecs;
    this.#cache = new PageCache(this.pageSize);
    this.#zeros = new Uint8Array(this.pageSize);
    this.#packed = new Uint8Array(this.pageSize);
    this.#run = new PageRun(this.pageSize, (packed, flags, page) => this.#unpack(packed, flags, page));
    this.#parts = parts.map((part) => this.#openPart(part));
    const claimed = this.#parts.reduce((sum, { rank, endRank }) => sum + endRank - rank, 0);
    this.unclaimed = this.#dumped.count() - claimed;
    this.endsEarly = this.#parts.some(endsEarly);
  }

  state(frame: number): PageState {
    if (!this.#dumped.has(frame)) return this.#memory.has(frame) ? 'excluded' : 'absent';
    const part = this.#part(frame);
    if (part === undefined || this.#damaged.has(frame)) return 'lost';
    return this.#stateAt(part, this.#dumped.rank(frame));
  }

  page(frame: number): Uint8Array | undefined {
    const cached = this.#cache.get(frame);
    if (cached !== undefined) return cached;
    const part = this.#dumped.has(frame) ? this.#part(frame) : undefined;
    if (part === undefined) return undefined;
    const state = this.#stateAt(part, this.#dumped.rank(frame));
    if (state !== 'present') return state === 'zero' ? this.#zeros : undefined;
    const { offset, size, flags } = part.descriptors;
    const page = this.#cache.place(frame);
    const packed = this.#packed.subarray(0, size);
    if (part.source.read(offset, packed) < size || !this.#unpack(packed, flags, page)) {
      this.#damaged.add(frame);
      return undefined;
    }
    this.#cache.keep(frame);
    return page;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const gaps = new GapList();
    for (let done = 0; done < target.length;) {
      const frame = Math.floor((address + done) / this.pageSize);
      const from = (address + done) % this.pageSize;
      const whole = from === 0 ? Math.floor((target.length - done) / this.pageSize) : 0;
      if (whole >= BATCH_FROM) {
        this.#readPages(frame, target.subarray(done, done + whole * this.pageSize), done, gaps);
        done += whole * this.pageSize;
        continue;
      }
      const length = Math.min(target.length - done, this.pageSize - from);
      const page = this.page(frame);
      if (page === undefined) {
        target.fill(0, done, done + length);
        gaps.add(done, length, this.#gapState(frame));
      } else target.set(length === page.length ? page : page.subarray(from, from + length), done);
      done += length;
    }
    return gaps.sorted();
  }

  counts(): PageCounts {
    this.#counts ??= this.#count();
    const damaged = this.#damaged.count;
    return { ...this.#counts, present: this.#counts.present - damaged, lost: this.#counts.lost + damaged };
  }

  /** What was found damaged so far, by reading. */
  problems(): readonly Problem[] {
    const problem = (what: string, { offset, size }: { offset: number; size: number }): readonly Problem[] => {
      const [{ source } = { source: { name: '' } }] = this.#parts;
      return [{ problem: what, at: { kind: 'bytes', file: source.name, offset, length: size } }];
    };
    const [first] = this.#parts;
    if (first === undefined) return [];
    const { descriptors: offset, memoryBitmap, dumpedBitmap } = first.header;
    const pages = spellThings(this.#damaged.count, 'page');
    const unread = this.#memory.missing + this.#dumped.missing;
    return [
      ...(this.#damaged.count > 0
        ? problem(`${pages} could not be unpacked and count as lost`, {
            offset,
            size: first.endRank * DESCRIPTOR_BYTES,
          })
        : []),
      ...(unread > 0
        ? problem(`${spellThings(unread, 'byte')} of the bitmaps cannot be read; their pages count as absent`, {
            offset: memoryBitmap.offset,
            size: memoryBitmap.size + dumpedBitmap.size,
          })
        : []),
    ];
  }

  #openPart(part: KdumpPart): OpenPart {
    const { source, header } = part;
    const rank = this.#dumped.rank(part.start);
    const endRank = this.#dumped.rank(part.end);
    const zeroPage = findZeroPage(source, header.descriptors + (endRank - rank) * DESCRIPTOR_BYTES, this.pageSize);
    return { ...part, rank, endRank, zeroPage, descriptors: new PageDescriptors(source, header.descriptors) };
  }

  #count(): PageCounts {
    const excluded = Math.max(0, this.#memory.count() - this.#dumped.count());
    const counts = { present: 0, zero: 0, excluded, lost: this.unclaimed };
    for (const part of this.#parts)
      for (let rank = part.rank; rank < part.endRank; rank++) counts[this.#stateAt(part, rank)]++;
    return counts;
  }

  /** Whole pages: descriptors first, then what lies together in the file with one call each. */
  #readPages(first: number, target: Uint8Array, base: number, gaps: GapList): void {
    const { pageSize } = this;
    const lost = (place: number): void => {
      target.fill(0, place, place + pageSize);
      gaps.add(base + place, pageSize, 'lost');
      this.#damaged.add(first + place / pageSize);
    };
    let part: OpenPart | undefined;
    let rank = this.#dumped.rank(first);
    for (let place = 0, frame = first; place < target.length; place += pageSize, frame++) {
      const dumped = this.#dumped.has(frame);
      if (dumped && (part === undefined || frame >= part.end)) {
        if (part) this.#run.fetch(part.source, target, lost);
        part = this.#part(frame);
      }
      const state = dumped && part ? this.#stateAt(part, rank) : this.#gapState(frame);
      if (dumped) rank++;
      if (state === 'present' && part) {
        const { offset, size, flags } = part.descriptors;
        if (this.#run.add(offset, size, flags, place)) continue;
        this.#run.fetch(part.source, target, lost);
        this.#run.add(offset, size, flags, place);
      } else {
        target.fill(0, place, place + pageSize);
        if (state !== 'zero' && state !== 'present') gaps.add(base + place, pageSize, state);
      }
    }
    if (part) this.#run.fetch(part.source, target, lost);
  }

  #gapState(frame: number): Gap['state'] {
    if (this.#dumped.has(frame)) return 'lost';
    return this.#memory.has(frame) ? 'excluded' : 'absent';
  }

  #part(frame: number): OpenPart | undefined {
    return this.#parts.find(({ start, end }) => frame >= start && frame < end);
  }

  /** By rank among all dumped pages; the descriptor stays selected. */
  #stateAt(part: OpenPart, rank: number): 'present' | 'zero' | 'lost' {
    const { descriptors, zeroPage, source } = part;
    if (!descriptors.select(rank - part.rank)) return 'lost';
    const { offset, size, flags } = descriptors;
    // An incomplete dump leaves descriptors of zeros (makedumpfile, DUMP_DH_COMPRESSED_INCOMPLETE).
    if (offset === 0 || size === 0 || size > this.pageSize || offset + size > source.size) return 'lost';
    if (flags === STORED_RAW) {
      if (size !== this.pageSize) return 'lost';
      return offset === zeroPage ? 'zero' : 'present';
    }
    return this.#codec(flags) ? 'present' : 'lost';
  }

  #unpack(packed: Uint8Array, flags: number, page: Uint8Array): boolean {
    if (flags !== STORED_RAW) return this.#codec(flags)?.(packed, page) === page.length;
    page.set(packed);
    return true;
  }

  #codec(flags: number): PageCodec | undefined {
    switch (flags) {
      case STORED_ZLIB:
        return this.#codecs.zlib;
      case STORED_LZO:
        return this.#codecs.lzo;
      case STORED_SNAPPY:
        return this.#codecs.snappy;
      case STORED_ZSTD:
        return this.#codecs.zstd;
      default:
        return undefined;
    }
  }
}

/** The data of pages lies in the order of frames: the last ones tell whether the file is whole. */
function endsEarly({ descriptors, source, rank, endRank }: OpenPart): boolean {
  const count = endRank - rank;
  for (let index = Math.max(0, count - LAST); index < count; index++)
    if (!descriptors.select(index) || descriptors.offset + descriptors.size > source.size) return true;
  return false;
}

/** makedumpfile and QEMU store one page of zeros before all others, and point the descriptors of zero pages at it. */
function findZeroPage(source: ByteSource, offset: number, pageSize: number): number {
  const page = new Uint8Array(pageSize);
  return source.read(offset, page) === pageSize && page.every((byte) => byte === 0) ? offset : -1;
}
