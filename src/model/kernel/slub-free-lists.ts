import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import { walkList } from './list.ts';
import type { MemoryMap } from './memory-map.ts';
import type { SlubCache } from './slab-caches.ts';
import type { HeapWalk } from './slab-heap.ts';

/** How pointers of a free list are mixed: not at all, with the address they stand at, or with its bytes turned round. */
type Mixing = 'none' | 'address' | 'swapped';

/**
 * Marks what is free: the list of each slab, and the lists that CPUs keep of the slab they allocate from. Slabs are read in
 * the order of frames; those without a free list are full and are not read at all.
 */
export function walkSlubFreeLists(walk: HeapWalk, map: MemoryMap): void {
  const { columns, table, caches } = walk;
  const cpuSlabs = cpuLists(walk, map);
  const pages = new SlabPages(walk);
  const mixing = findMixing(walk, pages);
  for (let slab = 0; slab < table.count; slab++) {
    const cache = caches[table.cache[slab] ?? 0]?.slub;
    if (!cache) continue;
    const [low, high] = [columns.freeLow[slab] ?? 0, columns.freeHigh[slab] ?? 0];
    const fromCpus = cpuSlabs.get(slab);
    let found = low === 0 && high === 0 ? 0 : follow(walk, pages, slab, low, high, cache, mixing);
    for (const start of fromCpus ?? []) {
      if (found === undefined || start === 0n) continue;
      const more = follow(walk, pages, slab, Number(start & 0xffffffffn), Number(start >> 32n), cache, mixing);
      found = more === undefined ? undefined : found + more;
    }
    const expected = (table.capacity[slab] ?? 0) - (table.inUse[slab] ?? 0);
    // A slab that a CPU allocates from counts all of its objects as in use.
    if (found !== undefined && found !== expected && !fromCpus)
      walk.setUnknown(slab, `${found} objects are on the free list of a slab that counts ${expected} as free`);
  }
}

/** Where CPUs keep a free list of their own, by slab. */
function cpuLists(walk: HeapWalk, map: MemoryMap): Map<number, bigint[]> {
  const { kernel, caches, table } = walk;
  const lists = new Map<number, bigint[]>();
  const layout = kernel.layouts.struct('kmem_cache_cpu');
  if (!layout) return lists;
  const [freelist, slabAt] = [
    layout.need('freelist').offset,
    kernel.layouts.firstOf('kmem_cache_cpu', ['slab', 'page'])?.offset ?? 0,
  ];
  const cpus = possibleCpus(kernel);
  for (const [number, { slub }] of caches.entries()) {
    if (slub?.cpuSlab === undefined || slub.cpuSlab === 0n) continue;
    for (const cpu of cpus) {
      const at = perCpu(slub.cpuSlab, cpu);
      const page = ifThere(() => kernel.memory.u64(at + BigInt(slabAt)));
      const start = ifThere(() => kernel.memory.u64(at + BigInt(freelist)));
      if (page === undefined || start === undefined)
        walk.problem(`what CPU ${cpu.number} keeps free cannot be read`, number);
      if (page === undefined || page === 0n || start === undefined) continue;
      const frame = map.frameOf(page);
      const slab = frame === undefined ? undefined : table.slabAt(frame);
      if (slab === undefined || table.cache[slab] !== number)
        walk.problem(`CPU ${cpu.number} allocates from ${page.toString(16)}, which is no slab of the cache`, number);
      else lists.set(slab, [...(lists.get(slab) ?? []), start]);
    }
  }
  return lists;
}

/** Follows one list inside its slab and marks what is on it. Returns how many, or undefined where it broke off. */
function follow(
  walk: HeapWalk,
  pages: SlabPages,
  slab: number,
  firstLow: number,
  firstHigh: number,
  cache: SlubCache,
  mixing: Mixing,
): number | undefined {
  const { table } = walk;
  if (!pages.load(slab)) {
    walk.setUnknown(slab, 'its pages are not in the dump');
    return undefined;
  }
  const size = walk.caches[table.cache[slab] ?? 0]?.size ?? 1;
  const [start, first, capacity] = [table.start[slab] ?? 0, table.first[slab] ?? 0, table.capacity[slab] ?? 0];
  let [low, high, count] = [firstLow, firstHigh, 0];
  while (low !== 0 || high !== 0) {
    const offset = pages.offsetOf(low, high);
    const index = (offset - start) / size;
    if (!(index >= 0 && index < capacity) || !Number.isInteger(index)) {
      walk.setUnknown(slab, 'its free list leads out of it');
      return undefined;
    }
    if (!table.free(first + index)) {
      walk.setUnknown(slab, 'its free list holds an object twice');
      return undefined;
    }
    count++;
    pages.next(offset + cache.freeOffset, cache.random, mixing);
    [low, high] = [pages.nextLow, pages.nextHigh];
  }
  return count;
}

