import type { Finding, Verdict } from '../findings/finding.ts';

const WEIGHT: Readonly<Record<Verdict, number>> = { leak: 3, growth: 2.6, 'not-a-leak': 1.4, inconclusive: 1 };

/**
 * Orders findings: what is proven before what is suspected before what is explained; within that by how sure and how
 * much. A proven trifle does not stand before a suspicion a hundred times its size.
 */
export function orderFindings(findings: readonly Finding[], ram: number | undefined): readonly Finding[] {
  const unique = dropRepeats(findings);
  const most = Math.max(1, ...unique.filter((f) => isSuspicion(f.verdict)).map((f) => f.bytes ?? 0));
  const score = (f: Finding): number => {
    const amount = f.bytes === undefined ? 0 : f.bytes / (ram ?? Math.max(most, f.bytes));
    const trifle =
      f.verdict === 'leak' && f.bytes !== undefined && f.bytes < most / 100 && (ram === undefined || most > ram * 0.05);
    return WEIGHT[f.verdict] + f.confidence * 0.8 + Math.min(1, amount) * 0.6 - (trifle ? 1.2 : 0) - general(f);
  };
  return unique
    .map((f) => ({ f, s: score(f) }))
    .toSorted((a, b) => b.s - a.s)
    .map(({ f }) => f);
}

const isSuspicion = (verdict: Verdict): boolean => verdict === 'leak' || verdict === 'growth';

/** "It all adds up" stands behind any explanation that names something. */
const general = (f: Finding): number => (f.id === 'all-accounted' || f.id === 'nothing-lost' ? 0.9 : 0);

/**
 * A cache that one finding already explains as part of something larger (a group in lockstep, sockets with their
 * dentries, tasks that ended), and a call site that the growth of its cache names already, are not reported again by themselves.
 */
function dropRepeats(findings: readonly Finding[]): readonly Finding[] {
  const taken = new Map<string, Finding>();
  for (const f of findings) {
    if (
      f.id === 'slab-pinned-sockets' ||
      f.id === 'open-sockets' ||
      f.id === 'dumped-objects' ||
      f.id === 'dead-tasks' ||
      f.id === 'cgroup-remnants'
    ) {
      for (const cache of cachesOf(f)) taken.set(cache, f);
    }
  }
  const named = new Set(
    findings
      .filter((f) => f.verdict === 'leak' && f.subject?.cache !== undefined && f.id !== 'detector-report')
      .map((f) => f.subject?.function),
  );
  return findings.filter((f) => {
    if (f.id === 'detector-report') return f.subject?.function === undefined || !named.has(f.subject.function);
    const by = f.subject?.cache === undefined ? undefined : taken.get(f.subject.cache);
    return by === undefined || by === f || by.id === f.id || f.verdict === 'leak' || !isMost(by, f);
  });
}

/** Tasks that ended explain a cache that grew where they are most of what it grew by. */
const isMost = (by: Finding, { objects = 0 }: Finding): boolean =>
  by.id !== 'dead-tasks' || (by.objects ?? 0) >= objects / 2;

const cachesOf = ({ subject }: Finding): readonly string[] =>
  [subject?.cache, ...(subject?.together ?? [])].filter((c) => c !== undefined);
