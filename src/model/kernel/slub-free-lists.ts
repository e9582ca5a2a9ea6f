import type { SlabColumns } from '../heap/slab-table.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import type { MemoryMap } from './memory-map.ts';
import type { SlubCache } from './slab-caches.ts';
import type { HeapWalk } from './slab-heap.ts';
import { SlabPages, type Mixing } from './slab-pages.ts';

/**
 * Marks what is free: the list of each slab, and the lists that CPUs keep of the slab they allocate from. Slabs are read in
 * the order of frames; those without a free list are full and are not read at all.
 */
export function walkSlubFreeLists(walk: HeapWalk, map: MemoryMap): void {
  const { columns, table, caches } = walk;
  const cpuSlabs = cpuLists(walk, map);
  const pages = new SlabPages(walk);
  const mixing = findMixing(walk, pages, cpuSlabs);
  for (let slab = 0; slab < table.count; slab++) {
    const cache = caches[table.cache[slab] ?? 0]?.slub;
    if (!cache) continue;
    const list = listOf(columns, slab);
    const fromCpus = cpuSlabs.get(slab);
    const found = follow(walk, pages, slab, list, cache, mixing);
    const expected = (table.capacity[slab] ?? 0) - (table.inUse[slab] ?? 0);
    if (found !== undefined && found !== expected)
      walk.setUnknown(slab, `${found} objects are on the free list of a slab that counts ${expected} as free`);
    // What a CPU has taken for itself counts as in use.
    for (const start of fromCpus ?? []) follow(walk, pages, slab, start, cache, mixing);
  }
}

/** A kernel address in halves, low first; both 0 for NULL. */
type Half = readonly [low: number, high: number];

const listOf = ({ freeLow, freeHigh }: SlabColumns, slab: number): Half => [freeLow[slab] ?? 0, freeHigh[slab] ?? 0];

/** Where CPUs keep a free list of their own, by slab. */
function cpuLists(walk: HeapWalk, map: MemoryMap): Map<number, Half[]> {
  const { kernel, caches, table } = walk;
  const lists = new Map<number, Half[]>();
  const page = kernel.layouts.firstOf('kmem_cache_cpu', ['slab', 'page']);
  const list = kernel.layouts.member('kmem_cache_cpu', 'freelist');
  if (!list || !page) return lists;
  const cpus = possibleCpus(kernel, (p) => walk.problem(`${p}: what they keep free counts as allocated`));
  for (const [number, { slub }] of caches.entries()) {
    for (const cpu of (slub?.cpuSlab ?? 0n) === 0n ? [] : cpus) {
      const at = perCpu(slub?.cpuSlab ?? 0n, cpu);
      const found = readCpu(kernel.memory, at + BigInt(page.offset), at + BigInt(list.offset));
      const slab = found && slabOfPage(walk, map, found.page);
      if (!found) walk.problem(`what CPU ${cpu.number} keeps free cannot be read`, number);
      else if (slab !== undefined && table.cache[slab] === number)
        lists.set(slab, [...(lists.get(slab) ?? []), found.start]);
      else if (found.page !== 0n)
        walk.problem(`CPU ${cpu.number} allocates from ${found.page.toString(16)}, no slab of the cache`, number);
    }
  }
  return lists;
}

/** The slab that a CPU allocates from, by its page, and where its own list begins. */
interface CpuList {
  readonly page: bigint;
  readonly start: Half;
}

function readCpu(memory: KernelMemory, page: bigint, list: bigint): CpuList | undefined {
  return ifThere((): CpuList => ({ page: memory.u64(page), start: [memory.u32(list), memory.u32(list + 4n)] }));
}

function slabOfPage({ table }: HeapWalk, map: MemoryMap, page: bigint): number | undefined {
  const frame = page === 0n ? undefined : map.frameOf(page);
  return frame === undefined ? undefined : table.slabAt(frame);
}

/** Follows one list inside its slab and marks what is on it. Returns how many, or undefined where it broke off. */
function follow(
  walk: HeapWalk,
  pages: SlabPages,
  slab: number,
  list: Half,
  cache: SlubCache,
  mixing: Mixing,
): number | undefined {
  const { table } = walk;
  let [low, high] = list;
  if (low === 0 && high === 0) return 0;
  if (!pages.load(slab)) {
    walk.setUnknown(slab, 'its pages are not in the dump');
    return undefined;
  }
  const size = walk.caches[table.cache[slab] ?? 0]?.size ?? 1;
  const [start, first, capacity] = [table.start[slab] ?? 0, table.first[slab] ?? 0, table.capacity[slab] ?? 0];
  let count = 0;
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
function findMixing(walk: HeapWalk, pages: SlabPages, cpuSlabs: ReadonlyMap<number, readonly Half[]>): Mixing {
  const { caches } = walk;
  if (caches.every(({ slub }) => slub?.random === undefined)) return 'none';
  const ofSlabs = scoreMixing(walk, pages, slabLists(walk));
  const ofCpus = [...cpuSlabs].flatMap(([slab, lists]) => lists.map((list) => [slab, list] as const));
  const score = ofSlabs.swapped + ofSlabs.address > 0 ? ofSlabs : scoreMixing(walk, pages, ofCpus);
  return score.address > score.swapped ? 'address' : 'swapped';
}

function* slabLists({ columns, table }: HeapWalk): Generator<readonly [slab: number, list: Half]> {
  for (let slab = 0; slab < table.count; slab++) yield [slab, listOf(columns, slab)];
}

/** How many of some lists stay inside of their slabs either way. */
function scoreMixing(
  walk: HeapWalk,
  pages: SlabPages,
  lists: Iterable<readonly [slab: number, list: Half]>,
): { readonly swapped: number; readonly address: number } {
  const { table, caches } = walk;
  const score = { swapped: 0, address: 0 };
  let tried = 0;
  for (const [slab, [low, high]] of lists) {
    if (tried >= TRIED) break;
    const cache = caches[table.cache[slab] ?? 0]?.slub;
    if (!cache || (low === 0 && high === 0) || !pages.load(slab)) continue;
    const offset = pages.offsetOf(low, high);
    if (offset < 0 || offset >= pages.length) continue;
    tried++;
    for (const way of ['swapped', 'address'] as const) {
      pages.next(offset + cache.freeOffset, cache.random, way);
      if (pages.nextIsInside()) score[way]++;
    }
  }
  return score;
}
