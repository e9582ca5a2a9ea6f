import { spellBytes, spellRate } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Interval } from '../../analysis/experiment/correlated-fit.ts';
import type { Judgement, Measured } from '../../analysis/experiment/judge.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { Between, Experiment, ExperimentAct, ExperimentRow } from '../../findings/experiment.ts';
import type { Sample } from '../../model/sample.ts';
import type { Unread } from '../../sources/source-file.ts';

export interface Performed {
  readonly label: string;
  readonly at: Date;
  readonly act: ExperimentAct;
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
  readonly judgement?: Judgement;
  readonly detectable?: number;
  readonly interrupted: boolean;
  readonly unread: readonly Unread[];
}

/** Buckets and caches that are listed beside those that changed for sure. */
const MOST_ROWS = 40;

const NOT_JUDGED: Judgement = {
  outcome: 'cannot-tell',
  kernel: false,
  stopped: false,
  settled: false,
  counted: 0,
  quantities: [],
  gate: bytes(0),
};

export function describeExperiment(performed: Performed): Experiment {
  const { label, at, act, before, after, detectable, interrupted, unread } = performed;
  const { quantities, counted, settled, outcome, kernel, stopped, gate } = performed.judgement ?? NOT_JUDGED;
  const [first] = before;
  const rows = quantities.map(rowOf);
  return {
    schema: 'kleak.experiment/1',
    label,
    at: at.toISOString(),
    boot: first?.boot ?? '',
    totalBytes: first?.totalBytes ?? 0,
    act,
    before: {
      samples: before.length,
      seconds: secondsOf(before),
      ...(detectable === undefined ? {} : { detectableBytes: Math.round(detectable) }),
    },
    after: {
      samples: after.length,
      counted,
      seconds: secondsOf(after),
      settled,
    },
    ...(interrupted ? { interrupted: true as const } : {}),
    outcome,
    kernel,
    stopped,
    summary: summaryOf(performed, rows),
    rows: rowsWorthShowing(rows, gate),
    gateBytes: gate,
    unread: unread.map(({ what, why }) => ({ what, why })),
  };
}

function rowsWorthShowing(rows: readonly ExperimentRow[], gate: number): readonly ExperimentRow[] {
  const parts = rows
    .filter((r) => r.kind !== 'sum' && (r.sure || r.stopped || Math.abs(r.changeBytes.value) >= gate))
    .toSorted((a, b) => Number(b.sure || b.stopped) - Number(a.sure || a.stopped) || sizeOf(b) - sizeOf(a));
  return [...rows.filter((r) => r.kind === 'sum'), ...parts.slice(0, MOST_ROWS)];
}

const secondsOf = (samples: readonly Sample[]): number =>
  Number(((samples.at(-1)?.uptime ?? 0) - (samples[0]?.uptime ?? 0)).toFixed(2));

const sizeOf = (row: ExperimentRow): number => Math.abs(row.changeBytes.value);

const SUMS: Readonly<Record<string, string>> = {
  'in-use': 'all that is in use',
  kernel: 'the kernel’s own memory',
};

function rowOf({ kind, name, effect, sure, stopped, kernel }: Measured): ExperimentRow {
  const label = kind === 'sum' ? SUMS[name] : kind === 'bucket' ? BUCKETS[name]?.label : undefined;
  return {
    kind,
    name,
    ...(label === undefined ? {} : { label }),
    beforeBytes: Math.round(effect.before),
    afterBytes: Math.round(effect.after),
    changeBytes: rounded(effect.change, 1),
    stepBytes: rounded(effect.step, 1),
    rateBefore: rounded(effect.driftBefore, 3600),
    rateAfter: rounded(effect.driftAfter, 3600),
    sure,
    stopped,
    kernel,
  };
}

const rounded = ({ value, low, high }: Interval, scale: number): Between => ({
  value: Math.round(value * scale),
  low: Math.round(low * scale),
  high: Math.round(high * scale),
});

