import { kernelAddress, kibibytes, seconds, spellAddress } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { Amount, DumpedMemory, Pool, ProcessUse, Program, SnapshotPart } from '../snapshot.ts';
import { gatherProcesses as gatherProcFiles } from './proc-processes.ts';
import { gatherToolCaches } from './tools-caches.ts';

/** What the output of tools contributes. It comes second to the files of /proc that the tools read themselves. */
export function gatherTools(sightings: readonly Sighting[]): SnapshotPart {
  const counters = gatherCounters(sightings);
  const caches = gatherToolCaches(sightings);
  const processes = gatherProcesses(sightings);
  const processSum = gatherProcessSum(sightings);
  const time = gatherTime(sightings);
  const pageSize = ofKind(sightings, 'crash-kmem-i').find((s) => s.value.pageSize !== undefined)?.value.pageSize;
  return {
    ...(counters.size > 0 ? { counters } : {}),
    ...(caches ? { caches } : {}),
    ...(processes.length > 0 ? { processes } : {}),
    ...(processSum ? { processSum } : {}),
    ...(time ? { time } : {}),
    ...(pageSize === undefined ? {} : { host: { pageSize } }),
    programs: gatherPrograms(sightings),
    pools: gatherPools(sightings),
    dumped: gatherDumped(sightings),
  };
}

/** The exact sources first: crash counts pages, `free -h` and top in MiB round. */
function gatherCounters(sightings: readonly Sighting[]): ReadonlyMap<string, Amount> {
  const sources = [
    ...ofKind(sightings, 'crash-kmem-i'),
    ...ofKind(sightings, 'free'),
    ...ofKind(sightings, 'vmstat-table'),
    ...ofKind(sightings, 'smem'),
    ...ofKind(sightings, 'top'),
    ...ofKind(sightings, 'memory-table').flatMap((s) => s.value.rows.slice(-1).map((value) => ({ value }))),
  ];
  const counters = new Map(sources.toReversed().flatMap(({ value }) => [...value.amounts]));
  const [df] = ofKind(sightings, 'df-tmpfs');
  const [mount] = df?.value.mounts ?? [];
  if (df?.value.used !== undefined && mount) counters.set('TmpfsUsed', { bytes: df.value.used, at: mount.at });
  return counters;
}

/**
 * One table of processes, the richest: smem knows shares, ps and top only resident sizes. Processes that files of /proc
 * describe are left to those.
 */
function gatherProcesses(sightings: readonly Sighting[]): readonly ProcessUse[] {
  const tables = [...ofKind(sightings, 'smem-processes'), ...ofKind(sightings, 'ps'), ...ofKind(sightings, 'top')];
  const measured = tables.map(({ value }) => value.processes.filter((p) => p.rss !== undefined || p.pss !== undefined));
  const known = new Set(gatherProcFiles(sightings, kibibytes(4)).flatMap((p) => p.pid ?? []));
  const best = measured.find((processes) => processes.length > 0) ?? [];
  return best.filter((p) => p.pid === undefined || !known.has(p.pid));
}

function gatherProcessSum(sightings: readonly Sighting[]): SnapshotPart['processSum'] {
  const sums = ofKind(sightings, 'ps-rss-sum').map(({ value }) => value);
  const total = ofKind(sightings, 'smem-processes').find(({ value }) => value.total)?.value.total;
  const rss =
    sums.find((s) => s.rss)?.rss ?? (total?.rss === undefined ? undefined : { bytes: total.rss, at: total.at });
  const pss =
    sums.find((s) => s.pss)?.pss ?? (total?.pss === undefined ? undefined : { bytes: total.pss, at: total.at });
  return rss || pss ? { ...(rss ? { rss } : {}), ...(pss ? { pss } : {}) } : undefined;
}

