import type { Provenance } from '../../base/provenance.ts';
import { bytes, bytesLess, isQuantity, sumBytes, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { Amount } from '../snapshot.ts';

/** What one node says by one name. */
interface NodeValue {
  readonly node: number;
  readonly name: string;
  readonly bytes: Bytes;
  readonly at: Provenance;
}

/** Not a name of meminfo's, or a name that means something else there. */
const OWN_NAMES = new Set(['MemUsed', 'FilePages']);

/** The nodes' amounts added up, from node meminfo or `numastat -m`. A name that some node lacks is left out. */
export function gatherNodeCounters(sightings: readonly Sighting[]): ReadonlyMap<string, Amount> {
  const exact = ofKind(sightings, 'node-meminfo').flatMap((s) => s.value);
  const values = exact.length > 0 ? exact : fromTable(sightings);
  const nodes = new Set(values.map((value) => value.node)).size;
  const byName = new Map<string, Map<number, NodeValue>>();
  for (const value of values) {
    const sameName = byName.get(value.name) ?? new Map<number, NodeValue>();
    if (!sameName.has(value.node)) sameName.set(value.node, value);
    byName.set(value.name, sameName);
  }
  const sums = new Map<string, Amount>();
  for (const [name, parts] of byName) if (parts.size === nodes) sums.set(name, sumOf([...parts.values()]));
  return withCached(sums);
}

/** `numastat -m` prints MiB with two decimals: exact to 10 KiB. */
function fromTable(sightings: readonly Sighting[]): readonly NodeValue[] {
  const tables = ofKind(sightings, 'numastat').filter((s) => s.value.unit === 'mebibytes');
  return tables.flatMap((table) =>
    table.value.rows
      .filter((row) => !row.name.startsWith('HugePages_'))
      .flatMap(({ name, values, at }) => values.map((n, node) => ({ node, name, bytes: mebibytes(n), at }))),
  );
}

const mebibytes = (n: number): Bytes =>
  bytes(isQuantity(Math.round(n * 1024 * 1024)) ? Math.round(n * 1024 * 1024) : 0);

function sumOf(parts: readonly NodeValue[]): Amount {
  const [only, ...others] = parts;
  if (only && others.length === 0) return { bytes: only.bytes, at: only.at };
  const at: Provenance = { kind: 'derived', from: parts.map((part) => part.at), by: 'sum over nodes' };
  return { bytes: sumBytes(parts.map((part) => part.bytes)), at };
}

/**
 * FilePages is meminfo's Cached, Buffers and SwapCached in one. Without the swap cache it stands as `Cached`; Buffers
 * are in it and have no amount of their own.
 */
function withCached(sums: ReadonlyMap<string, Amount>): ReadonlyMap<string, Amount> {
  const counters = new Map([...sums].filter(([name]) => !OWN_NAMES.has(name)));
  const files = sums.get('FilePages');
  const swap = sums.get('SwapCached');
  if (files && swap) {
    const at: Provenance = { kind: 'derived', from: [files.at, swap.at], by: 'FilePages less SwapCached' };
    counters.set('Cached', { bytes: bytesLess(files.bytes, swap.bytes), at });
  } else if (files) counters.set('Cached', files);
  return counters;
}
