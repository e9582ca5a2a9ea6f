import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { CoreSession } from './session.ts';

/**
 * Whether a cache serves others than it is named for. Each further name is a reference to the cache: SLAB, and SLUB without
 * sysfs, keep no list of the names themselves.
 */
export function isMerged(session: CoreSession, cache: bigint): boolean {
  if (session.aliasesOf(cache).length > 0) return true;
  const { memory, layouts } = session.kernel;
  const layout = layouts.struct('kmem_cache');
  if (!layout?.has('refcount')) return false;
  return (ifThere(() => viewStruct(memory, layouts, layout, cache).number('refcount')) ?? 1) > 1;
}