/** The wall clock where there is one, else the time up, else what the row of a table says. */
function gatherTime(sightings: readonly Sighting[]): SnapshotPart['time'] {
  const stamps = ofKind(sightings, 'stamp');
  const wall = stamps.find(({ value }) => value.epochSeconds !== undefined);
  const up = [...stamps, ...ofKind(sightings, 'top')].find(({ value }) => value.uptimeSeconds !== undefined);
  const found = wall ?? up;
  if (!found) return gatherRowTime(sightings);
  const at = { kind: 'line', file: found.file, line: found.line } as const;
  if (wall) return { seconds: seconds(wall.value.epochSeconds ?? 0), clock: 'epoch', at };
  return { seconds: seconds(found.value.uptimeSeconds ?? 0), clock: 'boot', at };
}

/** A table's own clock counts from an instant that only the table knows: its rows can be ordered, with nothing else. */
function gatherRowTime(sightings: readonly Sighting[]): SnapshotPart['time'] {
  const row = ofKind(sightings, 'memory-table').flatMap(({ value }) => value.rows.slice(-1))[0];
  if (!row?.time) return undefined;
  return { seconds: seconds(row.time.seconds), clock: row.time.clock === 'epoch' ? 'epoch' : 'file', at: row.at };
}

const gatherPrograms = (sightings: readonly Sighting[]): readonly Program[] =>
  [
    ...ofKind(sightings, 'ethtool-driver'),
    ...ofKind(sightings, 'driver-versions'),
    ...ofKind(sightings, 'modinfo'),
    ...ofKind(sightings, 'curl-version'),
    ...ofKind(sightings, 'package-list'),
    ...ofKind(sightings, 'os-release'),
  ].flatMap(({ value }) => value.programs);

/** One of each kind: a tool printed twice says the same thing twice, and so do the files of /proc it reads. */
function gatherPools(sightings: readonly Sighting[]): readonly Pool[] {
  const blocks = [
    ...ofKind(sightings, 'arc-summary'),
    ...ofKind(sightings, 'arcstat'),
    ...ofKind(sightings, 'balloon-stat'),
  ];
  const known = [
    ofKind(sightings, 'arcstats').length > 0 ? 'zfs-arc' : '',
    ofKind(sightings, 'spl-slab').length > 0 ? 'spl-slab' : '',
  ];
  const pools = new Map<string, Pool>();
  for (const pool of blocks.flatMap(({ value }) => value.pools)) {
    if (!pools.has(pool.id) && !known.includes(pool.id)) pools.set(pool.id, pool);
  }
  return [...pools.values()];
}

function gatherDumped(sightings: readonly Sighting[]): DumpedMemory {
  const words = ofKind(sightings, 'crash-rd').flatMap(({ value }) => value.words);
  const symbols = ofKind(sightings, 'crash-sym').flatMap(({ value }) => value.symbols);
  const structs = ofKind(sightings, 'crash-struct').flatMap(({ value }) => value.structs);
  const objects = ofKind(sightings, 'crash-kmem-slabs').flatMap(({ value }) => value.objects);
  const named = [...symbols.filter((s) => s.offset === undefined), ...structs.flatMap(membersThatPoint)];
  return {
    objects: unique(objects, (o) => `${o.cache} ${o.address}`),
    words: unique(words, (w) => `${w.address} ${w.value}`),
    symbols: unique(named, (s) => s.address),
    structs: unique(structs, (s) => JSON.stringify([s.type, s.address, s.members])),
  };
}

/** `f_op = 0xffffffff81a2b3c0 <ext4_file_operations>` resolves a symbol as `sym` does. */
function membersThatPoint(struct: DumpedMemory['structs'][number]): DumpedMemory['symbols'] {
  return struct.members.flatMap(({ value, symbol }) => {
    const hex = /^0x([0-9a-f]{8,16}) <[\w.$]+>/.exec(value)?.[1];
    if (hex === undefined || symbol === undefined) return [];
    return [{ address: spellAddress(kernelAddress(BigInt(`0x${hex}`))), symbol, at: struct.at }];
  });
}

/** Sessions show the same memory again and again: the first showing stays. */
function unique<T>(list: readonly T[], key: (one: T) => string): readonly T[] {
  const seen = new Map<string, T>();
  for (const one of list) {
    const k = key(one);
    if (!seen.has(k)) seen.set(k, one);
  }
  return [...seen.values()];
}
