import { spellBytes, spellDuration, spellRate } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding, Layer } from '../../findings/finding.ts';
import type { KernelEvent, MemInfoReport } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

/** What of a report may rise until nothing is left, and what it is called. Processes are the accounting's affair. */
const RISING: readonly (readonly [counter: string, label: string, layer: Layer, next: string])[] = [
  ['SUnreclaim', 'unreclaimable slab', 'slab-unreclaimable', 'slabtop -o -s c | head -20'],
  ['Shmem', 'shared memory', 'shmem', 'df -h -t tmpfs; ipcs -mu'],
  ['PageTables', 'page tables', 'page-tables', 'grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail'],
  ['KernelStack', 'kernel stacks', 'kernel-stack', 'ps -eLf | wc -l; cat /proc/loadavg'],
];
/** Reports closer to each other are of one and the same shortage. */
const APART = 600;
const LEAST = 32 * 1024 ** 2;

interface Reported {
  readonly uptime: number;
  readonly report: MemInfoReport;
}

/** A log with several reports of memory, from kills, failed allocations or SysRq-m: what rises from one to the next. */
export const reportSeries: Rule<'events'> = defineRule({
  id: 'report-series',
  title: 'what rises from one memory report in the log to the next',
  needs: ['events'],
  examine({ events }) {
    const reports = sinceBoot(events);
    return RISING.flatMap(([counter, label, layer, next]) => {
      const values = reports.flatMap(({ uptime, report }) => {
        const amount = report.amounts.get(counter);
        return amount ? [{ uptime, amount, ram: report.amounts.get('MemTotal')?.bytes }] : [];
      });
      const [first] = values;
      const last = values.at(-1);
      return first && last && rises(values, first, last) ? [describe({ values, first, last }, label, layer, next)] : [];
    });
  },
});

/** Reports since the last boot in the log, each some time after the one before; and the last. */
function sinceBoot(events: readonly KernelEvent[]): readonly Reported[] {
  let kept: Reported[] = [];
  for (const e of events) {
    if (!('report' in e) || !e.report || e.uptime === undefined) continue;
    const last = kept.at(-1);
    if (last && e.uptime < last.uptime) kept = [];
    if (!last || e.uptime < last.uptime || e.uptime >= last.uptime + APART)
      kept.push({ uptime: e.uptime, report: e.report });
  }
  return kept;
}

interface Value {
  readonly uptime: number;
  readonly amount: { readonly bytes: number; readonly at: Finding['evidence'][0]['source'] };
  readonly ram: number | undefined;
}

function rises(values: readonly Value[], first: Value, last: Value): boolean {
  const change = last.amount.bytes - first.amount.bytes;
  const steady = values.every((v, i) => v.amount.bytes >= (values[i - 1]?.amount.bytes ?? 0) * 0.9);
  return steady && change >= Math.max(LEAST, (last.ram ?? 0) * 0.03) && change >= first.amount.bytes * 0.3;
}

interface Risen {
  readonly values: readonly Value[];
  readonly first: Value;
  readonly last: Value;
}

function describe({ values, first, last }: Risen, label: string, layer: Layer, next: string): Finding {
  const change = bytes(last.amount.bytes - first.amount.bytes);
  const span = last.uptime - first.uptime;
  const perHour = (change / span) * 3600;
  return {
    id: 'report-series',
    title: `${label} rose by ${spellBytes(change)} in ${spellDuration(span)} between reports in the log`,
    summary: `From the first memory report in the log to the last, ${spellDuration(span)} later, ${label} rose from ${spellBytes(first.amount.bytes)} to ${spellBytes(last.amount.bytes)} (${spellRate(perHour)}).`,
    verdict: 'growth',
    layer,
    confidence: values.length > 2 ? 0.75 : 0.65,
    bytes: change,
    rate: { bytesPerHour: Math.round(perHour) },
    evidence: [
      { text: `${label}: ${spellBytes(first.amount.bytes)}`, source: first.amount.at },
      ...values
        .slice(1)
        .slice(-3)
        .map((v) => ({
          text: `${spellDuration(v.uptime - first.uptime)} later: ${spellBytes(v.amount.bytes)}`,
          source: v.amount.at,
        })),
    ],
    next: [{ command: next, why: 'what it is made of, now and in an hour', risk: 'none' }],
    terms: ['OOM killer', 'growth rate'],
  };
}
