import type { CallSiteGroup } from '../model/call-site.ts';
import { kmallocSize } from '../model/slab-names.ts';

/** `alloc_tty_struct [tty]`, `foo_open [foo]`; callers where the function alone says little. */
export function nameSites(groups: readonly CallSiteGroup[]): string {
  return groups.map(({ site }) => `${site.function}${site.module ? ` [${site.module}]` : ''}`).join(', ');
}

/**
 * Reported allocations that lie in a cache: the report says so, or their size is one that a general cache of this
 * object size serves (more than half of it; the smallest general cache of a machine serves all below).
 */
export function sitesOfCache(
  groups: readonly CallSiteGroup[],
  cache: string,
  slotSize: number | undefined,
): readonly CallSiteGroup[] {
  const served = kmallocSize(cache) ?? undefined;
  return groups.filter((g) => {
    if (g.cache !== undefined) return g.cache === cache;
    if (served === undefined || g.objectSize === undefined || g.detector === 'page_owner' || g.detector === 'allocinfo')
      return false;
    if (g.area !== undefined && g.area !== 'slab') return false;
    const smallest = served >= (slotSize ?? served) && served <= 128;
    return g.objectSize <= served && (g.objectSize > served / 2 || (smallest && g.objectSize > served / 8));
  });
}
