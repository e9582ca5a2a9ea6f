import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { CacheRow } from '../../formats/tools/cache-row.ts';
import type { CacheTable, SlabCache } from '../snapshot.ts';

/** The table of caches that tools printed: the best one there is, with the sum that slabtop states for all of them. */
export function gatherToolCaches(sightings: readonly Sighting[]): CacheTable | undefined {
  const tables = [dumped(sightings), slabtops(sightings), slots(sightings), differences(sightings)];
  const best = tables.find((table) => table !== undefined && table.caches.length > 0);
  const stated = tables.find((table) => table?.stated)?.stated;
  if (!best) return stated ? { caches: [], whole: false, stated } : undefined;
  return stated && !best.stated ? { ...best, stated } : best;
}

/** Of crash and drgn, several commands in one session: of a cache shown twice the first stays. */
function dumped(sightings: readonly Sighting[]): CacheTable | undefined {
  const blocks = [
    ...ofKind(sightings, 'drgn-slabs'),
    ...ofKind(sightings, 'crash-kmem-s'),
    ...ofKind(sightings, 'crash-kmem-slabs'),
  ];
  if (blocks.length === 0) return undefined;
  const caches = new Map<string, SlabCache>();
  for (const { value } of blocks)
    for (const cache of foldRows(value.rows)) if (!caches.has(cache.name)) caches.set(cache.name, cache);
  return { caches: [...caches.values()], whole: blocks.some(({ value }) => 'whole' in value && value.whole) };
}

function slabtops(sightings: readonly Sighting[]): CacheTable | undefined {
  const [slabtop] = ofKind(sightings, 'slabtop');
  if (!slabtop) return undefined;
  const { rows, totals } = slabtop.value;
  return { caches: foldRows(rows), whole: false, ...(totals.size ? { stated: totals.size } : {}) };
}

function slots(sightings: readonly Sighting[]): CacheTable | undefined {
  const [vmstat] = ofKind(sightings, 'vmstat-slabs');
  return vmstat && { caches: foldRows(vmstat.value.rows), whole: false };
}

/** What grew between two moments; caches that shrank hold nothing that matters and are left out. */
function differences(sightings: readonly Sighting[]): CacheTable | undefined {
  const [diff] = ofKind(sightings, 'slab-diff');
  const grown = diff?.value.rows.flatMap(({ name, growth, at }) =>
    isQuantity(growth) ? [{ name, bytes: bytes(growth), at }] : [],
  );
  return grown && { caches: foldRows(grown), whole: false, difference: true };
}

/** Rows without an amount are left out: what a cache holds is not known then. Rows of one name are added up. */
function foldRows(rows: readonly CacheRow[]): readonly SlabCache[] {
  const caches = new Map<string, SlabCache>();
  for (const row of rows) {
    if (row.bytes === undefined) continue;
    const before = caches.get(row.name);
    const sum = add(row.bytes, before?.bytes ?? 0);
    if (sum !== undefined) caches.set(row.name, before ? merge(before, row, sum) : first(row, sum));
  }
  return [...caches.values()];
}

function first({ name, objects, slots: all, objectSize, slabs, at }: CacheRow, sum: Bytes): SlabCache {
  return {
    name,
    ...(objects === undefined ? {} : { objects }),
    ...(all === undefined ? {} : { slots: all }),
    ...(objectSize === undefined ? {} : { objectSize }),
    ...(slabs === undefined ? {} : { slabs }),
    bytes: sum,
    copies: 1,
    aliases: [],
    at,
  };
}

/** Counts that one of the two lacks stay those of the other: they are lower bounds then. */
const merge = (before: SlabCache, row: CacheRow, sum: Bytes): SlabCache => ({
  ...before,
  ...(row.objects === undefined ? {} : { objects: row.objects + (before.objects ?? 0) }),
  ...(row.slots === undefined ? {} : { slots: row.slots + (before.slots ?? 0) }),
  ...(row.slabs === undefined ? {} : { slabs: row.slabs + (before.slabs ?? 0) }),
  bytes: sum,
  copies: before.copies + 1,
});

function add(a: Bytes, b: number): Bytes | undefined {
  return isQuantity(a + b) ? bytes(a + b) : undefined;
}
