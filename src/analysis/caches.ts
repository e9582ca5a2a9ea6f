import { bytesLess, sumBytes } from '../base/units.ts';
import type { CacheFacts, CacheUsage } from '../model/facts.ts';
import { measured, missing, type Measured } from '../model/measured.ts';
import { cacheFamily, isDetectorOverhead, isReclaimableCache } from '../model/slab-names.ts';
import type { CacheTable, SlabCache, Snapshot } from '../model/snapshot.ts';

/** Ranks the slab caches by the memory they hold, families added up. */
export function measureCaches(snapshot: Snapshot): Measured<CacheFacts> {
  const table = snapshot.caches;
  if (!table) return missing('no table of slab caches was seen (/proc/slabinfo is readable by root only)');
  const families = [...addFamilies(table.caches).values()];
  const held = sumBytes(families.map((c) => c.bytes));
  const counted = snapshot.counters.get('Slab');
  const basis = counted && counted.bytes > 0 ? 'meminfo' : table.stated ? 'stated' : 'rows';
  const slab = basis === 'meminfo' ? counted : statedSlab(table, held);
  if (!slab) return missing('the table of slab caches is empty');
  const overhead = sumBytes(families.filter((c) => isDetectorOverhead(c.name)).map((c) => c.bytes));
  return measured({
    ranking: families
      .filter((c) => !isDetectorOverhead(c.name))
      .toSorted((a, b) => b.bytes - a.bytes)
      .map((c) => usage(c, Math.max(slab.bytes, held))),
    slab,
    basis,
    whole: table.whole,
    difference: table.difference === true,
    overhead,
    ...(table.whole && counted ? { largeKmalloc: { bytes: bytesLess(counted.bytes, held), at: counted.at } } : {}),
  });
}

function statedSlab(table: CacheTable, held: CacheFacts['overhead']): CacheFacts['slab'] | undefined {
  if (table.stated) return { bytes: table.stated.held, at: table.stated.at };
  const [first] = table.caches;
  return first ? { bytes: held, at: first.at } : undefined;
}

/** Adds the caches of one family together; the first row's place stands for all. */
export function addFamilies(caches: readonly SlabCache[]): ReadonlyMap<string, SlabCache> {
  const families = new Map<string, SlabCache>();
  for (const cache of caches) {
    const name = cacheFamily(cache.name);
    const before = families.get(name);
    families.set(name, before ? add(before, cache) : { ...cache, name });
  }
  return families;
}

/** A count that one of the two lacks is unknown for both together. */
function add(a: SlabCache, b: SlabCache): SlabCache {
  const { objects, slots, slabs, ...rest } = a;
  return {
    ...rest,
    ...(objects !== undefined && b.objects !== undefined ? { objects: objects + b.objects } : {}),
    ...(slots !== undefined && b.slots !== undefined ? { slots: slots + b.slots } : {}),
    ...(slabs !== undefined && b.slabs !== undefined ? { slabs: slabs + b.slabs } : {}),
    bytes: sumBytes([a.bytes, b.bytes]),
    copies: a.copies + b.copies,
    aliases: [...new Set([...a.aliases, ...b.aliases])],
  };
}

function usage(cache: SlabCache, slab: number): CacheUsage {
  return {
    name: cache.name,
    bytes: cache.bytes,
    ...(cache.objects === undefined ? {} : { objects: cache.objects }),
    ...(cache.slots === undefined ? {} : { slots: cache.slots }),
    ...(cache.objectSize === undefined ? {} : { objectSize: cache.objectSize }),
    reclaimable: cache.reclaimable ?? isReclaimableCache(cache.name),
    share: slab > 0 ? cache.bytes / slab : 0,
    aliases: cache.aliases,
    copies: cache.copies,
    at: cache.at,
  };
}
