import { bytes, kibibytes, type Bytes } from '../../base/units.ts';
import { ofKind, type Sighting } from '../../formats/catalog.ts';
import type { SlabinfoRow } from '../../formats/proc/slabinfo.ts';
import type { Amount, CacheTable, SlabCache, SnapshotPart } from '../snapshot.ts';

/** What files of /proc and /sys contribute. `pageSize` is assumed where the files do not tell it. */
export function gatherProc(sightings: readonly Sighting[], pageSize: Bytes = kibibytes(4)): SnapshotPart {
  const [meminfo] = ofKind(sightings, 'meminfo');
  const [slabinfo] = ofKind(sightings, 'slabinfo');
  return {
    ...(meminfo ? { counters: gatherCounters(meminfo.value) } : {}),
    ...(slabinfo ? { caches: gatherCaches(slabinfo.value.rows, slabinfo.value.whole, pageSize) } : {}),
  };
}

function gatherCounters(
  fields: ReadonlyMap<string, { kind: 'amount' | 'count'; bytes?: Bytes } & Pick<Amount, 'at'>>,
): ReadonlyMap<string, Amount> {
  const amounts = new Map<string, Amount>();
  for (const [name, field] of fields) if (field.bytes !== undefined) amounts.set(name, { bytes: field.bytes, at: field.at });
  return amounts;
}

function gatherCaches(rows: readonly SlabinfoRow[], whole: boolean, pageSize: Bytes): CacheTable {
  const caches = new Map<string, SlabCache>();
  for (const row of rows) {
    const before = caches.get(row.name);
    caches.set(row.name, {
      name: row.name,
      objects: row.activeObjects + (before?.objects ?? 0),
      slots: row.totalObjects + (before?.slots ?? 0),
      objectSize: row.objectSize,
      slabs: row.slabs + (before?.slabs ?? 0),
      bytes: bytes(row.slabs * row.pagesPerSlab * pageSize + (before?.bytes ?? 0)),
      copies: 1 + (before?.copies ?? 0),
      aliases: [],
      at: before?.at ?? row.at,
    });
  }
  return { caches: [...caches.values()], whole };
}
