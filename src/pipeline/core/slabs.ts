import type { CoreCache, CoreObject, CoreSlabs } from '../../findings/core/core-slabs.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { spell } from './addresses.ts';
import { rootsOf, type SlabObject, walkObjects } from './objects.ts';
import type { CoreSession } from './session.ts';

interface Tally {
  slabs: number;
  pages: number;
  total: number;
  allocated: number;
  unknown: number;
}

/** Every cache with its counts, children of memory cgroups within their roots; the largest first. */
export function coreSlabs(session: CoreSession): CoreSlabs {
  const { heap, kernel, pages } = session;
  const tallies = countObjects(heap);
  const roots = rootsOf(heap.caches);
  for (const [number, root] of roots.entries()) if (root !== number) add(tallies[root], tallies[number]);
  const caches = heap.caches.flatMap((cache, number): CoreCache[] => {
    const tally = tallies[number];
    if (!tally || roots[number] !== number) return [];
    const problems = heap.problems.filter((p) => p.cache !== undefined && roots[p.cache] === number);
    return [
      {
        name: cache.name,
        aliases: session.aliasesOf(cache.address),
        address: spell(cache.address),
        objectSize: cache.objectSize,
        stride: cache.size,
        allocated: tally.allocated,
        total: tally.total,
        slabs: tally.slabs,
        bytes: tally.pages * kernel.memory.pageSize,
        reclaimable: cache.reclaimable,
        ...(tally.unknown > 0 ? { unknown: tally.unknown } : {}),
        problems: problems.map(({ problem }) => problem),
      },
    ];
  });
  const general = heap.problems.filter((p) => p.cache === undefined).map((p) => p.problem);
  return {
    allocator: heap.allocator,
    caches: caches.toSorted((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)),
    problems: [...pages.problems, ...general],
  };
}

function add(to: Tally | undefined, from: Tally | undefined): void {
  if (!to || !from) return;
  to.slabs += from.slabs;
  to.pages += from.pages;
  to.total += from.total;
  to.allocated += from.allocated;
  to.unknown += from.unknown;
}

function countObjects({ caches, table }: SlabHeap): Tally[] {
  const tallies = caches.map((): Tally => ({ slabs: 0, pages: 0, total: 0, allocated: 0, unknown: 0 }));
  for (let slab = 0; slab < table.count; slab++) {
    const tally = tallies[table.cache[slab] ?? 0];
    if (!tally) continue;
    const [capacity, first] = [table.capacity[slab] ?? 0, table.first[slab] ?? 0];
    tally.slabs++;
    tally.pages += table.pages[slab] ?? 0;
    tally.total += capacity;
    if (table.isUnknown(first) && capacity > 0) {
      tally.unknown += capacity;
      tally.allocated += table.inUse[slab] ?? 0;
    } else tally.allocated += capacity - table.countFree(first, capacity);
  }
  return tallies;
}

/** The objects of one cache as `kleak core objects` gives them. Throws InputError. */
export function coreObjects(session: CoreSession, cache: string): Generator<CoreObject> {
  return spelled(walkObjects(session, cache));
}

function* spelled(objects: Iterable<SlabObject>): Generator<CoreObject> {
  for (const { address, state } of objects) yield { address: spell(address), state };
}
