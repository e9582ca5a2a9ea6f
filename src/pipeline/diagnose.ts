import { BUCKETS } from '../findings/buckets.ts';
import type { Accounting, Bucket, Diagnosis, Series } from '../findings/diagnosis.ts';
import type { Finding } from '../findings/finding.ts';
import type { AccountedMemory } from '../model/facts.ts';
import type { DumpFacts } from '../model/dump-facts.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { rules } from '../rules/registry.ts';
import type { Facts, MeasuredFacts } from '../rules/rule.ts';
import { collect, type Collected, type CollectOptions, type DumpAt } from './collect.ts';
import { orderFindings } from './conclude.ts';
import { viewDump } from './dump/view-dump.ts';
import { examine, type Outcome } from './examine.ts';
import { measureFacts, type Measurement } from './facts.ts';
import { joinSeries } from './join-series.ts';
import { joinKnownIssue } from './known.ts';
import { traceSeries } from './series.ts';

export interface DiagnoseOptions extends CollectOptions {
  /** Files with symbols or types of the kernel of a dump that lacks its own. */
  readonly symbols?: readonly string[];
  /** Hears which dump the document is about, and where it can be opened. */
  readonly opened?: (dump: DumpAt) => void;
  /** Hears what is being done with a dump, in a few words. */
  readonly doing?: (what: string) => void;
}

/**
 * Diagnoses whatever is given: files, directories, archives, `-`; nothing given means this host.
 *
 * Throws InputError where an input cannot be read at all or nothing in it is recognised. Damage inside an input is
 * listed under `unread`.
 */
export async function diagnose(inputs: readonly string[], options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const collected = await collect(inputs, options);
  if (collected.dumps.length === 0) return diagnoseSnapshots(collected);
  // Loaded where there is a dump: it is as much code again.
  const { examineDumps } = await import('./dump/examine-dumps.ts');
  const { facts, dump, ...more } = examineDumps(collected, options.symbols ?? [], options.doing);
  options.opened?.(dump);
  return diagnoseSnapshots({ ...collected, ...more }, facts);
}

/** The part behind reading: snapshots to document. */
export function diagnoseSnapshots(collected: Collected, dump?: DumpFacts): Diagnosis {
  const measurement = measureFacts(collected.snapshots, dump);
  const outcomes = examine(rules, measurement.facts);
  const facts = presentFacts(measurement.facts);
  const raw = outcomes.flatMap((o) => (o.state === 'examined' ? o.findings : []));
  const joined = raw.map((f) => joinKnownIssue(f, facts));
  const findings = orderFindings(joinSeries(joined), facts.accounting?.total.bytes);
  const top = findings[0];
  return {
    schema: 'kleak.diagnosis/1',
    verdict: top?.verdict ?? 'inconclusive',
    layer: top?.layer ?? 'none',
    summary: top?.summary ?? nothingFound(collected, measurement),
    ...(top ? { confidence: top.confidence } : {}),
    ...(top?.rate ? { rate: top.rate } : {}),
    ...(facts.accounting ? { accounting: describeAccounting(facts.accounting) } : {}),
    findings,
    unread: collected.unread,
    inputs: collected.inputs,
    snapshots: measurement.snapshots.map(({ label, time }) => ({ label, ...(time ? { seconds: time.seconds } : {}) })),
    series: seriesOf(measurement, findings),
    skipped: outcomes.flatMap(skippedRule),
    ...(dump ? { dump: viewDump(dump) } : {}),
    ...hostOf(facts.snapshot),
  };
}

function presentFacts(facts: MeasuredFacts): Partial<Facts> {
  const entries = Object.entries(facts).flatMap(([key, fact]) =>
    fact.state === 'measured' ? [[key, fact.value]] : [],
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same keys with the values they were measured as
  return Object.fromEntries(entries) as Partial<Facts>;
}

function nothingFound(collected: Collected, { facts }: Measurement): string {
  const kinds = [...new Set(collected.inputs.map((i) => i.kind))].slice(0, 6).join(', ');
  const lacking = facts.accounting.state === 'missing' ? ` ${facts.accounting.because}.` : '';
  return `What was read (${kinds}) shows no leak and does not allow saying that there is none.${lacking} What would tell: kleak snapshot as root on that host, now and in an hour, then kleak diagnose with both files.`;
}

function describeAccounting(accounted: AccountedMemory): Accounting {
  const { total, buckets, unexplained, low, high } = accounted;
  return {
    totalBytes: total.bytes,
    buckets: buckets.map((b): Bucket => ({
      name: b.name,
      layer: BUCKETS[b.name]?.layer ?? 'none',
      label: BUCKETS[b.name]?.label ?? b.name,
      bytes: b.bytes,
      from: b.from.join(' + '),
    })),
    ...(unexplained === undefined ? {} : { unaccountedBytes: unexplained }),
    ...(low === undefined ? {} : { unaccountedLow: low }),
    ...(high === undefined ? {} : { unaccountedHigh: high }),
    notes: accounted.notes.map((n) => NOTES[n]),
  };
}

const NOTES: Readonly<Record<AccountedMemory['notes'][number], string>> = {
  'per-cpu-lists-not-seen':
    'zoneinfo was not seen: free pages on per-CPU lists are not counted (up to about 0.5 % of RAM)',
  'vmalloc-not-counted': 'this kernel does not count vmalloc pages in meminfo; they are part of what is unexplained',
  'over-counted': 'the counters add up to more than MemTotal; they overlap or are of different moments',
  'total-not-seen': 'MemTotal was not seen; the sum of what is listed stands for it',
  'container-view': 'this is a container’s view of memory; kernel memory belongs to the host and is left out',
};

function skippedRule(outcome: Outcome): Diagnosis['skipped'] {
  return outcome.state === 'examined' ? [] : [{ rule: outcome.rule, because: outcome.because }];
}

function seriesOf({ snapshots, relation }: Measurement, findings: readonly Finding[]): readonly Series[] {
  if (relation !== 'series') return [];
  const caches = findings
    .flatMap((f) => [f.subject?.cache, ...(f.subject?.together ?? [])])
    .filter((c) => c !== undefined);
  return traceSeries(snapshots, [...new Set(caches)].slice(0, 5));
}

function hostOf(snapshot: Snapshot | undefined): Pick<Diagnosis, 'host'> {
  const { release, machine, name } = snapshot?.host ?? {};
  if (release === undefined && machine === undefined && name === undefined) return {};
  return {
    host: {
      ...(release === undefined ? {} : { release }),
      ...(machine === undefined ? {} : { machine }),
      ...(name === undefined ? {} : { name }),
    },
  };
}
