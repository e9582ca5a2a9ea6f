import type { TrendPoint, TrendStretch } from '../../model/trend.ts';

/** Readings of a short time, taken together. */
export interface Bin {
  /** Middle of the bin, seconds. */
  readonly at: number;
  readonly median: number;
  readonly low: number;
  readonly stretch: number;
}

/** Bins over the whole span; five minutes each over a day, a quarter of an hour over three. */
const MOST_BINS = 288;
/** After a boot, caches fill that were emptied by it: seconds left out where the boot lasts longer than four times that. */
const WARM_UP = 1800;

/** Points in the order of time, those of one moment and nonsense left out. */
export function inOrder(points: readonly TrendPoint[]): readonly TrendPoint[] {
  const sane = points.filter(({ at, value }) => Number.isFinite(at) && Number.isFinite(value));
  const sorted = sane.every((p, i) => i === 0 || p.at >= (sane[i - 1]?.at ?? 0))
    ? sane
    : sane.toSorted((a, b) => a.at - b.at);
  return sorted.filter((p, i) => i === 0 || p.at > (sorted[i - 1]?.at ?? 0));
}

/** Divides at each boot. */
export function divide(points: readonly TrendPoint[]): readonly (readonly TrendPoint[])[] {
  const stretches: TrendPoint[][] = [];
  let boot: string | undefined;
  for (const point of points) {
    const last = stretches.at(-1);
    if (last && point.boot === boot) last.push(point);
    else stretches.push([point]);
    boot = point.boot;
  }
  return stretches.map((stretch, i) => (i === 0 ? stretch : withoutWarmUp(stretch)));
}

function withoutWarmUp(stretch: readonly TrendPoint[]): readonly TrendPoint[] {
  const from = stretch[0]?.at ?? 0;
  const to = stretch.at(-1)?.at ?? 0;
  return to - from > 4 * WARM_UP ? stretch.filter((p) => p.at >= from + WARM_UP) : stretch;
}

export function describeStretch(points: readonly TrendPoint[]): TrendStretch {
  const boot = points[0]?.boot;
  return {
    from: points[0]?.at ?? 0,
    to: points.at(-1)?.at ?? 0,
    ...(boot === undefined ? {} : { boot }),
    samples: points.length,
  };
}

/** Points of each stretch in bins of one width; a bin has points of one stretch only. */
export function fillBins(stretches: readonly (readonly TrendPoint[])[], most: number = MOST_BINS): readonly Bin[] {
  const from = stretches[0]?.[0]?.at ?? 0;
  const to = stretches.at(-1)?.at(-1)?.at ?? 0;
  const width = (to - from) / most;
  return stretches.flatMap((points, stretch) => {
    if (points.length <= 2 || width <= 0)
      return points.map(({ at, value }) => ({ at, median: value, low: value, stretch }));
    const groups = Map.groupBy(points, (p) => Math.min(most - 1, Math.floor((p.at - from) / width)));
    return [...groups.values()].map((group) => makeBin(group, stretch));
  });
}

function makeBin(group: readonly TrendPoint[], stretch: number): Bin {
  const values = group.map((p) => p.value).toSorted((a, b) => a - b);
  const at = group.reduce((sum, p) => sum + p.at, 0) / group.length;
  return { at, median: medianOf(values), low: values[0] ?? 0, stretch };
}

/** Of values in ascending order; 0 of none. */
export function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Standard deviation of a normal distribution with the same median deviation from zero. */
export const spreadOf = (values: readonly number[]): number =>
  1.4826 * medianOf(values.map(Math.abs).toSorted((a, b) => a - b));
