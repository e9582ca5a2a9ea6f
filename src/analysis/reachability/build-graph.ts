import type { Gap, PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { EdgeStore } from './edge-store.ts';
import { NOTHING, nodeAtWord, type NodeSpace } from './node-space.ts';
import { NO_AREA, percpuAreaAt, percpuAreaIn, type PercpuSpace } from './percpu-space.ts';

/** What to do with each frame of RAM while the graph is built. */
export interface FramePlan {
  /** One byte a frame, see PLAN. */
  readonly plan: Uint8Array;
  /** Caches whose objects point to everything and own nothing: kmemleak's own records. */
  readonly silent: ReadonlySet<number>;
  /** Objects of which only so many first bytes count: behind them stand addresses of what they no longer hold. */
  readonly heads: ReadonlyMap<number, number>;
  /** Physical addresses of words that are no pointers although they look so. */
  readonly ignored: ReadonlySet<number>;
  /** Frames of which only what lies behind an offset counts, in bytes. */
  readonly begins: ReadonlyMap<number, number>;
  readonly weak: WeakWords;
  /** By cache: what users of an object know it by, where that is not its start, in bytes: mount.mnt. */
  readonly anchors: Int32Array;
  /** Areas of per-CPU memory; absent where the dump does not say what was given out. */
  readonly percpu?: PercpuSpace;
}

/** Words that keep a task's address without holding the task; they would hide a leaked one. */
export interface WeakWords {
  /** The cache of task_struct, by number; −1 for none. */
  readonly tasks: number;
  /** task_struct.last_wakee, in bytes; −1 for none. */
  readonly lastWakee: number;
}

export const PLAN = {
  /** Neither read nor followed: free, user, text, the memory map, page tables. */
  skip: 0,
  /** Objects of a slab. */
  slab: 1,
  /** Every word is a root. */
  root: 2,
  /** Every word belongs to the extra node of the frame. */
  node: 3,
} as const;

/** Who points to whom. Edges of node n are `targets` from `starts[n]` up to `starts[n + 1]`. */
export interface Graph {
  readonly starts: Uint32Array;
  readonly targets: EdgeStore;
  /** Nodes that a word of a root points to, and where that word lies, physically. */
  readonly rootTargets: EdgeStore;
  readonly rootPlaces: number[];
  /**
   * Of each slab object: words in live memory that hold its very address, or that of its anchor; of pages those that hold
   * the address of a page's start or of its struct page. Its own left out; 65,535 at most.
   */
  readonly baseWords: Uint16Array;
  readonly percpuHits: PercpuHits;
  readonly read: GraphRead;
}

/** Words that refer to areas of per-CPU memory: the node that has the word, or FROM_ROOT, then the area; and so on. */
export type PercpuHits = readonly number[];
export const FROM_ROOT = -1;

/** How much was looked at. `missing`: what should have been and is not in the dump, in bytes. */
export interface GraphRead {
  readonly bytes: number;
  readonly words: number;
  readonly missing: number;
}

/** What 16 bits hold. */
export const MOST_WORDS = 0xffff;
/** Physical memory is read in stretches of this size at most. */
const BUFFER_BYTES = 4 * 2 ** 20;

/**
 * What one thread found in the ranges of frames that it took. Numbers in `starts` and of cuts count this thread's own
 * entries.
 */
export interface PartialGraph {
  /** Ranges in the order in which they were scanned. */
  readonly cuts: readonly Cut[];
  /** As in a graph, for the objects of its ranges alone. */
  readonly starts: Uint32Array;
  readonly targets: EdgeStore;
  readonly rootTargets: EdgeStore;
  readonly rootPlaces: number[];
  /** Edges of extra nodes as they were met: from, to. */
  readonly extraNodes: EdgeStore;
  readonly extraTargets: EdgeStore;
  readonly baseWords: Uint16Array;
  readonly percpuHits: PercpuHits;
  readonly bytes: number;
  readonly missing: number;
}

/** Where in a thread's stores what it found in a range begins. */
export interface Cut {
  readonly range: number;
  readonly targets: number;
  readonly roots: number;
  readonly extras: number;
}

/**
 * A pass over ranges of RAM in the order of frames: the objects of slabs in use become edges, root pages become roots.
 * Objects that are free, and those of which the dump does not say, neither point nor are pointed to. Range r goes from frame
 * `bounds[r]` up to `bounds[r + 1]`; no slab lies in two. `next` tells which range is to be scanned, until it tells one
 * that there is not.
 */
export function scanFrames(
  physical: PhysicalMemory,
  space: NodeSpace,
  frames: FramePlan,
  bounds: Uint32Array,
  next: () => number,
): PartialGraph {
  const builder = new GraphBuilder(space, frames);
  const buffer = new Uint8Array(Math.floor(BUFFER_BYTES / space.pageSize) * space.pageSize);
  let missing = 0;
  for (let range = next(); range < bounds.length - 1; range = next()) {
    const [from, to] = [bounds[range] ?? 0, bounds[range + 1] ?? 0];
    builder.begin(range, firstObject(space, from));
    missing += scanRange(physical, space.pageSize, frames.plan, from, to, buffer, builder);
    builder.end(firstObject(space, to));
  }
  return builder.finish(missing);
}

/** The first object that lies in a frame or behind it. */
export function firstObject({ table }: NodeSpace, frame: number): number {
  let [low, high] = [0, table.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table.frame[middle] ?? 0) < frame) low = middle + 1;
    else high = middle;
  }
  return low < table.count ? (table.first[low] ?? 0) : table.objects;
}

