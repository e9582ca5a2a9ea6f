import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { PagetypeRow } from '../../formats/proc/pagetypeinfo.ts';
import type { ZoneFreeLists } from '../snapshot.ts';

/** Free blocks by zone and order: from buddyinfo, or pagetypeinfo's added up over migrate types. */
export function gatherFreeLists(sightings: readonly Sighting[]): readonly ZoneFreeLists[] {
  const [buddyinfo] = ofKind(sightings, 'buddyinfo');
  if (buddyinfo) return buddyinfo.value;
  const [pagetypeinfo] = ofKind(sightings, 'pagetypeinfo');
  const zones = Map.groupBy(pagetypeinfo?.value.free ?? [], (row) => `${row.node} ${row.zone}`);
  return [...zones.values()].flatMap((rows) => addTypes(rows));
}

/** Nothing where the kernel stopped counting a list: the sum would be too small. */
function addTypes(rows: readonly PagetypeRow[]): readonly ZoneFreeLists[] {
  const [first] = rows;
  if (!first || rows.some((row) => row.overflow || row.blocks.length !== first.blocks.length)) return [];
  const blocks = first.blocks.map((_, order) => rows.reduce((sum, row) => sum + (row.blocks[order] ?? 0), 0));
  return [{ node: first.node, zone: first.zone, blocks, at: first.at }];
}
