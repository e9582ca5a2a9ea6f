import { LayoutError } from '../layouts/layout-error.ts';
import { SlabTable } from '../heap/slab-table.ts';
import type { Gap, PhysicalMemory } from '../memory/physical-memory.ts';
import type { Kernel } from './kernel.ts';
import { findMemoryMap, type MemoryMap } from './memory-map.ts';
import { takeCensus, type PageCensus, type SlabReading } from './page-census.ts';
import { pageLayout, type PageLayout } from './page-layout.ts';
import { allocatorOf, slabCaches, type KmemCache } from './slab-caches.ts';
import { walkSlabFreeObjects } from './slab-free-objects.ts';
import { type HeapProblem, type HeapWalk, type SlabHeap } from './slab-heap.ts';
import { slabLayout } from './slab-layout.ts';
import { limitToRoom } from './slab-room.ts';
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

/** So many problems of a cache are told, the others are counted. */
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
  if (census.strangeSlabs > 0)
    problems.push(
      `${census.strangeSlabs === 1 ? '1 slab belongs' : `${census.strangeSlabs} slabs belong`} to no cache that is listed`,
    );
  if (!reading || allocator === undefined) {
    problems.push('slabs cannot be told apart: the dump has no types, or they do not say how a slab looks');
    return { map, layout, census, problems };
  }
  return { map, layout, census, heap: openHeap(kernel, allocator, caches, map, census, reading.directMap), problems };
}

/** What the census needs to know of the caches; undefined where the types do not say how a slab looks. */
export function slabReading(kernel: Kernel, caches: readonly KmemCache[]): SlabReading | undefined {
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
  const torn = limitToRoom(columns, caches, kernel.memory.pageSize);
  const table = new SlabTable(columns);
  const problems: HeapProblem[] = [];
  const told = new Map<number | undefined, number>();
  const unknown = new Map<number, Map<string, number>>();
  const walk: HeapWalk = {
    kernel,
    caches,
    columns,
    table,
    directMap,
    arrays: [],
    problem(problem, cache) {
      const count = (told.get(cache) ?? 0) + 1;
      told.set(cache, count);
      if (count <= TOLD) problems.push({ problem, ...(cache === undefined ? {} : { cache }) });
    },
    setUnknown(slab, why) {
      // What was wrong first is the reason; the rest follows from it.
      if ((table.capacity[slab] ?? 0) > 0 && table.isUnknown(table.first[slab] ?? 0)) return;
      table.setUnknown(slab);
      const cache = table.cache[slab] ?? 0;
      const reasons = unknown.get(cache) ?? new Map<string, number>();
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
      unknown.set(cache, reasons);
    },
  };
  for (const { slab, claimed, room } of torn)
    walk.setUnknown(slab, `it claims ${claimed} objects and has room for ${room}`);
  for (const [state, pages] of pagesNotInDump(table, kernel.memory.physical, kernel.memory.pageSize))
    walk.problem(NOT_IN_DUMP[state](pages));
  try {
    if (allocator === 'SLUB') {
      walkSlubFreeLists(walk, map);
      walkSheaves(walk);
    } else walkSlabFreeObjects(walk);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    problems.push({ problem: `free objects cannot be told: ${cause.message}` });
  }
  for (const [cache, count] of told) {
    const problem = `${count - TOLD} more problems of the kind`;
    if (count > TOLD) problems.push({ problem, ...(cache === undefined ? {} : { cache }) });
  }
  for (const [cache, reasons] of unknown)
    for (const [why, slabs] of reasons)
      problems.push({ cache, problem: `${slabs} ${slabs === 1 ? 'slab' : 'slabs'}: ${why}` });
  const unknownSlabs = new Map(
    [...unknown].map(([cache, reasons]) => [cache, [...reasons.values()].reduce((a, b) => a + b, 0)]),
  );
  return { allocator, caches, table, unknownSlabs, arrays: walk.arrays, problems };
}

/** Pages of slabs are never left out on purpose; makedumpfile before commit bad2a7c took those of 6.10 for a user's. */
const NOT_IN_DUMP: Readonly<Record<Gap['state'], (pages: number) => string>> = {
  excluded: (n) => `${n} pages of slabs were left out of the dump: the program that wrote it does not know this kernel`,
  lost: (n) => `${n} pages of slabs are missing from the dump`,
  absent: (n) => `${n} pages of slabs lie outside of the dump`,
};

function pagesNotInDump(
  table: SlabTable,
  physical: PhysicalMemory,
  pageSize: number,
): ReadonlyMap<Gap['state'], number> {
  const perPage = physical.pageSize / pageSize;
  const lacking = new Map<Gap['state'], number>();
  for (let slab = 0; slab < table.count; slab++) {
    const first = table.frame[slab] ?? 0;
    for (let frame = first; frame < first + (table.pages[slab] ?? 0); frame++) {
      const state = physical.state(Math.floor(frame / perPage));
      if (state !== 'present' && state !== 'zero') lacking.set(state, (lacking.get(state) ?? 0) + 1);
    }
  }
  return lacking;
}
