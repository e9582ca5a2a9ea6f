import type { ByteSource } from '../../base/byte-source.ts';
import type { PageCodec, PageCodecs } from '../../formats/compression/page-codec.ts';
import { FrameBitmap } from '../../formats/kdump/frame-bitmap.ts';
import type { KdumpHeader } from '../../formats/kdump/header.ts';
import type { Gap, PageCounts, PageState, PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { GapList } from './gap-list.ts';
import { PageCache } from './page-cache.ts';

/** One file of a dump; a dump that is not split has one, with all frames. */
export interface KdumpPart {
  readonly source: ByteSource;
  readonly header: KdumpHeader;
  readonly start: number;
  readonly end: number;
}

/** struct page_desc, as six words: offset (2), size, flags, page_flags (2, always 0). */
const DESCRIPTOR_WORDS = 6;
const DESCRIPTOR_BYTES = DESCRIPTOR_WORDS * 4;
/** Pages whose descriptors are read at once. */
const BATCH = 256;
const STAGING_BYTES = 1024 * 1024;

const ZLIB = 0x1;
const LZO = 0x2;
const SNAPPY = 0x4;
const ZSTD = 0x20;
const COMPRESSED = ZLIB | LZO | SNAPPY | ZSTD;

interface OpenPart extends KdumpPart {
  /** Dumped pages before the first of this part. */
  readonly rank: number;
  /** Offset of the page that all zero pages share, or -1. */
  readonly zeroPage: number;
}

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
  readonly #staging: Uint8Array = new Uint8Array(STAGING_BYTES);
  readonly #descriptor: Uint32Array = new Uint32Array(DESCRIPTOR_WORDS);
  readonly #batch: Uint32Array = new Uint32Array(DESCRIPTOR_WORDS * BATCH);
  #counts: PageCounts | undefined;

  /** `parts`: in order of their frames. */
  constructor(parts: readonly [KdumpPart, ...KdumpPart[]], codecs: PageCodecs) {
    const [{ source, header }] = parts;
    this.pageSize = header.blockSize;
    this.endFrame = header.frames;
    this.#memory = new FrameBitmap(source, header.memoryBitmap, header.frames);
    this.#dumped = new FrameBitmap(source, header.dumpedBitmap, header.frames);
    this.#codecs = codecs;
    this.#cache = new PageCache(this.pageSize);
    this.#zeros = new Uint8Array(this.pageSize);
    this.#parts = parts.map((part) => {
      const rank = this.#dumped.rank(part.start);
      return { ...part, rank, zeroPage: this.#findZeroPage(part, this.#dumped.rank(part.end) - rank) };
    });
  }

  state(frame: number): PageState {
    if (!this.#dumped.has(frame)) return this.#memory.has(frame) ? 'excluded' : 'absent';
    const part = this.#part(frame);
    if (part === undefined || !this.#describe(part, frame)) return 'lost';
    return this.#stateOf(part, this.#descriptor, 0);
  }

  page(frame: number): Uint8Array | undefined {
    const cached = this.#cache.get(frame);
    if (cached !== undefined) return cached;
    if (!this.#dumped.has(frame)) return undefined;
    const part = this.#part(frame);
    if (part === undefined || !this.#describe(part, frame)) return undefined;
    const state = this.#stateOf(part, this.#descriptor, 0);
    if (state === 'zero') return this.#zeros;
    if (state !== 'present') return undefined;
    const page = this.#cache.place(frame);
    const packed = this.#staging.subarray(0, this.#descriptor[2] ?? 0);
    if (!fill(part.source, offsetOf(this.#descriptor, 0), packed)) return undefined;
    if (!this.#unpack(packed, this.#descriptor[3] ?? 0, page)) return undefined;
    this.#cache.keep(frame);
    return page;
  }

  read(address: number, target: Uint8Array): readonly Gap[] {
    const gaps = new GapList();
    for (let done = 0; done < target.length;) {
      const frame = Math.floor((address + done) / this.pageSize);
      const from = (address + done) % this.pageSize;
      const length = Math.min(target.length - done, this.pageSize - from);
      const page = this.page(frame);
      if (page !== undefined) target.set(page.subarray(from, from + length), done);
      else {
        const state = this.state(frame);
        target.fill(0, done, done + length);
        gaps.add(done, length, state === 'present' || state === 'zero' ? 'lost' : state);
      }
      done += length;
    }
    return gaps.gaps;
  }

  counts(): PageCounts {
    this.#counts ??= this.#count();
    return this.#counts;
  }

  #count(): PageCounts {
    const counts = { present: 0, zero: 0, excluded: 0, lost: 0 };
    const dumped = this.#dumped.count();
    counts.excluded = Math.max(0, this.#memory.count() - dumped);
    let seen = 0;
    for (const part of this.#parts) {
      const count = this.#dumped.rank(part.end) - part.rank;
      for (let at = 0; at < count; at += BATCH) {
        const length = Math.min(BATCH, count - at);
        const got = this.#readBatch(part, at, length);
        for (let i = 0; i < got; i++) counts[this.#stateOf(part, this.#batch, i)]++;
        counts.lost += length - got;
      }
      seen += count;
    }
    counts.lost += dumped - seen;
    return counts;
  }

  #part(frame: number): OpenPart | undefined {
    return this.#parts.find(({ start, end }) => frame >= start && frame < end);
  }

  /** Puts the descriptor of a dumped frame into `#descriptor`; false where the file ends before it. */
  #describe(part: OpenPart, frame: number): boolean {
    const index = this.#dumped.rank(frame) - part.rank;
    return fill(part.source, part.header.descriptors + index * DESCRIPTOR_BYTES, bytesOf(this.#descriptor));
  }

  /** Reads descriptors from an index of the part on; returns how many there were. */
  #readBatch(part: OpenPart, index: number, count: number): number {
    const bytes = bytesOf(this.#batch).subarray(0, count * DESCRIPTOR_BYTES);
    const offset = part.header.descriptors + index * DESCRIPTOR_BYTES;
    return Math.floor(part.source.read(offset, bytes) / DESCRIPTOR_BYTES);
  }

  #stateOf(part: OpenPart, descriptors: Uint32Array, index: number): 'present' | 'zero' | 'lost' {
    const offset = offsetOf(descriptors, index);
    const size = descriptors[index * DESCRIPTOR_WORDS + 2] ?? 0;
    if (offset === 0 || size === 0 || size > this.pageSize || offset + size > part.source.size) return 'lost';
    return offset === part.zeroPage ? 'zero' : 'present';
  }

  #unpack(packed: Uint8Array, flags: number, page: Uint8Array): boolean {
    if ((flags & COMPRESSED) === 0) {
      if (packed.length !== page.length) return false;
      page.set(packed);
      return true;
    }
    return this.#codec(flags)(packed, page) === page.length;
  }

  #codec(flags: number): PageCodec {
    if ((flags & ZLIB) !== 0) return this.#codecs.zlib;
    if ((flags & LZO) !== 0) return this.#codecs.lzo;
    return (flags & SNAPPY) !== 0 ? this.#codecs.snappy : this.#codecs.zstd;
  }

  /** makedumpfile and QEMU store one page of zeros first, and point all zero pages at it. */
  #findZeroPage({ source, header }: KdumpPart, pages: number): number {
    const offset = header.descriptors + pages * DESCRIPTOR_BYTES;
    const first = this.#staging.subarray(0, this.pageSize);
    return fill(source, offset, first) && first.every((byte) => byte === 0) ? offset : -1;
  }
}

const bytesOf = (words: Uint32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

function offsetOf(descriptors: Uint32Array, index: number): number {
  const at = index * DESCRIPTOR_WORDS;
  return (descriptors[at] ?? 0) + (descriptors[at + 1] ?? 0) * 2 ** 32;
}

const fill = (source: ByteSource, offset: number, target: Uint8Array): boolean =>
  source.read(offset, target) === target.length;