/** Returns how many bytes were missing. */
function scanRange(
  physical: PhysicalMemory,
  pageSize: number,
  plan: Uint8Array,
  from: number,
  to: number,
  buffer: Uint8Array,
  builder: GraphBuilder,
): number {
  const words = new Uint32Array(buffer.buffer);
  let missing = 0;
  for (let frame = from; frame < to;) {
    if (plan[frame] === PLAN.skip) {
      frame++;
      continue;
    }
    const count = runOf(plan, frame, Math.min(to, frame + buffer.length / pageSize));
    for (const gap of physical.read(frame * pageSize, buffer.subarray(0, count * pageSize)))
      missing += missed(gap, plan, frame, pageSize);
    builder.add(words, frame, count, plan);
    frame += count;
  }
  return missing;
}

/** Of a gap, the bytes that would have been looked at. Holes in the machine's memory are reserved and have nothing. */
function missed(gap: Gap, plan: Uint8Array, first: number, pageSize: number): number {
  if (gap.state === 'absent') return 0;
  let bytes = 0;
  for (let at = gap.offset; at < gap.offset + gap.length; at += pageSize)
    if (plan[first + Math.floor(at / pageSize)] !== PLAN.skip) bytes += pageSize;
  return bytes;
}

/** Frames in a row that are read at once; a few skipped ones between are cheaper to read than to go around. */
function runOf(plan: Uint8Array, first: number, last: number): number {
  let end = first + 1;
  for (let frame = end; frame < last && frame - end < 8; frame++) if (plan[frame] !== PLAN.skip) end = frame + 1;
  return end - first;
}

/** None but 0, which is asked for never. */
const NO_HALVES = [0, 0] as const;

/** Takes words as they are read, in the order of frames. */
class GraphBuilder {
  readonly #space: NodeSpace;
  readonly #frames: FramePlan;
  readonly #starts: Uint32Array;
  readonly #targets = new EdgeStore();
  readonly #rootTargets = new EdgeStore();
  readonly #rootPlaces: number[] = [];
  readonly #baseWords: Uint16Array;
  #node = 0;
  #bytes = 0;
  readonly #extraNodes = new EdgeStore();
  readonly #extraTargets = new EdgeStore();
  readonly #cuts: Cut[] = [];
  readonly #percpuHits: number[] = [];
  /** Upper halves of words that may refer to per-CPU memory: as pointers, and as addresses. */
  readonly #pointers: number;
  readonly #pointerSpan: number;
  readonly #addresses: number;
  readonly #addressSpan: number;

