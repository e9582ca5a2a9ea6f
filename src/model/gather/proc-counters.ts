import type { Provenance } from '../../base/provenance.ts';
import { bytes, bytesLess, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { Meminfo } from '../../formats/proc/meminfo.ts';
import type { Amount, Counters } from '../snapshot.ts';
import { gatherNodeCounters } from './proc-node-counters.ts';
import { gatherVmstatCounters } from './proc-vmstat-counters.ts';

/**
 * Amounts by meminfo's names. What meminfo itself says stands; files that say the same in another unit or by node are
 * taken only where there is no meminfo, because amounts of different moments do not add up.
 */
export function gatherCounters(sightings: readonly Sighting[], pageSize: Bytes): Counters {
  const [meminfo] = ofKind(sightings, 'meminfo');
  const counters = new Map<string, Amount>(gatherVmstatCounters(sightings, pageSize, meminfo === undefined));
  const add = (parts: Iterable<readonly [string, Amount]>): void => {
    for (const [name, amount] of parts) counters.set(name, amount);
  };
  add(gatherZones(sightings, pageSize, meminfo === undefined));
  add(gatherSockets(sightings, pageSize));
  add(gatherHugepages(sightings));
  if (!meminfo) add(gatherNodeCounters(sightings));
  for (const [name, field] of meminfo?.value ?? [])
    if (field.kind === 'amount') counters.set(name, { bytes: field.bytes, at: field.at });
  add(gatherDefaultPool(meminfo?.value, counters));
  add(miscReclaimable(counters));
  return counters;
}

/** Free pages on per-CPU lists, which no field of meminfo has, and the pages given to the page allocator. */
function gatherZones(
  sightings: readonly Sighting[],
  pageSize: Bytes,
  alone: boolean,
): readonly (readonly [string, Amount])[] {
  const [zoneinfo] = ofKind(sightings, 'zoneinfo');
  const zones = zoneinfo?.value ?? [];
  const sum = (pick: (zone: (typeof zones)[number]) => number | undefined, by: string): Amount | undefined => {
    const some = zones.filter((zone) => pick(zone) !== undefined);
    const total = some.reduce((pages, zone) => pages + (pick(zone) ?? 0), 0) * pageSize;
    return some.length > 0 && isQuantity(total) ? { bytes: bytes(total), at: derived(some, by) } : undefined;
  };
  const parked = sum((zone) => zone.perCpu, 'per-CPU lists of all zones');
  const managed = sum((zone) => zone.managed, 'managed pages of all zones');
  return [
    ...(parked ? [['Pcp', parked] as const] : []),
    ...(managed ? [['Managed', managed] as const] : []),
    // The kernel's own MemTotal is this sum.
    ...(managed && alone ? [['MemTotal', managed] as const] : []),
  ];
}

function gatherSockets(sightings: readonly Sighting[], pageSize: Bytes): readonly (readonly [string, Amount])[] {
  const memory = ofKind(sightings, 'sockstat')[0]?.value.tcpMemory;
  if (!memory || !isQuantity(memory.pages * pageSize)) return [];
  return [['TcpMem', { bytes: bytes(memory.pages * pageSize), at: memory.at }]];
}

/** Pools of every size; meminfo before 4.15 knows the default size only, as a count. */
function gatherHugepages(sightings: readonly Sighting[]): readonly (readonly [string, Amount])[] {
  const pools = (ofKind(sightings, 'hugepages')[0]?.value ?? []).filter((v) => v.name === 'nr_hugepages');
  const whole = pools.filter((pool) => pool.node === undefined);
  const counted = whole.length > 0 ? whole : pools;
  const total = counted.reduce((sum, pool) => sum + pool.count * pool.size, 0);
  if (counted.length === 0 || !isQuantity(total)) return [];
  return [['Hugetlb', { bytes: bytes(total), at: derived(counted, 'huge page pools of all sizes') }]];
}

/** The pool of the default size as meminfo counts it; `HugetlbFree` is what nobody uses of it. */
function gatherDefaultPool(meminfo: Meminfo | undefined, counters: Counters): readonly (readonly [string, Amount])[] {
  const size = counters.get('Hugepagesize')?.bytes;
  const pool = (field: string, name: string): readonly (readonly [string, Amount])[] => {
    const count = meminfo?.get(field);
    if (size === undefined || count?.kind !== 'count' || !isQuantity(count.count * size)) return [];
    return [[name, { bytes: bytes(count.count * size), at: count.at }]];
  };
  return [
    ...(counters.has('Hugetlb') ? [] : pool('HugePages_Total', 'Hugetlb')),
    ...pool('HugePages_Free', 'HugetlbFree'),
  ];
}

/** Kernel memory that gives way under pressure and is no slab: KReclaimable less SReclaimable. Since 4.20. */
function miscReclaimable(counters: Counters): readonly (readonly [string, Amount])[] {
  const all = counters.get('KReclaimable');
  const slab = counters.get('SReclaimable');
  if (!all || !slab) return [];
  const at: Provenance = { kind: 'derived', from: [all.at, slab.at], by: 'KReclaimable less SReclaimable' };
  return [['MiscReclaimable', { bytes: bytesLess(all.bytes, slab.bytes), at }]];
}

function derived(parts: readonly { readonly at: Provenance }[], by: string): Provenance {
  const [only, ...others] = parts;
  return only && others.length === 0 ? only.at : { kind: 'derived', from: parts.map((part) => part.at), by };
}
