import type { ObjectState } from '../../findings/core/core-slabs.ts';
import type { SlabTable } from '../../model/heap/slab-table.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import { InputError } from '../../sources/input-error.ts';
import { spell } from './addresses.ts';
import type { CoreSession } from './session.ts';

/** One place in a slab: an object, or room for one. */
export interface SlabObject {
  readonly address: bigint;
  readonly state: ObjectState;
}

/** The objects of one cache, by its name, its address or one of its aliases, in the order of memory. Throws InputError. */
export function walkObjects(session: CoreSession, cache: string): Generator<SlabObject> {
  const numbers = findCaches(session, cache);
  return listObjects(session, numbers);
}

function* listObjects({ heap, kernel }: CoreSession, numbers: ReadonlySet<number>): Generator<SlabObject> {
  const { table, caches } = heap;
  const direct = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  for (let slab = 0; slab < table.count; slab++) {
    const number = table.cache[slab] ?? 0;
    if (!numbers.has(number)) continue;
    const start = direct + BigInt((table.frame[slab] ?? 0) * kernel.memory.pageSize + (table.start[slab] ?? 0));
    const size = caches[number]?.size ?? 0;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++)
      yield { address: start + BigInt(i * size), state: stateOf(table, (table.first[slab] ?? 0) + i) };
  }
}

/** Free is known even where the rest of a slab is not. */
export const stateOf = (table: SlabTable, object: number): ObjectState =>
  table.isFree(object) ? 'free' : table.isUnknown(object) ? 'unknown' : 'allocated';

/** Of each cache the number of the one it is reported as: itself, or its root before 5.9. */
export function rootsOf(caches: readonly KmemCache[]): readonly number[] {
  const numbers = new Map(caches.map(({ address }, i) => [address, i]));
  return caches.map(({ root }, i) => (root === undefined ? i : (numbers.get(root) ?? i)));
}

/** The numbers of the caches that a name, an address or an alias means, with their children. Throws InputError. */
export function findCaches(session: CoreSession, name: string): ReadonlySet<number> {
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