  constructor(space: NodeSpace, frames: FramePlan) {
    this.#space = space;
    this.#frames = frames;
    [this.#pointers, this.#pointerSpan] = frames.percpu?.pointerHalves ?? NO_HALVES;
    [this.#addresses, this.#addressSpan] = frames.percpu?.addressHalves ?? NO_HALVES;
    this.#starts = new Uint32Array(space.count + 1);
    this.#baseWords = new Uint16Array(space.count);
  }

  /** `object`: the first of the range. */
  begin(range: number, object: number): void {
    this.#cuts.push({
      range,
      targets: this.#targets.length,
      roots: this.#rootPlaces.length,
      extras: this.#extraNodes.length,
    });
    this.#node = object;
    this.#starts[object] = this.#targets.length;
  }

  /** `object`: the first behind the range. */
  end(object: number): void {
    while (this.#node < object) this.#starts[++this.#node] = this.#targets.length;
  }

  add(words: Uint32Array, first: number, frames: number, plan: Uint8Array): void {
    const perPage = this.#space.pageSize / 4;
    for (let i = 0; i < frames; i++) {
      const frame = first + i;
      const kind = plan[frame];
      if (kind === PLAN.slab) this.#addSlabPage(words, i * perPage, frame);
      else if (kind === PLAN.root) this.#addRoot(words, i * perPage, perPage, frame);
      else if (kind === PLAN.node) this.#addExtra(words, i * perPage, (i + 1) * perPage, frame);
    }
  }

  /** The objects, or parts of objects, that lie in one page of a slab. Pages come in order, so edges of a node stay together. */
  #addSlabPage(words: Uint32Array, at: number, frame: number): void {
    const { table, nodeOfFrame, pageSize, strides } = this.#space;
    const slab = nodeOfFrame[frame] ?? NOTHING;
    if (slab < 0) return;
    const cache = table.cache[slab] ?? 0;
    const { silent, weak, heads } = this.#frames;
    if (silent.has(cache)) return;
    const stride = strides[cache] ?? 8;
    const pageStart = (frame - (table.frame[slab] ?? 0)) * pageSize - (table.start[slab] ?? 0);
    const [first, capacity] = [table.first[slab] ?? 0, table.capacity[slab] ?? 0];
    let index = Math.max(0, Math.floor(pageStart / stride));
    for (; index < capacity && index * stride < pageStart + pageSize; index++) {
      const object = first + index;
      if (table.isFree(object) || table.isUnknown(object)) continue;
      const from = Math.max(0, index * stride - pageStart);
      const length = heads.get(object) ?? stride;
      const to = Math.max(from, Math.min(pageSize, index * stride + length - pageStart));
      const skip = cache === weak.tasks ? at + ((index * stride - pageStart + weak.lastWakee) >> 2) : -1;
      this.#addObject(object, words, at + (from >>> 2), at + (to >>> 2), frame * pageSize - at * 4, skip);
    }
  }

