/** A change per second with its 95 % interval, from samples of one quantity. */
export interface Slope {
  readonly perSecond: number;
  /** Absent for two samples: two points have no spread. */
  readonly low?: number;
  readonly high?: number;
  readonly samples: number;
  /** −1 falls all the time … 1 rises all the time (Kendall's tau). */
  readonly trend: number;
}

export type Point = readonly [seconds: number, value: number];

/** More samples than this are thinned first: the estimate needs every pair. */
const MOST = 256;

/**
 * Theil–Sen: the median of the slopes of all pairs, so that a burst or a saw-tooth's teeth do not carry it away.
 * The interval follows Sen (1968): ranks around the median by the variance of Kendall's S, without ties.
 */
export function measureSlope(all: readonly Point[]): Slope | undefined {
  const points = thin(all, MOST);
  const slopes: number[] = [];
  let rising = 0;
  for (const [i, [t1, v1]] of points.entries()) {
    for (let j = i + 1; j < points.length; j++) {
      const [t2, v2] = points[j] ?? [t1, v1];
      if (t2 <= t1) continue;
      slopes.push((v2 - v1) / (t2 - t1));
      rising += Math.sign(v2 - v1);
    }
  }
  if (slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const spread = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const rank = (r: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(r)))] ?? 0;
  return {
    perSecond: median(slopes),
    ...(n > 2 ? { low: rank((slopes.length - spread) / 2 - 1), high: rank((slopes.length + spread) / 2) } : {}),
    samples: all.length,
    trend: rising / slopes.length,
  };
}

/** Evenly spaced samples, the first and the last among them. */
export function thin<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  const step = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => all[Math.round(i * step)]).filter((x) => x !== undefined);
}

/**
 * Lowest values over windows of the series, oldest first: the floor of a saw-tooth. A cache's floor rests, a leak's
 * floor rises.
 */
export function measureFloor(points: readonly Point[], windows = 4): readonly number[] {
  if (points.length < windows * 2) return points.map(([, v]) => v);
  const start = (w: number): number => Math.floor((w * points.length) / windows);
  return Array.from({ length: windows }, (_, w) => Math.min(...points.slice(start(w), start(w + 1)).map(([, v]) => v)));
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
