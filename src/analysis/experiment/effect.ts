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
  /** How improbable such a change of the drift is where the act does nothing. */
  readonly driftProbability: number;
  /** How improbable changes as large are where the act does nothing; of `change` and `step` the larger. */
  readonly probability: number;
  /** How many jumps of that size are to be expected by chance while nobody looked, by how often there were any. */
  readonly chance: number;
}

/**
 * Jumps of a size that was never seen, in a whole series: what may be expected of what has not happened yet. The more a
 * jump exceeds twice the largest that was seen, the less.
 */
const UNSEEN = 0.5;
/** A jump of this share of the change would explain it. */
const ALIKE = 0.5;

/** Samples on each side below which nothing is said. */
export const LEAST_BEFORE = 6;
export const LEAST_AFTER = 4;

/**
 * Two lines, one before the act and one after it, with one noise around both. The seconds between count: the less certain
 * the drift and the longer the noise lasts, the wider is what would have happened without the act. `at` is when the act
 * began; `between` are samples of the transition, which tell how soon it came. Undefined where there are too few samples.
 */
export function measureEffect(
  before: readonly Point[],
  after: readonly Point[],
  at: number,
  resolution: number,
  between: readonly Point[] = [],
): Effect | undefined {
  if (before.length < LEAST_BEFORE || after.length < LEAST_AFTER) return undefined;
  const base = before[0]?.[1] ?? 0;
  const middle = after.reduce((sum, [t]) => sum + t, 0) / after.length;
  const points = [...before, ...after].map(([t, v]): Point => [t, v - base]);
  const columns = points.map(([t], i) => (i < before.length ? [1, t - at, 0, 0] : [1, t - at, 1, t - middle]));
  const fit = fitCorrelated(points, columns, resolution);
  return fit && describe(fit, base, middle - at, { before, between, after, resolution });
}

interface Sides {
  readonly before: readonly Point[];
  readonly between: readonly Point[];
  readonly after: readonly Point[];
  readonly resolution: number;
}

function describe(fit: CorrelatedFit, base: number, gap: number, sides: Sides): Effect {
  const change = estimate(fit, [0, 0, 1, 0]);
  const step = estimate(fit, [0, gap, 1, 0]);
  const turn = estimate(fit, [0, 0, 0, 1]);
  const level = base + estimate(fit, [1, 0, 0, 0]).value;
  return {
    before: level,
    after: base + estimate(fit, [1, gap, 1, 0]).value,
    change: intervalOf(change),
    step: intervalOf(step),
    driftBefore: intervalOf(estimate(fit, [0, 1, 0, 0])),
    driftAfter: intervalOf(estimate(fit, [0, 1, 0, 1])),
    driftChange: intervalOf(turn),
    driftProbability: probabilityOf(turn, 0),
    // Less than the drift promised, and still more than before: nothing came back, and nothing was taken.
    probability: change.value * step.value <= 0 ? 1 : Math.max(probabilityOf(change, 0), probabilityOf(step, 0)),
    chance: chanceOfJump(sides, level, Math.abs(step.value) < Math.abs(change.value) ? step.value : change.value),
  };
}

/** It has come when this share of it is there. */
const COME = 0.6;

/**
 * Noise that jumps now and then looks like none between two jumps. Where jumps of that size were seen beside the act, one
 * more may have come with it; the later it came after the last sample before the act, the likelier.
 */
function chanceOfJump({ before, between, after, resolution }: Sides, level: number, size: number): number {
  const steps = [...stepsOf(before), ...stepsOf(after)];
  const gaps = steps.map(([seconds]) => seconds).toSorted((a, b) => a - b);
  const usual = gaps[gaps.length >> 1] ?? 1;
  const come = between.find(([, v]) => (v - level) * Math.sign(size) >= COME * Math.abs(size)) ?? after[0];
  const waited = ((come?.[0] ?? 0) - (before.at(-1)?.[0] ?? 0)) / usual;
  const rises = steps.map(([, rise]) => rise).toSorted((a, b) => a - b);
  const drift = rises[rises.length >> 1] ?? 0;
  const alike = rises.filter((rise) => Math.abs(rise - drift) >= ALIKE * Math.abs(size)).length;
  const largest = Math.max(resolution, ...rises.map((rise) => Math.abs(rise - drift)));
  const unseen = UNSEEN * Math.min(1, (2 * largest) / Math.max(1, Math.abs(size)));
  return ((alike + unseen) * waited) / Math.max(1, steps.length);
}

const stepsOf = (points: readonly Point[]): readonly Point[] =>
  points.slice(1).map(([t, v], i): Point => [t - (points[i]?.[0] ?? t), v - (points[i]?.[1] ?? v)]);

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
