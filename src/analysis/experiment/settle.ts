import type { Point } from '../slope.ts';
import { estimate, fitCorrelated, intervalOf } from './correlated-fit.ts';

/** Samples that a judgement of noise takes at least. */
const LEAST = 12;
/** What is left after a transition must be this many samples, and this share of all. */
const FEWEST = 6;
const SHARE = 0.25;
/** Numbers of samples that are tried as the length of the transition. */
const STARTS = [0, 1, 2, 3, 5, 8, 12, 17, 23, 30, 40, 55, 75, 100, 140, 200, 300, 500];

/**
 * The least change that would be seen against the noise of `points` when as many samples again are taken after an act:
 * half the width of the 95 % interval, bytes. Undefined while there are too few samples to know the noise.
 */
export function detectableChange(points: readonly Point[], resolution: number): number | undefined {
  if (points.length < LEAST) return undefined;
  const base = points[0]?.[1] ?? 0;
  const middle = points[points.length >> 1]?.[0] ?? 0;
  const centred = points.map(([t, v]): Point => [t, v - base]);
  // As if the act had been in the middle: what it finds to have changed there is noise.
  const columns = points.map(([t], i) => [1, t - middle, i < points.length >> 1 ? 0 : 1]);
  const fit = fitCorrelated(centred, columns, resolution);
  if (!fit) return undefined;
  const { low, high } = intervalOf(estimate(fit, [0, 0, 1]));
  return (high - low) / 2;
}

/**
 * Index of the first sample from which on the series rests, or goes on at the rate it had before (bytes per second);
 * undefined while it does neither. It rests where the two halves of what is left lie on one level, as far as its own
 * scatter allows telling.
 */
export function settledFrom(points: readonly Point[], rate: number, resolution: number): number | undefined {
  const fewest = Math.max(FEWEST, Math.ceil(points.length * SHARE));
  const last = points.length - fewest;
  for (const start of STARTS.filter((i) => i < last).concat(last < 0 ? [] : [last])) {
    const rest = points.slice(start);
    if (
      isEven(rest, resolution) ||
      isEven(
        rest.map(([t, v]) => [t, v - rate * t] as const),
        resolution,
      )
    )
      return start;
  }
  return undefined;
}

function isEven(points: readonly Point[], resolution: number): boolean {
  const cut = points.length >> 1;
  const [early, late] = [points.slice(0, cut), points.slice(cut)];
  const scatter = Math.max(scatterOf(points), resolution / 4);
  const tolerance = 3 * scatter * Math.sqrt(1 / early.length + 1 / late.length) + resolution;
  return Math.abs(mean(late) - mean(early)) <= tolerance;
}

/** Standard deviation of one sample, by the median distance of neighbours: a step or a slope does not count as scatter. */
function scatterOf(points: readonly Point[]): number {
  const steps = points.slice(1).map(([, v], i) => Math.abs(v - (points[i]?.[1] ?? v)));
  const middle = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  return (1.4826 * middle) / Math.SQRT2;
}

const mean = (points: readonly Point[]): number =>
  points.reduce((sum, [, v]) => sum + v, 0) / Math.max(1, points.length);
