import type { Point } from '../slope.ts';
import {
  estimate,
  fitCorrelated,
  intervalOf,
  probabilityOf,
  type CorrelatedFit,
  type Interval,
} from './correlated-fit.ts';

/** What an act changed in one quantity, as far as the noise and the drift before it allow saying. Bytes. */
export interface Effect {
  /** Fitted level right before the act. */
  readonly before: number;
  /** Fitted level in the middle of the settled samples after it. */
  readonly after: number;
  /** Level after, less where the drift before would have led. */
  readonly change: Interval;
  /** Level after, less the level right before the act, whatever the drift was. */
  readonly step: Interval;
  /** Bytes per second before and after. */
  readonly driftBefore: Interval;
  readonly driftAfter: Interval;
  /** Drift after less drift before. */
  readonly driftChange: Interval;
  /** How improbable changes as large are where the act does nothing; of `change` and `step` the larger. */
  readonly probability: number;
}

/** Samples on each side below which nothing is said. */
export const LEAST_BEFORE = 6;
export const LEAST_AFTER = 4;

/**
 * Two lines, one before the act and one after it, with one noise around both. The seconds between count: the less certain
 * the drift and the longer the noise lasts, the wider is what would have happened without the act. `at` is when the act
 * began. Undefined where there are too few samples.
 */
export function measureEffect(
  before: readonly Point[],
  after: readonly Point[],
  at: number,
  resolution: number,
): Effect | undefined {
  if (before.length < LEAST_BEFORE || after.length < LEAST_AFTER) return undefined;
  const base = before[0]?.[1] ?? 0;
  const middle = after.reduce((sum, [t]) => sum + t, 0) / after.length;
  const points = [...before, ...after].map(([t, v]): Point => [t, v - base]);
  const columns = points.map(([t], i) => (i < before.length ? [1, t - at, 0, 0] : [1, t - at, 1, t - middle]));
  const fit = fitCorrelated(points, columns, resolution);
  return fit && describe(fit, base, middle - at);
}

function describe(fit: CorrelatedFit, base: number, gap: number): Effect {
  const change = estimate(fit, [0, 0, 1, 0]);
  const step = estimate(fit, [0, gap, 1, 0]);
  return {
    before: base + estimate(fit, [1, 0, 0, 0]).value,
    after: base + estimate(fit, [1, gap, 1, 0]).value,
    change: intervalOf(change),
    step: intervalOf(step),
    driftBefore: intervalOf(estimate(fit, [0, 1, 0, 0])),
    driftAfter: intervalOf(estimate(fit, [0, 1, 0, 1])),
    driftChange: intervalOf(estimate(fit, [0, 0, 0, 1])),
    probability: Math.max(probabilityOf(change, 0), probabilityOf(step, 0)),
  };
}

/**
 * Of several quantities that were tried, which have changed: Holm's procedure, so that one hundred caches of nothing but
 * noise yield a false claim no more often than one does. Gives for each probability whether it stands.
 */
export function standTogether(probabilities: readonly number[], error = 0.05): readonly boolean[] {
  const order = probabilities.map((p, i) => [p, i] as const).toSorted(([a], [b]) => a - b);
  const stands = probabilities.map(() => false);
  for (const [rank, [p, index]] of order.entries()) {
    if (p > error / (order.length - rank)) break;
    stands[index] = true;
  }
  return stands;
}
