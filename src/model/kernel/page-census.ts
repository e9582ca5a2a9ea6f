import { Bits } from '../../base/bits.ts';
import { NO_CACHE, SlabColumns } from '../heap/slab-table.ts';
import { classifier, type ClassifyPage } from './classify-page.ts';
import type { MapChunk, MemoryMap } from './memory-map.ts';
import { kindByte, PAGE_KINDS, type PageKind } from './page-kinds.ts';
import type { PageLayout } from './page-layout.ts';
import type { SlabField, SlabLayout } from './slab-layout.ts';

/** What every page frame is used for, and the slabs among them. */
export interface PageCensus {
  /** One byte a frame, see PAGE_KINDS; later walks refine what the struct page alone does not say. */
  readonly kinds: Uint8Array;
  /** Frames that continue the block of the frame before: later pages of a compound page. */
  readonly tails: Bits;
  readonly columns: SlabColumns;
  /** Slab pages whose cache pointer names none of the caches given. */
  readonly strangeSlabs: number;
}

/** What is needed to read slabs in passing. */
export interface SlabReading {
  readonly layout: SlabLayout;
  /** Addresses of the caches; their place is their number in the columns. */
  readonly caches: readonly bigint[];
  /** Objects per slab of each cache, for SLAB, whose slabs do not say. */
  readonly objectsPerSlab: readonly number[];
  /** Bytes before the first object of each cache's slabs, for SLUB. */
  readonly starts: readonly number[];
  /** Of the direct map: what is taken off a kernel address to have a physical one. */
  readonly directMap: bigint;
  readonly pageSize: number;
}

const ABSENT = kindByte('absent');
const NOT_DESCRIBED = kindByte('not-described');
const FREE = kindByte('free');
const SLAB = kindByte('slab');
const HUGETLB = kindByte('hugetlb');
const UNACCEPTED = kindByte('unaccepted');
const COMPOUND = kindByte('compound');
/** 2^MOST_HUGE pages of 4 KiB are 16 GiB, the largest huge page of any machine. */
const MOST_HUGE = 22;

/** One pass over the memory map, in the order of frames. Nothing of it is kept but a byte a frame and the slabs' columns. */
export function takeCensus(map: MemoryMap, layout: PageLayout, slabs: SlabReading | undefined): PageCensus {
  const census = new CensusTaker(map.endFrame, layout, slabs);
  for (const chunk of map.chunks()) census.add(chunk);
  return census.finish();
}

class CensusTaker {
  readonly #kinds: Uint8Array;
  readonly #tails: Bits;
  readonly #columns = new SlabColumns();
  readonly #reader: SlabReader | undefined;
  readonly #layout: PageLayout;
  readonly #classify: ClassifyPage;
  /** Frames before this one belong to a block that was dealt with as a whole. */
  #skipTo = 0;
  /** What a tail page at `#nextFrame` belongs to. */
  #headKind = ABSENT;
  #headSlab = -1;
  #nextFrame = -1;

  constructor(endFrame: number, layout: PageLayout, slabs: SlabReading | undefined) {
    this.#kinds = new Uint8Array(endFrame);
    this.#tails = new Bits(endFrame);
    this.#layout = layout;
    this.#classify = classifier(layout);
    this.#reader = slabs && new SlabReader(this.#columns, slabs);
  }

