import type { GrowthRate } from './growth-rate.ts';
import { studentCdf, studentQuantile } from './student.ts';

/** The rate of one quantity over all hosts of one side. */
export interface JoinedRate {
  readonly perHour: number;
  readonly error: number;
  readonly freedom: number;
  readonly hosts: number;
  /** Standard deviation between hosts, beyond what their own errors explain. */
  readonly between: number;
  readonly hours: number;
  readonly errorAfter: (hours: number) => number;
}

/**
 * Mean over hosts by DerSimonian and Laird's estimate of how much they differ, with Hartung and Knapp's error where they
 * do. Undefined for none.
 */
export function joinRates(rates: readonly GrowthRate[]): JoinedRate | undefined {
  const [only] = rates;
  if (!only) return undefined;
  if (rates.length === 1) return { ...only, hosts: 1, between: 0 };
  const between = varianceBetween(rates);
  const weights = rates.map((r) => 1 / (r.error ** 2 + between));
  const all = sum(weights);
  const perHour = sum(rates.map((r, i) => (weights[i] ?? 0) * r.perHour)) / all;
  const spread = sum(rates.map((r, i) => (weights[i] ?? 0) * (r.perHour - perHour) ** 2)) / (rates.length - 1);
  const errorAt = (errors: readonly number[]): number => {
    const inverse = sum(errors.map((e) => 1 / (e ** 2 + between)));
    return Math.sqrt((between > 0 ? Math.max(1, spread) : 1) / inverse);
  };
  const hours = sum(rates.map((r) => r.hours)) / rates.length;
  return {
    perHour,
    error: errorAt(rates.map((r) => r.error)),
    freedom: between > 0 ? rates.length - 1 : sum(rates.map((r) => r.freedom)),
    hosts: rates.length,
    between: Math.sqrt(between),
    hours,
    errorAfter: (later) => errorAt(rates.map((r) => r.errorAfter(later))),
  };
}

function varianceBetween(rates: readonly GrowthRate[]): number {
  const weights = rates.map((r) => 1 / r.error ** 2);
  const all = sum(weights);
  const mean = sum(rates.map((r, i) => (weights[i] ?? 0) * r.perHour)) / all;
  const q = sum(rates.map((r, i) => (weights[i] ?? 0) * (r.perHour - mean) ** 2));
  const c = all - sum(weights.map((w) => w ** 2)) / all;
  return c > 0 ? Math.max(0, (q - (rates.length - 1)) / c) : 0;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** 95 % interval of a rate. */
export function rateInterval({ perHour, error, freedom }: Pick<JoinedRate, 'perHour' | 'error' | 'freedom'>): {
  readonly low: number;
  readonly high: number;
} {
  const t = studentQuantile(0.975, freedom);
  return { low: perHour - t * error, high: perHour + t * error };
}

/** How improbable so much growth is where there is none. */
export const probabilityOfGrowth = ({ perHour, error, freedom }: JoinedRate): number =>
  1 - studentCdf(perHour / error, freedom);

export interface RateComparison {
  readonly outcome: 'fixed' | 'not-fixed' | 'not-enough-data';
  /** Share of the old rate that is left, with its 95 % interval. */
  readonly left: { readonly value: number; readonly low: number; readonly high: number };
  /** Hours to record after the change, beyond those there are, until a fix would be shown four times out of five. */
  readonly moreHours?: number;
  /** Where hosts differ too much for time to help: hosts more. */
  readonly moreHosts?: number;
}

/**
 * Four times out of five takes 0.84; the noise that the plan is made of was learnt from few samples and is worse as often as
 * better, so a little more.
 */
const POWER_WIDTH = 1.28;
/** Nothing is planned beyond this. */
const FARTHEST_HOURS = 24 * 365;

/**
 * Is the rate after at most `remaining` (a share) of the rate before? `fixed` and `not-fixed` are wrong at most once in
 * forty where exactly that share is left.
 */
export function compareRates(before: JoinedRate, after: JoinedRate, remaining: number): RateComparison {
  const excess = after.perHour - remaining * before.perHour;
  const { error, freedom } = differenceOf(before, after, after.error, remaining);
  const width = studentQuantile(0.975, freedom) * error;
  const common = { left: shareLeft(before, after) };
  if (excess + width < 0) return { outcome: 'fixed', ...common };
  if (excess - width > 0) return { outcome: 'not-fixed', ...common };
  return { outcome: 'not-enough-data', ...common, ...planMore(before, after, remaining) };
}

/** Welch and Satterthwaite. */
function differenceOf(
  before: JoinedRate,
  after: JoinedRate,
  afterError: number,
  remaining: number,
): { readonly error: number; readonly freedom: number } {
  const [a, b] = [afterError ** 2, (remaining * before.error) ** 2];
  return { error: Math.sqrt(a + b), freedom: (a + b) ** 2 / (a ** 2 / after.freedom + b ** 2 / before.freedom) };
}

/** Fieller's interval where the old rate is known well enough for one; the plain quotient of the ends else. */
function shareLeft(before: JoinedRate, after: JoinedRate): RateComparison['left'] {
  const { freedom } = differenceOf(before, after, after.error, after.perHour / before.perHour);
  const t2 = studentQuantile(0.975, Number.isFinite(freedom) ? freedom : after.freedom) ** 2;
  const value = after.perHour / before.perHour;
  const g = t2 * (before.error / before.perHour) ** 2;
  if (g >= 0.9) return { value, low: -Infinity, high: Infinity };
  const half = Math.sqrt(t2 * (after.error ** 2 * (1 - g) + (value * before.error) ** 2)) / before.perHour;
  return { value, low: (value - half) / (1 - g), high: (value + half) / (1 - g) };
}

/** If nothing of the old rate is left: how long until that shows. */
function planMore(
  before: JoinedRate,
  after: JoinedRate,
  remaining: number,
): Pick<RateComparison, 'moreHours' | 'moreHosts'> {
  const shown = (hours: number): boolean => {
    const { error, freedom } = differenceOf(before, after, after.errorAfter(hours), remaining);
    return (studentQuantile(0.975, freedom) + POWER_WIDTH) * error <= remaining * before.perHour;
  };
  if (!shown(FARTHEST_HOURS)) return after.between > 0 ? { moreHosts: hostsFor(before, after, remaining) } : {};
  let [low, high] = [after.hours, FARTHEST_HOURS];
  for (let i = 0; i < 40 && high - low > 0.02 * high; i++) {
    const middle = Math.sqrt(Math.max(low, 1e-3) * high);
    if (shown(middle)) high = middle;
    else low = middle;
  }
  // Noise that was small by luck: where it is shown already by the plan, a tenth more than there is.
  return { moreHours: Math.max(high - after.hours, after.hours * 0.1) };
}

/** The spread between hosts goes with the root of their number. */
function hostsFor(before: JoinedRate, after: JoinedRate, remaining: number): number {
  const wanted = (remaining * before.perHour) / (1.96 + POWER_WIDTH);
  return Math.max(1, Math.ceil((after.between / wanted) ** 2) - after.hosts);
}