  /** `physical`: of the first word of the buffer; `skip`: a word that does not count. */
  #addObject(node: number, words: Uint32Array, from: number, to: number, physical: number, skip: number): void {
    while (this.#node < node) this.#starts[++this.#node] = this.#targets.length;
    this.#bytes += (to - from) * 4;
    const space = this.#space;
    for (let i = from; i < to; i += 2) {
      const high = words[i + 1] ?? 0;
      const target = high < 0xff000000 || i === skip ? NOTHING : nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING) {
        if (this.#mayBePercpu(high)) this.#hitPercpu(node, words[i] ?? 0, high, physical + i * 4);
        continue;
      }
      if (target === node || !this.#isLive(target)) continue;
      if (target >= space.table.objects && this.#frames.ignored.has(physical + i * 4)) continue;
      if (this.#isWeak(target, words[i] ?? 0)) continue;
      this.#targets.push(target);
      this.#countBase(target);
    }
  }

  /** `page`: the first word of the page, `length` how many halves it has. */
  #addRoot(words: Uint32Array, page: number, length: number, frame: number): void {
    const from = page + (this.#frames.begins.get(frame) ?? 0) / 4;
    const to = page + length;
    this.#bytes += (to - from) * 4;
    const space = this.#space;
    const start = frame * space.pageSize - page * 4;
    for (let i = from; i < to; i += 2) {
      const high = words[i + 1] ?? 0;
      if (high === 0) continue;
      const target = high < 0xff000000 ? NOTHING : nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING) {
        if (this.#mayBePercpu(high)) this.#hitPercpu(FROM_ROOT, words[i] ?? 0, high, start + i * 4);
        continue;
      }
      if (!this.#isLive(target) || this.#isWeak(target, words[i] ?? 0)) continue;
      const at = start + i * 4;
      if (this.#frames.ignored.has(at)) continue;
      this.#rootTargets.push(target);
      this.#rootPlaces.push(at);
      this.#countBase(target);
    }
  }

  /** Extra nodes are numbered behind all objects: their edges are kept aside until those are through. */
  #addExtra(words: Uint32Array, from: number, to: number, frame: number): void {
    this.#bytes += (to - from) * 4;
    const space = this.#space;
    const node = space.table.objects - 2 - (space.nodeOfFrame[frame] ?? NOTHING);
    const start = frame * space.pageSize - from * 4;
    for (let i = from; i < to; i += 2) {
      const high = words[i + 1] ?? 0;
      if (high === 0) continue;
      const target = high < 0xff000000 ? NOTHING : nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING) {
        if (this.#mayBePercpu(high)) this.#hitPercpu(node, words[i] ?? 0, high, start + i * 4);
        continue;
      }
      if (target === node || !this.#isLive(target)) continue;
      this.#extraNodes.push(node);
      this.#extraTargets.push(target);
      this.#countBase(target);
    }
  }

  /** Few of the words that lead to no node lead to per-CPU memory; the others are told by their upper halves. */
  #mayBePercpu(high: number): boolean {
    return (high - this.#pointers) >>> 0 <= this.#pointerSpan || (high - this.#addresses) >>> 0 <= this.#addressSpan;
  }

  /** `physical`: of the word. An area's own words do not hold it, nor do those that only describe its chunk. */
  #hitPercpu(node: number, low: number, high: number, physical: number): void {
    const { percpu } = this.#frames;
    const area = percpu ? percpuAreaAt(percpu, low, high) : NO_AREA;
    if (!percpu || area === NO_AREA || percpu.ownWords.has(physical)) return;
    const { pageSize } = this.#space;
    const own = percpu.frames.get(Math.floor(physical / pageSize));
    if (own && percpuAreaIn(percpu, own.chunk, own.offset + (physical % pageSize)) === area) return;
    this.#percpuHits.push(node, area);
  }

  /** Right after the look-up of the word. */
  #countBase(target: number): void {
    const { offset, cache } = this.#space.found;
    if (offset !== 0 && offset !== this.#frames.anchors[cache]) return;
    const known = this.#baseWords[target] ?? 0;
    if (known < MOST_WORDS) this.#baseWords[target] = known + 1;
  }

  /** A lock keeps its owner's address with flags in the low bits (rw_semaphore, mutex): it does not hold the task. */
  #isWeak(target: number, low: number): boolean {
    if ((low & 7) === 0) return false;
    const { tasks } = this.#frames.weak;
    return tasks >= 0 && target < this.#space.table.objects && this.#space.table.cacheOf(target) === tasks;
  }

  #isLive(node: number): boolean {
    return isLive(this.#space, node);
  }

  finish(missing: number): PartialGraph {
    return {
      cuts: this.#cuts,
      starts: this.#starts,
      targets: this.#targets,
      rootTargets: this.#rootTargets,
      rootPlaces: this.#rootPlaces,
      extraNodes: this.#extraNodes,
      extraTargets: this.#extraTargets,
      baseWords: this.#baseWords,
      percpuHits: this.#percpuHits,
      bytes: this.#bytes,
      missing,
    };
  }
}

/** Not free, or no slab object. */
export const isLive = ({ table }: NodeSpace, node: number): boolean => node >= table.objects || !table.isFree(node);