  add({ firstFrame, frames, bytes, missing }: MapChunk): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < frames; i++) {
      const frame = firstFrame + i;
      if (frame < this.#skipTo) continue;
      const at = i * this.#layout.size;
      const tail = this.#isTail(view, at);
      if (tail && frame === this.#nextFrame) this.#addTail(frame);
      else this.#addHead(view, at, frame, tail ? COMPOUND : this.#classify(view, at));
    }
    for (const { from, frames: count } of missing)
      this.#kinds.fill(NOT_DESCRIBED, firstFrame + from, firstFrame + from + count);
  }

  finish(): PageCensus {
    return {
      kinds: this.#kinds,
      tails: this.#tails,
      columns: this.#columns,
      strangeSlabs: this.#reader?.strange ?? 0,
    };
  }

  #isTail(view: DataView, at: number): boolean {
    const { compoundHead, flags, bits } = this.#layout;
    if (compoundHead !== undefined) return (view.getUint8(at + compoundHead) & 1) === 1;
    return (view.getUint32(at + flags, true) & bits.tail) !== 0;
  }

  /** Whether the last struct page of a block, or the last that was read, is a tail. */
  #endsWithTail(view: DataView, at: number, order: number): boolean {
    const { size } = this.#layout;
    const rest = Math.floor((view.byteLength - at) / size);
    return this.#isTail(view, at + (Math.min(2 ** order, rest) - 1) * size);
  }

  #addTail(frame: number): void {
    this.#kinds[frame] = this.#headKind;
    this.#tails.add(frame);
    this.#nextFrame++;
    const slab = this.#headSlab;
    if (slab >= 0) this.#columns.pages[slab] = Math.min(MOST_IN_COLUMN, (this.#columns.pages[slab] ?? 0) + 1);
  }

  #addHead(view: DataView, at: number, frame: number, kind: number): void {
    this.#kinds[frame] = kind;
    const order = blockOrder(this.#layout, view, at, kind);
    // A block lies on its own boundary, and a huge page ends with a tail; an order that does not fit is damage.
    const fits = order > 0 && frame % 2 ** order === 0 && (kind !== HUGETLB || this.#endsWithTail(view, at, order));
    if (fits) {
      this.#skipTo = frame + 2 ** order;
      this.#kinds.fill(kind, frame, Math.min(this.#skipTo, this.#kinds.length));
      // Tails behind it belong to it too: its order was torn.
      [this.#headKind, this.#headSlab, this.#nextFrame] = [kind, -1, kind === HUGETLB ? this.#skipTo : -1];
      return;
    }
    this.#headSlab = kind === SLAB && this.#reader ? this.#reader.read(view, at, frame) : -1;
    this.#headKind = kind;
    this.#nextFrame = frame + 1;
  }
}

/**
 * Of blocks that are dealt with as a whole: free ones, whose order stands in `private`; huge pages, whose order stands in
 * their second struct page, since later ones may be copies of the first (5.18, commit e7d324850bfc); unaccepted memory,
 * always of the largest order. 0 for others, and where the order makes no sense.
 */
function blockOrder(layout: PageLayout, view: DataView, at: number, kind: number): number {
  if (kind === UNACCEPTED) return layout.mostOrder;
  if (kind === FREE) {
    const order = view.getUint32(at + layout.private, true);
    return order <= layout.mostOrder ? order : 0;
  }
  if (kind !== HUGETLB) return 0;
  const second = at + layout.size;
  if (!layout.order || second + layout.order.offset >= view.byteLength) return 0;
  const order = view.getUint8(second + layout.order.offset);
  return order <= MOST_HUGE ? order : 0;
}

/** A count beyond is damage, and must not come round to a small one. */
const MOST_IN_COLUMN = 0xffff;

/** As many low bits of an address as a number holds exactly; the upper ones are the same for all of the heap. */
const KEY_BITS = 52;
const KEY_HIGH = 2 ** (KEY_BITS - 32) - 1;

/** Adds the slabs it is shown to the columns. */
class SlabReader {
  strange = 0;
  readonly #columns: SlabColumns;
  readonly #reading: SlabReading;
  readonly #numbers: ReadonlyMap<number, number>;
  #lastLow = -1;
  #lastHigh = -1;
  #last = NO_CACHE;

  constructor(columns: SlabColumns, reading: SlabReading) {
    this.#columns = columns;
    this.#reading = reading;
    this.#numbers = new Map(reading.caches.map((address, i) => [Number(BigInt.asUintN(KEY_BITS, address)), i]));
  }

  /** Its number in the columns, or -1 where it belongs to no cache. */
  read(view: DataView, at: number, frame: number): number {
    const { layout, objectsPerSlab, starts } = this.#reading;
    const cache = this.#cacheAt(view.getUint32(at + layout.cache, true), view.getUint32(at + layout.cache + 4, true));
    if (cache === NO_CACHE) {
      this.strange++;
      return -1;
    }
    const columns = this.#columns;
    const slab = columns.add(frame, cache);
    columns.freeLow[slab] = view.getUint32(at + layout.freelist, true);
    columns.freeHigh[slab] = view.getUint32(at + layout.freelist + 4, true);
    if (layout.slub) {
      columns.inUse[slab] = read(view, at, layout.slub.inUse);
      columns.capacity[slab] = read(view, at, layout.slub.objects);
      columns.start[slab] = starts[cache] ?? 0;
    } else if (layout.slab) {
      columns.inUse[slab] = Math.min(MOST_IN_COLUMN, read(view, at, layout.slab.active));
      columns.capacity[slab] = Math.min(MOST_IN_COLUMN, objectsPerSlab[cache] ?? 0);
      columns.start[slab] = this.#startOf(view, at + layout.slab.memory, frame);
    }
    return slab;
  }

  #cacheAt(low: number, high: number): number {
    if (low !== this.#lastLow || high !== this.#lastHigh) {
      this.#lastLow = low;
      this.#lastHigh = high;
      this.#last = this.#numbers.get((high & KEY_HIGH) * 2 ** 32 + low) ?? NO_CACHE;
    }
    return this.#last;
  }

  /** s_mem, from the start of the slab; 0 where it lies elsewhere, which is damage. */
  #startOf(view: DataView, at: number, frame: number): number {
    const physical = Number(BigInt.asUintN(64, view.getBigUint64(at, true) - this.#reading.directMap));
    const start = physical - frame * this.#reading.pageSize;
    return start >= 0 && start < 2 ** 30 ? start : 0;
  }
}

const read = (view: DataView, at: number, { offset, shift, mask }: SlabField): number =>
  (view.getUint32(at + offset, true) >>> shift) & mask;

/** Frames of each kind. */
export function countKinds(kinds: Uint8Array): ReadonlyMap<PageKind, number> {
  const counts = new Float64Array(PAGE_KINDS.length);
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return new Map(PAGE_KINDS.map((kind, i) => [kind, counts[i] ?? 0]));
}
