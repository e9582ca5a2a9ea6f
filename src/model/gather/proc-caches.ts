import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { SlabinfoRow } from '../../formats/proc/slabinfo.ts';
import type { SlabValue } from '../../formats/proc/slab-values.ts';
import type { SlabLink } from '../../formats/proc/slab-links.ts';
import type { CacheTable, SlabCache } from '../snapshot.ts';

/** The slab caches, with the names that the kernel merged into each. */
export function gatherCaches(sightings: readonly Sighting[], pageSize: Bytes): CacheTable | undefined {
  const [slabinfo] = ofKind(sightings, 'slabinfo');
  if (!slabinfo) return undefined;
  const reclaimable = accounted(ofKind(sightings, 'slab-values').flatMap((s) => s.value));
  const merged = mergedNames(ofKind(sightings, 'slab-links').flatMap((s) => s.value));
  const caches = new Map<string, SlabCache>();
  for (const row of slabinfo.value.rows) {
    const cache = addRow(caches.get(row.name), row, pageSize);
    if (cache) caches.set(row.name, cache);
  }
  const named = [...caches.values()]
    .map((cache) => ({ ...cache, ...present(reclaimable.get(cache.name)) }))
    .map((cache) => withNames(cache, merged.get(cache.name), caches));
  return { caches: named, whole: slabinfo.value.whole };
}

const present = (reclaimable: boolean | undefined): Pick<SlabCache, 'reclaimable'> =>
  reclaimable === undefined ? {} : { reclaimable };

/** What the kernel itself says of caches that were not merged. */
const accounted = (values: readonly SlabValue[]): ReadonlyMap<string, boolean> =>
  new Map(values.filter((v) => v.name === 'reclaim_account').map((v) => [v.cache, v.value !== '0']));

/** A row added to the cache of its name; undefined where the sum is beyond exact numbers. */
function addRow(before: SlabCache | undefined, row: SlabinfoRow, pageSize: Bytes): SlabCache | undefined {
  const held = row.slabs * row.pagesPerSlab * pageSize + (before?.bytes ?? 0);
  if (!isQuantity(held)) return before;
  return {
    name: row.name,
    objects: row.activeObjects + (before?.objects ?? 0),
    slots: row.totalObjects + (before?.slots ?? 0),
    objectSize: row.objectSize,
    slabs: row.slabs + (before?.slabs ?? 0),
    bytes: bytes(held),
    copies: 1 + (before?.copies ?? 0),
    aliases: [],
    at: before?.at ?? row.at,
  };
}

/** Every linked name with all links to the same target. */
function mergedNames(links: readonly SlabLink[]): ReadonlyMap<string, readonly SlabLink[]> {
  const byTarget = Map.groupBy(links, (link) => link.target);
  return new Map(links.map((link) => [link.name, byTarget.get(link.target) ?? []]));
}

function withNames(
  cache: SlabCache,
  same: readonly SlabLink[] | undefined,
  listed: ReadonlyMap<string, SlabCache>,
): SlabCache {
  const [link] = same ?? [];
  if (!same || !link) return cache;
  const aliases = [...new Set(same.map((other) => other.name))].filter((name) => !listed.has(name));
  return { ...cache, aliases, reclaimable: link.flags.includes('a') };
}
