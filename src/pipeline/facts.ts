import { measureAccounting } from '../analysis/accounting.ts';
import { measureCaches } from '../analysis/caches.ts';
import { groupByCallSite } from '../analysis/call-site-groups.ts';
import { measureDentries } from '../analysis/dentries.ts';
import { measureGrowth } from '../analysis/growth.ts';
import { measureCountLockstep, measureGrowthLockstep } from '../analysis/lockstep.ts';
import { measureRelation } from '../analysis/relation.ts';
import { chooseSick, measureDifferences } from '../analysis/twins.ts';
import { measured, missing } from '../model/measured.ts';
import type { DumpFacts } from '../model/dump-facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { MeasuredFacts } from '../rules/rule.ts';

/** The facts, each computed once, and the snapshots they were computed of, in order of time. */
export interface Measurement {
  readonly facts: MeasuredFacts;
  readonly snapshots: readonly Snapshot[];
  readonly relation: 'one' | 'series' | 'moments' | 'twins';
}

export function measureFacts(given: readonly Snapshot[], dump?: DumpFacts): Measurement {
  const relation = measureRelation(given);
  const snapshots = relation.kind === 'series' ? relation.snapshots : given;
  const { snapshot, other } = chooseExamined(snapshots, given, relation.kind);
  const growth = relation.kind === 'series' ? measureGrowth(snapshots) : missing(noSeries(relation.kind));
  const caches = measureCaches(snapshot);
  const series = growth.state === 'measured' && growth.value.caches.length > 0 ? growth.value : undefined;
  const events = snapshots.flatMap((s) => s.events);
  const reports = lastReports(relation.kind === 'series' ? snapshots : given);
  return {
    snapshots,
    relation: relation.kind,
    facts: {
      snapshot: measured(snapshot),
      accounting: measureAccounting(snapshot),
      caches,
      growth,
      lockstep: series
        ? measured(measureGrowthLockstep(series))
        : caches.state === 'measured'
          ? measured(measureCountLockstep(caches.value.ranking))
          : caches,
      dentries: measureDentries(snapshot, series, snapshots[0]),
      twins:
        other && (relation.kind === 'twins' || relation.kind === 'moments')
          ? measured(measureDifferences(snapshot, other, relation.kind))
          : missing('one host only, nothing to compare it with'),
      callSites:
        reports.length > 0
          ? measured(groupByCallSite(reports))
          : missing('no report of kmemleak, page_owner, allocinfo or slab traces was seen'),
      dump: dump ? measured(dump) : missing('no crash dump was given'),
      events: events.length > 0 ? measured(events) : missing('no kernel log line about memory was seen'),
    },
  };
}

const noSeries = (kind: string): string =>
  kind === 'one'
    ? 'one snapshot only: no rate without a second one, later'
    : 'the snapshots are of different hosts, or have no times';

/** What there is to examine in a snapshot: the equation first, then caches. */
const richness = (s: Snapshot): number =>
  (s.counters.has('MemTotal') ? 2 : 0) + (s.counters.has('MemFree') ? 2 : 0) + (s.caches ? 1 : 0);

/** The last of a series; of two hosts or moments the one that holds more of what could be leaked. */
function chooseExamined(
  snapshots: readonly Snapshot[],
  given: readonly Snapshot[],
  kind: Measurement['relation'],
): { readonly snapshot: Snapshot; readonly other?: Snapshot } {
  const [first, second] = snapshots;
  if (first && second && (kind === 'twins' || kind === 'moments')) {
    const [sick, healthy] = chooseSick(first, second);
    return { snapshot: { ...sick, ...shared(sick, healthy) }, other: healthy };
  }
  // The latest of those that show most; one without a time that shows more than the series does comes first.
  const beside = given.filter((s) => !snapshots.includes(s));
  const [last] = [...beside, ...snapshots].toReversed().toSorted((a, b) => richness(b) - richness(a));
  if (!last) throw new RangeError('no snapshot');
  return { snapshot: { ...last, ...collected(snapshots, last) } };
}

/** Of each detector the latest report: an earlier one lists the same allocations that still live. */
function lastReports(snapshots: readonly Snapshot[]): Snapshot['reports'] {
  const seen = new Set<string>();
  return snapshots.toReversed().flatMap(({ reports }) => {
    const fresh = reports.filter((r) => !seen.has(r.detector));
    for (const r of reports) seen.add(r.detector);
    return fresh;
  });
}

/** What a crash session or a version list beside one of two readings says holds for the pair. */
function shared(sick: Snapshot, healthy: Snapshot): Partial<Snapshot> {
  return {
    dumped: sick.dumped.objects.length + sick.dumped.symbols.length > 0 ? sick.dumped : healthy.dumped,
    programs: sick.programs.length > 0 ? sick.programs : healthy.programs,
    modules: sick.modules.length > 0 ? sick.modules : healthy.modules,
  };
}

/** What only one of a series' snapshots holds, and holds for all: caches, versions, modules, log lines, reports. */
function collected(snapshots: readonly Snapshot[], last: Snapshot): Partial<Snapshot> {
  const caches = last.caches ?? snapshots.findLast((s) => s.caches)?.caches;
  const programs =
    last.programs.length > 0 ? last.programs : (snapshots.findLast((s) => s.programs.length > 0)?.programs ?? []);
  const counters = last.counters.has('MemTotal') ? last.counters : withTotal(snapshots, last);
  return {
    ...(caches ? { caches } : {}),
    counters,
    programs,
    events: snapshots.flatMap((s) => s.events),
    reports: lastReports(snapshots),
  };
}

function withTotal(snapshots: readonly Snapshot[], last: Snapshot): Snapshot['counters'] {
  const total = snapshots.findLast((s) => s.counters.has('MemTotal'))?.counters.get('MemTotal');
  return total ? new Map([...last.counters, ['MemTotal', total]]) : last.counters;
}
