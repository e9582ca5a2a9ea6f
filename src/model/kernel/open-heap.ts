import { LayoutError } from '../layouts/layout-error.ts';
import { SlabTable } from '../heap/slab-table.ts';
import type { Kernel } from './kernel.ts';
import { findMemoryMap, type MemoryMap } from './memory-map.ts';
import { takeCensus, type PageCensus, type SlabReading } from './page-census.ts';
import { pageLayout, type PageLayout } from './page-layout.ts';
import { allocatorOf, slabCaches, type KmemCache } from './slab-caches.ts';
import { walkSlabFreeObjects } from './slab-free-objects.ts';
import { type HeapProblem, type HeapWalk, type SlabHeap } from './slab-heap.ts';
import { slabLayout } from './slab-layout.ts';
import { walkSlubFreeLists } from './slub-free-lists.ts';
import { walkSheaves } from './slub-sheaves.ts';

/** What one pass over the memory map gives: the use of every page, and with types the slab heap. */
export interface Pages {
  readonly map: MemoryMap;
  readonly layout: PageLayout;
  readonly census: PageCensus;
  readonly heap?: SlabHeap;
  readonly problems: readonly string[];
}

/** A problem of the same kind is told this often, then only counted. */
const TOLD = 3;

/** Reads the memory map and the slabs. Undefined where the dump does not say how its memory map looks. */
export function openPages(kernel: Kernel): Pages | undefined {
  const { memory, info, layouts } = kernel;
  const layout = pageLayout(layouts, info);
  const most = Math.floor((memory.physical.endFrame * memory.physical.pageSize) / memory.pageSize);
  const map = layout && findMemoryMap(memory, info, layouts, layout.size, most);
  if (!layout || !map) return undefined;
  const allocator = allocatorOf(kernel);
  const { value: caches, problems: found } = allocator ? slabCaches(kernel) : { value: [], problems: [] };
  const problems: string[] = [...found];
  const reading = allocator === undefined ? undefined : slabReading(kernel, caches);
  const census = takeCensus(map, layout, reading);
  if (census.strangeSlabs > 0) problems.push(`${census.strangeSlabs} slabs belong to no cache that is listed`);
  if (!reading || allocator === undefined) {
    problems.push('slabs cannot be told apart: the dump has no types, or they do not say how a slab looks');
    return { map, layout, census, problems };
  }
  return { map, layout, census, heap: openHeap(kernel, allocator, caches, map, census, reading.directMap), problems };
}

function slabReading(kernel: Kernel, caches: readonly KmemCache[]): SlabReading | undefined {
  const layout = slabLayout(kernel.layouts);
  const { directMap } = kernel;
  if (!layout || !directMap) return undefined;
  return {
    layout,
    caches: caches.map(({ address }) => address),
    objectsPerSlab: caches.map(({ slab }) => slab?.objectsPerSlab ?? 0),
    starts: caches.map(({ slub }) => slub?.redLeftPad ?? 0),
    directMap: directMap.virtual - BigInt(directMap.physical),
    pageSize: kernel.memory.pageSize,
  };
}

function openHeap(
  kernel: Kernel,
  allocator: 'SLUB' | 'SLAB',
  caches: readonly KmemCache[],
  map: MemoryMap,
  { columns }: PageCensus,
  directMap: bigint,
): SlabHeap {
  const table = new SlabTable(columns);
  const problems: HeapProblem[] = [];
  const told = new Map<string, number>();
  const unknown = new Map<number, Map<string, number>>();
  const walk: HeapWalk = {
    kernel,
    caches,
    columns,
    table,
    directMap,
    arrays: [],
    problem(problem, cache) {
      const key = `${cache ?? ''}`;
      const count = (told.get(key) ?? 0) + 1;
      told.set(key, count);
      if (count <= TOLD) problems.push({ problem, ...(cache === undefined ? {} : { cache }) });
    },
    setUnknown(slab, why) {
      table.setUnknown(slab);
      const cache = table.cache[slab] ?? 0;
      const reasons = unknown.get(cache) ?? new Map<string, number>();
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
      unknown.set(cache, reasons);
    },
  };
  try {
    if (allocator === 'SLUB') {
      walkSlubFreeLists(walk, map);
      walkSheaves(walk);
    } else walkSlabFreeObjects(walk);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    problems.push({ problem: `free objects cannot be told: ${cause.message}` });
  }
  for (const [cache, reasons] of unknown)
    for (const [why, slabs] of reasons) problems.push({ cache, problem: `${slabs} slabs: ${why}` });
  const unknownSlabs = new Map(
    [...unknown].map(([cache, reasons]) => [cache, [...reasons.values()].reduce((a, b) => a + b, 0)]),
  );
  return { allocator, caches, table, unknownSlabs, arrays: walk.arrays, problems };
}