/** How many lists are tried before one way of mixing is settled on. */
const TRIED = 64;

/**
 * Since 5.7 (commit 1ad53d9fa3f6, and in stable releases) the address is turned round before it is mixed in, which nothing
 * in the dump says: the way in which more lists stay inside of their slabs is the right one.
 */
function findMixing(walk: HeapWalk, pages: SlabPages): Mixing {
  const { columns, table, caches } = walk;
  if (caches.every(({ slub }) => slub?.random === undefined)) return 'none';
  const score = { swapped: 0, address: 0 };
  let tried = 0;
  for (let slab = 0; slab < table.count && tried < TRIED; slab++) {
    const cache = caches[table.cache[slab] ?? 0];
    const [low, high] = [columns.freeLow[slab] ?? 0, columns.freeHigh[slab] ?? 0];
    if (!cache?.slub || (low === 0 && high === 0) || !pages.load(slab)) continue;
    const offset = pages.offsetOf(low, high);
    if (offset < 0 || offset >= pages.length) continue;
    tried++;
    for (const way of ['swapped', 'address'] as const) {
      pages.next(offset + cache.slub.freeOffset, cache.slub.random, way);
      const to = pages.offsetOf(pages.nextLow, pages.nextHigh);
      const end = pages.nextLow === 0 && pages.nextHigh === 0;
      if (end || (to >= 0 && to < pages.length)) score[way]++;
    }
  }
  return score.address > score.swapped ? 'address' : 'swapped';
}

/** The bytes of one slab at a time, and arithmetic on 64-bit addresses in halves. */
class SlabPages {
  length = 0;
  nextLow = 0;
  nextHigh = 0;
  readonly #walk: HeapWalk;
  readonly #pageSize: number;
  #buffer = new Uint8Array(0);
  #view = new DataView(this.#buffer.buffer);
  #slab = -1;
  #there = false;
  #low = 0;
  #high = 0;

  constructor(walk: HeapWalk) {
    this.#walk = walk;
    this.#pageSize = walk.kernel.memory.pageSize;
  }

