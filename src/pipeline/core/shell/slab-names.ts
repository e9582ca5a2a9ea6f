import { objectAt } from '../../../model/kernel/slab-heap.ts';
import type { CoreSession } from '../session.ts';

/** The slab cache whose object an address of the direct map lies in. */
export function cacheAt(session: CoreSession, address: bigint): string | undefined {
  const { kernel, heap } = session;
  const { directMap } = kernel;
  if (!directMap || address < directMap.virtual || address - directMap.virtual >= directMap.size) return undefined;
  const base = directMap.virtual - BigInt(directMap.physical);
  const found = objectAt({ kernel, caches: heap.caches, table: heap.table, directMap: base }, address);
  return found && heap.caches[heap.table.cache[found.slab] ?? 0]?.name;
}
