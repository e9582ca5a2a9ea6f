import type { CoreCache, CoreObject, CoreSlabs, ObjectState } from '../../findings/core/core-slabs.ts';
import type { SlabTable } from '../../model/heap/slab-table.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { InputError } from '../../sources/input-error.ts';
import { spell } from './addresses.ts';
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

/** Of each cache the number of the one it is reported as: itself, or its root before 5.9. */
function rootsOf(caches: readonly KmemCache[]): readonly number[] {
  const numbers = new Map(caches.map(({ address }, i) => [address, i]));
  return caches.map(({ root }, i) => (root === undefined ? i : (numbers.get(root) ?? i)));
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

/** The objects of one cache, by its name or one of its aliases, in the order of memory. Throws InputError. */
export function coreObjects(session: CoreSession, name: string): Generator<CoreObject> {
  const numbers = findCaches(session, name);
  return listObjects(session, numbers);
}

function* listObjects({ heap, kernel }: CoreSession, numbers: ReadonlySet<number>): Generator<CoreObject> {
  const { table, caches } = heap;
  const direct = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  for (let slab = 0; slab < table.count; slab++) {
    const number = table.cache[slab] ?? 0;
    if (!numbers.has(number)) continue;
    const start = direct + BigInt((table.frame[slab] ?? 0) * kernel.memory.pageSize + (table.start[slab] ?? 0));
    const size = caches[number]?.size ?? 0;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++)
      yield { address: spell(start + BigInt(i * size)), state: stateOf(table, (table.first[slab] ?? 0) + i) };
  }
}

/** Free is known even where the rest of a slab is not. */
export const stateOf = (table: SlabTable, object: number): ObjectState =>
  table.isFree(object) ? 'free' : table.isUnknown(object) ? 'unknown' : 'allocated';

function findCaches(session: CoreSession, name: string): ReadonlySet<number> {
  const { heap, kernel } = session;
  const roots = rootsOf(heap.caches);
  const fits = (cache: KmemCache | undefined): boolean =>
    cache !== undefined &&
    (cache.name === name || spell(cache.address) === name || session.aliasesOf(cache.address).includes(name));
  const found = [...roots.entries()].filter(([number, root]) => fits(heap.caches[root]) || fits(heap.caches[number]));
  if (found.length > 0) return new Set(found.map(([number]) => number));
  const near = heap.caches
    .filter((c) => c.name.includes(name))
    .slice(0, 5)
    .map((c) => c.name);
  const advice = near.length > 0 ? `there are ${near.join(', ')}` : 'kleak core slabs lists the caches';
  throw new InputError(kernel.file, `has no slab cache ${name}`, advice);
}