  /** False where not all of the slab is in the dump. */
  load(slab: number): boolean {
    if (slab === this.#slab) return this.#there;
    const { table, kernel, directMap } = this.#walk;
    this.#slab = slab;
    this.length = (table.pages[slab] ?? 1) * this.#pageSize;
    if (this.#buffer.length < this.length) {
      this.#buffer = new Uint8Array(this.length);
      this.#view = new DataView(this.#buffer.buffer);
    }
    const physical = (table.frame[slab] ?? 0) * this.#pageSize;
    const address = directMap + BigInt(physical);
    this.#low = Number(address & 0xffffffffn);
    this.#high = Number(address >> 32n);
    this.#there = kernel.memory.physical.read(physical, this.#buffer.subarray(0, this.length)).length === 0;
    return this.#there;
  }

  /** Of an address, from the start of the slab; far outside for what lies elsewhere. */
  offsetOf(low: number, high: number): number {
    return (high - this.#high) * 2 ** 32 + (low - this.#low);
  }

  /** Reads the pointer that stands at `offset` into nextLow and nextHigh. */
  next(offset: number, random: bigint | undefined, mixing: Mixing): void {
    if (offset + 8 > this.length) {
      [this.nextLow, this.nextHigh] = [1, 0];
      return;
    }
    let low = this.#view.getUint32(offset, true);
    let high = this.#view.getUint32(offset + 4, true);
    if (random !== undefined && mixing !== 'none') {
      const sum = this.#low + offset;
      const atLow = sum >>> 0;
      const atHigh = (this.#high + (sum >= 2 ** 32 ? 1 : 0)) >>> 0;
      low = (low ^ Number(random & 0xffffffffn) ^ (mixing === 'address' ? atLow : turned(atHigh))) >>> 0;
      high = (high ^ Number(random >> 32n) ^ (mixing === 'address' ? atHigh : turned(atLow))) >>> 0;
    }
    this.nextLow = low;
    this.nextHigh = high;
  }
}

const turned = (n: number): number => ((n << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;

/**
 * Marks what lies in sheaves: arrays of free objects that CPUs keep ready (main, spare) or hand to RCU (rcu_free), and
 * those in the barn of each node. Since 6.18; from 7.0 on every cache has them.
 */
export function walkSheaves(walk: HeapWalk, freeAt: (address: bigint, cache: number, list: string) => void): void {
  const { kernel, caches } = walk;
  const { layouts, memory } = kernel;
  const layout = layouts.struct('slub_percpu_sheaves');
  const sheaf = layouts.struct('slab_sheaf');
  if (!layout || !sheaf) return;
  const cpus = possibleCpus(kernel);
  const [sizeAt, objectsAt] = [sheaf.need('size').offset, sheaf.need('objects').offset];
  const empty = (address: bigint, cache: number, list: string): void => {
    const size = ifThere(() => memory.u32(address + BigInt(sizeAt))) ?? 0;
    if (size > MOST_IN_SHEAF) return walk.problem(`${list} claims ${size} objects`, cache);
    const bytes = memory.tryRead(address + BigInt(objectsAt), size * 8);
    if (!bytes) return walk.problem(`${list} cannot be read`, cache);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < size; i++) freeAt(view.getBigUint64(i * 8, true), cache, list);
  };
  for (const [number, { slub, address }] of caches.entries()) {
    for (const cpu of slub?.cpuSheaves === undefined ? [] : cpus) {
      const view = viewStruct(memory, layouts, layout, perCpu(slub?.cpuSheaves ?? 0n, cpu));
      for (const name of ['main', 'spare', 'rcu_free']) {
        const at = view.has(name) ? (ifThere(() => view.pointer(name)) ?? 0n) : 0n;
        if (at !== 0n) empty(at, number, `the ${name} sheaf of CPU ${cpu.number}`);
      }
    }
    for (const barn of barnsOf(walk, address)) {
      for (const at of fullSheaves(walk, barn, number)) empty(at, number, 'a full sheaf');
    }
  }
}

const MOST_IN_SHEAF = 65_536;
const MOST_NODES = 1024;

/** `node[]` to 7.0, since then (commit 5ba6bc27b1f9) `per_node[]`. */
function barnsOf({ kernel }: HeapWalk, cache: bigint): readonly bigint[] {
  const { layouts, memory, symbols } = kernel;
  const layout = layouts.needStruct('kmem_cache');
  const nodes = Math.min(MOST_NODES, ifThere(() => memory.u32(symbols.find('nr_node_ids') ?? 0n)) ?? 1);
  return Array.from({ length: nodes }, (_, node) => {
    const direct = layout.member(`per_node[${node}].barn`);
    if (direct) return ifThere(() => memory.u64(cache + BigInt(direct.offset))) ?? 0n;
    const pointer = layout.member(`node[${node}]`);
    const barn = layouts.member('kmem_cache_node', 'barn');
    if (!pointer || !barn) return 0n;
    const at = ifThere(() => memory.u64(cache + BigInt(pointer.offset))) ?? 0n;
    return at === 0n ? 0n : (ifThere(() => memory.u64(at + BigInt(barn.offset))) ?? 0n);
  }).filter((at) => at !== 0n);
}

function fullSheaves(walk: HeapWalk, barn: bigint, cache: number): readonly bigint[] {
  const { layouts, memory } = walk.kernel;
  const head = layouts.member('node_barn', 'sheaves_full');
  const entry = layouts.member('slab_sheaf', 'barn_list');
  if (!head || !entry) return [];
  const problem = (p: string): void => walk.problem(`the list of full sheaves ${p}`, cache);
  return [...walkList(memory, barn + BigInt(head.offset), problem)].map((at) => at - BigInt(entry.offset));
}
