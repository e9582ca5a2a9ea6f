import { measured, missing } from '../../model/measured.ts';
import type { Trend } from '../../model/trend.ts';
import { measureSlope } from '../slope.ts';
import { medianOf, spreadOf, type Bin } from './bins.ts';
import type { Teeth } from './teeth.ts';

/** Of a saw-tooth the points after each fall; else the lowest of four windows. */
export function floorOf(bins: readonly Bin[], teeth: Teeth | undefined): Trend['floor'] {
  const points = teeth?.floor ?? windowFloors(bins);
  if (points.length < 4) return missing(`${points.length} low points; 4 are needed`);
  const slope = measureSlope(points);
  if (slope?.low === undefined || slope.high === undefined) return missing('the low points have no spread');
  const { perSecond, low, high } = slope;
  // A few points may happen to rise one after another: the interval of a line through them holds as well.
  const line = lineThrough(points, perSecond);
  return measured({
    perHour: perSecond * 3600,
    low: Math.min(low, perSecond - line) * 3600,
    high: Math.max(high, perSecond + line) * 3600,
    points,
  });
}

/** Half the width of the 95 % interval of a slope, by Student's t and what usually is left; one odd point is no matter. */
function lineThrough(points: readonly (readonly [at: number, value: number])[], perSecond: number): number {
  const n = points.length;
  const middle = points.reduce((sum, [t]) => sum + t, 0) / n;
  const weight = points.reduce((sum, [t]) => sum + (t - middle) ** 2, 0);
  const levels = points.map(([t, v]) => v - perSecond * t);
  const level = medianOf(levels.toSorted((a, b) => a - b));
  const spread = spreadOf(levels.map((v) => v - level)) * Math.sqrt(n / (n - 2));
  // Student's t for 95 %, close enough for two degrees of freedom and more.
  const student = 1.96 + 2.4 / (n - 2) + 2.3 / (n - 2) ** 2;
  return (student * spread) / Math.sqrt(weight);
}

const WINDOWS = 6;

function windowFloors(bins: readonly Bin[]): readonly (readonly [at: number, value: number])[] {
  const from = bins[0]?.at ?? 0;
  const width = ((bins.at(-1)?.at ?? 0) - from) / WINDOWS;
  const windows = Map.groupBy(bins, (b) => Math.min(WINDOWS - 1, Math.floor((b.at - from) / width)));
  return [...windows.values()].map((window) => {
    const lowest = window.reduce((a, b) => (b.low < a.low ? b : a));
    return [lowest.at, lowest.low] as const;
  });
}
