import type { Sighting } from '../../formats/catalog.ts';
import type { CacheTable, Host, Snapshot, SnapshotPart } from '../snapshot.ts';
import { gatherDetectors } from './detectors.ts';
import { gatherLog } from './log.ts';
import { gatherProc } from './proc.ts';
import { gatherTools } from './tools.ts';

/** Builds one snapshot from the blocks that belong to one moment of one host. */
export function gatherSnapshot(label: string, sightings: readonly Sighting[]): Snapshot {
  return join(label, sightings, [
    gatherProc(sightings),
    gatherTools(sightings),
    gatherDetectors(sightings),
    gatherLog(sightings),
  ]);
}

/** Joins parts: lists one after another, counters by name, of single values the first given. */
function join(label: string, sightings: readonly Sighting[], parts: readonly SnapshotPart[]): Snapshot {
  const first = <K extends keyof SnapshotPart>(key: K): SnapshotPart[K] | undefined =>
    parts.find((p) => p[key] !== undefined)?.[key];
  const list = <T>(pick: (part: SnapshotPart) => readonly T[] | undefined): readonly T[] =>
    parts.flatMap((p) => pick(p) ?? []);
  const time = first('time');
  const caches = bestTable(parts.flatMap((p) => p.caches ?? []));
  const dentryState = first('dentryState');
  const vmalloc = first('vmalloc');
  const sockets = first('sockets');
  const threads = first('threads');
  const pagesFreed = first('pagesFreed');
  const dyingCgroups = first('dyingCgroups');
  const processSum = first('processSum');
  return {
    label,
    host: parts.toReversed().reduce<Host>((host, p) => ({ ...host, ...p.host }), {}),
    counters: new Map(parts.toReversed().flatMap((p) => [...(p.counters ?? [])])),
    ...(time ? { time } : {}),
    ...(caches ? { caches } : {}),
    ...(dentryState ? { dentryState } : {}),
    ...(vmalloc ? { vmalloc } : {}),
    ...(sockets ? { sockets } : {}),
    ...(threads ? { threads } : {}),
    ...(pagesFreed ? { pagesFreed } : {}),
    ...(dyingCgroups ? { dyingCgroups } : {}),
    ...(processSum ? { processSum } : {}),
    freeLists: list((p) => p.freeLists),
    reports: list((p) => p.reports),
    events: list((p) => p.events),
    cgroups: list((p) => p.cgroups),
    processes: list((p) => p.processes),
    programs: list((p) => p.programs),
    modules: list((p) => p.modules),
    pools: list((p) => p.pools),
    dumped: {
      objects: list((p) => p.dumped?.objects),
      words: list((p) => p.dumped?.words),
      symbols: list((p) => p.dumped?.symbols),
      structs: list((p) => p.dumped?.structs),
    },
    seen: sightings.map(({ kind, file }) => ({ kind, file })),
  };
}

/** A whole slabinfo before all; rows that somebody cut out of it say less than the head of a slabtop beside them. */
function bestTable(tables: readonly CacheTable[]): CacheTable | undefined {
  const [first, ...others] = tables;
  if (!first || first.whole) return first;
  return others.find((t) => t.whole || (!t.difference && t.caches.length > first.caches.length)) ?? first;
}