function summaryOf({ act, before, after, judgement, interrupted }: Performed, rows: readonly ExperimentRow[]): string {
  if (act.failed !== undefined) return `The command could not be run: ${act.failed}. Nothing was measured after it.`;
  if (!judgement) {
    const why = interrupted ? 'it was interrupted too early' : 'too few samples, give --settle and --for more time';
    return `Cannot tell whether memory came back: ${why} (${before.length} samples before the act, ${after.length} after it).`;
  }
  return `${outcomeWords(judgement, rows)}${stoppedWords(rows)}${judgement.settled ? '' : ' Memory was still moving at the end; measure longer (--for).'}`;
}

/** Of the kernel's own memory: a cache says more than its layer, and that more than the sum. */
function stoppedWords(rows: readonly ExperimentRow[]): string {
  const order = { cache: 0, bucket: 1, sum: 2 };
  const [row] = rows
    .filter((r) => r.stopped && r.kernel)
    .toSorted((a, b) => order[a.kind] - order[b.kind] || b.rateBefore.value - a.rateBefore.value);
  if (!row) return '';
  const after = row.rateAfter.value > 0 ? `by ${spellRate(row.rateAfter.value)}` : 'no more';
  return ` But it stopped growing: ${nameOf(row)} grew by ${spellRate(row.rateBefore.value)} before, and ${after} after it.`;
}

function outcomeWords(judgement: Judgement, rows: readonly ExperimentRow[]): string {
  const kernel = rows.find((r) => r.name === 'kernel');
  const inUse = rows.find((r) => r.name === 'in-use');
  const back = mostOf(rows.filter((r) => r.sure && r.changeBytes.value < 0 && (r.kernel || !judgement.kernel)));
  switch (judgement.outcome) {
    case 'came-back': {
      if (!back) return 'Memory came back.';
      const part = mostOfParts(rows, judgement.kernel);
      const more = part && part !== back ? `; most in ${nameOf(part)}` : '';
      return `Memory came back: ${spellBack(back.changeBytes)} of ${nameOf(back)}${more}.`;
    }
    case 'grew': {
      const grown = mostOf(rows.filter((r) => r.sure && r.changeBytes.value > 0));
      return `Nothing came back: ${grown ? `${nameOf(grown)} is ${spellBytes(grown.changeBytes.value)} more` : 'memory grew'} than without the act.`;
    }
    case 'nothing':
      return `Nothing came back: of the kernel’s own memory at most ${atMost(kernel)}, of all in use at most ${atMost(inUse)} (95 % sure).`;
    case 'cannot-tell':
      return `Cannot tell whether memory came back: noise and drift hide up to ${atMost(kernel)} of the kernel’s own memory, ${atMost(inUse)} of all in use.`;
  }
}

/** `48.1 MiB (95 % sure: 47.9 to 48.4 MiB)` of a change below zero. */
const spellBack = ({ value, low, high }: Between): string =>
  `${spellBytes(-value)} (95 % sure: ${spellBytes(-high)} to ${spellBytes(-low)})`;

const atMost = (row: ExperimentRow | undefined): string =>
  row ? spellBytes(Math.max(0, -row.stepBytes.low)) : 'an unknown amount';

export const nameOf = ({ kind, name, label }: Pick<ExperimentRow, 'kind' | 'name' | 'label'>): string =>
  kind === 'cache' ? `cache ${name}` : (label ?? name);

/** A cache that holds this share of what a bucket gave back names it better. */
const NAMES_IT = 0.5;

/** The bucket that gave back most for sure; the cache, where one cache is most of that. */
export function mostOfParts(rows: readonly ExperimentRow[], kernel: boolean): ExperimentRow | undefined {
  const back = rows.filter((r) => r.kind !== 'sum' && r.sure && r.changeBytes.value < 0 && (r.kernel || !kernel));
  const bucket = mostOf(back.filter((r) => r.kind === 'bucket'));
  const cache = mostOf(back.filter((r) => r.kind === 'cache'));
  if (!bucket || !cache) return bucket ?? cache;
  return bucket.name.startsWith('slab-') && sizeOf(cache) >= NAMES_IT * sizeOf(bucket) ? cache : bucket;
}

/** A sum says it all where it is sure; else the largest part. */
function mostOf(rows: readonly ExperimentRow[]): ExperimentRow | undefined {
  return rows.toSorted((a, b) => Number(b.kind === 'sum') - Number(a.kind === 'sum') || sizeOf(b) - sizeOf(a))[0];
}
