import { sumBytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { KernelEvent, MemInfoReport, Program, SlabCache, SnapshotPart } from '../snapshot.ts';

/** Reports that count the whole host's memory. A log's report is of another moment: the two must not be mixed. */
const COUNTED: ReadonlySet<string> = new Set(['meminfo', 'node-meminfo', 'crash-kmem-i']);

/**
 * What kernel logs contribute: their events, the release, drivers' versions. The last report about memory also gives
 * counters where nothing else counts memory, and its slab table where no other is there: join it behind the others.
 */
export function gatherLog(sightings: readonly Sighting[]): SnapshotPart {
  const events = ofKind(sightings, 'dmesg').flatMap(({ value }) => value.events);
  if (events.length === 0) return {};
  const release = events.map(releaseOf).findLast((found) => found !== undefined);
  const reports = events.flatMap(reportOf);
  const counted = sightings.some(({ kind }) => COUNTED.has(kind));
  const counters = counted ? undefined : reports.findLast(({ amounts }) => amounts.size > 0)?.amounts;
  const caches = reports.findLast((report) => report.caches.length > 0)?.caches;
  return {
    events,
    ...(release === undefined ? {} : { host: { release } }),
    ...(counters ? { counters } : {}),
    ...(caches ? { caches: { caches: toCaches(caches), whole: false } } : {}),
    programs: events.flatMap(toProgram),
  };
}

function releaseOf(event: KernelEvent): string | undefined {
  switch (event.kind) {
    case 'release':
    case 'out-of-memory':
    case 'allocation-failure':
      return event.release;
    case 'memory-report':
    case 'slub-cannot-allocate':
    case 'objects-remaining':
    case 'module-unload-leak':
    case 'kmemleak':
    case 'module-version':
    case 'complaint':
      return undefined;
  }
}

const reportOf = (event: KernelEvent): readonly MemInfoReport[] =>
  'report' in event && event.report ? [event.report] : [];

/** Unreclaimable caches by name; the kernel lists one per memory cgroup or device under the same name. */
function toCaches(rows: MemInfoReport['caches']): readonly SlabCache[] {
  const caches = new Map<string, SlabCache>();
  for (const { name, total, at } of rows) {
    const before = caches.get(name);
    caches.set(name, {
      name,
      bytes: before ? sumBytes([before.bytes, total]) : total,
      reclaimable: false,
      copies: 1 + (before?.copies ?? 0),
      aliases: [],
      at: before?.at ?? at,
    });
  }
  return [...caches.values()];
}

const toProgram = (event: KernelEvent): readonly Program[] =>
  event.kind === 'module-version' ? [{ kind: 'module', name: event.module, version: event.version, at: event.at }] : [];
