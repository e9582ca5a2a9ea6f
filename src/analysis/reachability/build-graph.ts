import type { AddressSpace } from '../../model/memory/address-space.ts';
import type { Gap } from '../../model/memory/physical-memory.ts';
import { EdgeStore } from './edge-store.ts';
import { NOTHING, nodeAtWord, type NodeSpace } from './node-space.ts';

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
   * Of each slab object: words in live memory that hold its very address, or that of its anchor; its own left out; 65,535
   * at most.
   */
  readonly baseWords: Uint16Array;
  readonly read: GraphRead;
}

/** How much was looked at. `missing`: what should have been and is not in the dump, in bytes. */
export interface GraphRead {
  readonly bytes: number;
  readonly words: number;
  readonly missing: number;
}

/** What 16 bits hold. */
const MOST_WORDS = 0xffff;
/** Physical memory is read in stretches of this size at most. */
const BUFFER_BYTES = 4 * 2 ** 20;

/**
 * One pass over RAM in the order of frames: the objects of slabs in use become edges, root pages become roots. Objects that
 * are free, and those of which the dump does not say, neither point nor are pointed to.
 */
export function buildGraph(
  memory: AddressSpace,
  space: NodeSpace,
  frames: FramePlan,
  others: (sink: GraphBuilder) => void,
): Graph {
  const { plan } = frames;
  const builder = new GraphBuilder(space, frames);
  const { pageSize } = space;
  const most = Math.floor(BUFFER_BYTES / pageSize);
  const buffer = new Uint8Array(most * pageSize);
  const words = new Uint32Array(buffer.buffer);
  let missing = 0;
  for (let frame = 0; frame < plan.length;) {
    if (plan[frame] === PLAN.skip) {
      frame++;
      continue;
    }
    const count = runOf(plan, frame, most);
    for (const gap of memory.physical.read(frame * pageSize, buffer.subarray(0, count * pageSize)))
      missing += missed(gap, plan, frame, pageSize);
    builder.add(words, frame, count, plan);
    frame += count;
  }
  others(builder);
  return builder.finish(missing);
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
function runOf(plan: Uint8Array, first: number, most: number): number {
  let end = first + 1;
  const last = Math.min(plan.length, first + most);
  for (let frame = end; frame < last && frame - end < 8; frame++) if (plan[frame] !== PLAN.skip) end = frame + 1;
  return end - first;
}

/** Takes words as they are read, in the order of frames, and what is known from elsewhere. */
export class GraphBuilder {
  readonly #space: NodeSpace;
  readonly #frames: FramePlan;
  readonly #starts: Uint32Array;
  readonly #targets = new EdgeStore();
  readonly #rootTargets = new EdgeStore();
  readonly #rootPlaces: number[] = [];
  readonly #baseWords: Uint16Array;
  #node = 0;
  #bytes = 0;
  readonly #extras = new Map<number, number[]>();

  constructor(space: NodeSpace, frames: FramePlan) {
    this.#space = space;
    this.#frames = frames;
    this.#starts = new Uint32Array(space.count + 1);
    this.#baseWords = new Uint16Array(space.table.objects);
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
      if (high < 0xff000000 || i === skip) continue;
      const target = nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING || target === node || !this.#isLive(target)) continue;
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
    for (let i = from; i < to; i += 2) {
      const high = words[i + 1] ?? 0;
      if (high < 0xff000000) continue;
      const target = nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING || !this.#isLive(target) || this.#isWeak(target, words[i] ?? 0)) continue;
      if (this.#frames.ignored.has(frame * space.pageSize + (i - page) * 4)) continue;
      this.#rootTargets.push(target);
      this.#rootPlaces.push(frame * space.pageSize + (i - page) * 4);
      this.#countBase(target);
    }
  }

  /** Extra nodes are numbered behind all objects: their edges are kept aside until those are through. */
  #addExtra(words: Uint32Array, from: number, to: number, frame: number): void {
    this.#bytes += (to - from) * 4;
    const space = this.#space;
    const node = space.table.objects - 2 - (space.nodeOfFrame[frame] ?? NOTHING);
    for (let i = from; i < to; i += 2) {
      const high = words[i + 1] ?? 0;
      if (high < 0xff000000) continue;
      const target = nodeAtWord(space, words[i] ?? 0, high);
      if (target === NOTHING || target === node || !this.#isLive(target)) continue;
      this.#keep(node, target);
      this.#countBase(target);
    }
  }

  /** Right after the look-up of the word. */
  #countBase(target: number): void {
    const { offset, cache } = this.#space.found;
    if (offset !== 0 && offset !== this.#frames.anchors[cache]) return;
    if (target >= this.#baseWords.length) return;
    const known = this.#baseWords[target] ?? 0;
    if (known < MOST_WORDS) this.#baseWords[target] = known + 1;
  }

  #keep(node: number, target: number): void {
    const known = this.#extras.get(node);
    if (known) known.push(target);
    else this.#extras.set(node, [target]);
  }

  /** From an extra node, by something else than a word in it: a field of its struct page. */
  addEdge(node: number, target: number): void {
    if (this.#isLive(target)) this.#keep(node, target);
  }

  /** A lock keeps its owner's address with flags in the low bits (rw_semaphore, mutex): it does not hold the task. */
  #isWeak(target: number, low: number): boolean {
    if ((low & 7) === 0) return false;
    const { tasks } = this.#frames.weak;
    return tasks >= 0 && target < this.#space.table.objects && this.#space.table.cacheOf(target) === tasks;
  }

  #isLive(node: number): boolean {
    const { table } = this.#space;
    return node >= table.objects || !table.isFree(node);
  }

  /** A root that is no word of a page: a field of a struct page, a register. `place` is where it stands, or −1. */
  addRootTarget(target: number, place: number): void {
    if (target === NOTHING || !this.#isLive(target)) return;
    this.#rootTargets.push(target);
    this.#rootPlaces.push(place);
  }

  finish(missing: number): Graph {
    const { table, count } = this.#space;
    for (let node = table.objects; node < count; node++) {
      while (this.#node < node) this.#starts[++this.#node] = this.#targets.length;
      for (const target of this.#extras.get(node) ?? []) this.#targets.push(target);
    }
    while (this.#node < count) this.#starts[++this.#node] = this.#targets.length;
    return {
      starts: this.#starts,
      targets: this.#targets,
      rootTargets: this.#rootTargets,
      rootPlaces: this.#rootPlaces,
      baseWords: this.#baseWords,
      read: { bytes: this.#bytes, words: this.#bytes / 8, missing },
    };
  }
}
