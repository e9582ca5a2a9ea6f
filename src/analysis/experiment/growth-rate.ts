import type { Trend, TrendPoint } from '../../model/trend.ts';
import type { Point } from '../slope.ts';
import { measureTrend } from '../trend/trend.ts';
import { fitCorrelated, solveNormal, whiten, type CorrelatedFit, type Noise } from './correlated-fit.ts';
import { RESOLUTION } from './quantities.ts';

/** How fast one quantity of one host grows, with what is needed to compare it. Bytes per hour. */
export interface GrowthRate {
  readonly perHour: number;
  /** Standard error. */
  readonly error: number;
  readonly freedom: number;
  readonly hours: number;
  /** The standard error there would be after so many hours of the same noise. */
  readonly errorAfter: (hours: number) => number;
}

/** As measureTrend takes it: half the width of its interval in standard errors, and the freedom that fits that. */
const TREND_WIDTH = 2.1;
const TREND_FREEDOM = 20;
/** Points that the noise is learnt from. */
const MOST_POINTS = 120;
const FEWEST = 3;

/**
 * The rate by measureTrend, of the floor where there are teeth; by a line with correlated noise where there are only a few
 * moments, as in copies of /proc that somebody made. Undefined for fewer than three.
 */
export function measureGrowthRate(points: readonly TrendPoint[], totalBytes: number): GrowthRate | undefined {
  const trend = measureTrend(points, { totalBytes });
  const spots = average(sinceChanges(points, trend));
  const seconds = spots.reduce(
    (sum, spot, i) => sum + (i > 0 && spot.gap === undefined ? spot.at - (spots[i - 1]?.at ?? 0) : 0),
    0,
  );
  if (spots.length < FEWEST || seconds <= 0) return undefined;
  const line = fitLine(spots, trend.rhythm !== undefined);
  if (!line) return undefined;
  const hours = seconds / 3600;
  const growthOf = (perHour: number, error: number, freedom: number): GrowthRate => ({
    perHour,
    error,
    freedom,
    hours,
    errorAfter: (later) => {
      const now = lineError(line.fit, hours, line.gapHours);
      return now > 0 ? (error * lineError(line.fit, later, line.gapHours)) / now : error;
    },
  });
  if (trend.teeth && trend.floor.state === 'measured') {
    const { perHour, low, high } = trend.floor.value;
    return growthOf(perHour, Math.max(line.least, (high - low) / (2 * TREND_WIDTH)), TREND_FREEDOM);
  }
  if (trend.slope.state === 'missing') return growthOf(line.perHour, line.error, line.fit.freedom);
  // Two ways to know it; noise that wanders is told by the line alone, and each estimate has the error of its own way.
  const { perHour, low, high } = trend.slope.value;
  const error = (high - low) / (2 * TREND_WIDTH);
  return line.error > error
    ? growthOf(line.perHour, line.error, Math.min(TREND_FREEDOM, line.fit.freedom))
    : growthOf(perHour, Math.max(line.least, error), TREND_FREEDOM);
}

/** From the last bend on, as the trend's slope is, and with the jumps taken out that the trend found. */
function sinceChanges(points: readonly TrendPoint[], { changes }: Trend): readonly TrendPoint[] {
  const bend = changes.findLast((c) => c.kind === 'bend')?.at ?? -Infinity;
  const steps = changes.filter((c) => c.kind === 'step');
  return points
    .filter((p) => p.at >= bend)
    .map((p) => {
      const jumped = steps.reduce((sum, step) => (step.at <= p.at ? sum + step.bytes : sum), 0);
      return jumped === 0 ? p : { ...p, value: p.value - jumped };
    });
}

interface Spot {
  readonly at: number;
  readonly value: number;
  readonly boot: string;
  /** Set on the first spot of a boot that is not the first. */
  readonly gap?: true;
}

/** Means over short times, each of one boot. */
function average(points: readonly TrendPoint[]): readonly Spot[] {
  const sorted = points.toSorted((a, b) => a.at - b.at);
  const from = sorted[0]?.at ?? 0;
  const width = ((sorted.at(-1)?.at ?? 0) - from) / MOST_POINTS;
  const groups = Map.groupBy(sorted, (p) =>
    sorted.length <= MOST_POINTS || width <= 0 ? `${p.at}` : `${p.boot ?? ''} ${Math.floor((p.at - from) / width)}`,
  );
  let boot: string | undefined;
  return [...groups.values()].map((group): Spot => {
    const of = (pick: (p: TrendPoint) => number): number => group.reduce((sum, p) => sum + pick(p), 0) / group.length;
    const own = group[0]?.boot ?? '';
    const first = boot !== undefined && own !== boot;
    boot = own;
    return { at: of((p) => p.at), value: of((p) => p.value), boot: own, ...(first ? { gap: true as const } : {}) };
  });
}

/** Far more than any noise lasts: what lies on its two sides has nothing in common. */
const APART = 1e12;

interface FittedLine {
  readonly fit: CorrelatedFit;
  readonly perHour: number;
  readonly error: number;
  /** The error that the least step of the quantity leaves in any case. */
  readonly least: number;
  readonly gapHours: number;
}

const DAY = 86_400;

/** One slope, a level for each boot, and the swing of the day where there is one. */
function fitLine(spots: readonly Spot[], daily: boolean): FittedLine | undefined {
  const boots = [...new Set(spots.map((s) => s.boot))];
  const start = spots[0]?.at ?? 0;
  const base = spots[0]?.value ?? 0;
  let apart = 0;
  const points = spots.map((s): Point => {
    if (s.gap) apart += APART;
    return [apart + s.at - start, s.value - base];
  });
  const columns = spots.map((s) => [
    (s.at - start) / 3600,
    ...boots.map((boot) => (s.boot === boot ? 1 : 0)),
    ...(daily ? [1, 2].flatMap((n) => [Math.cos, Math.sin].map((wave) => wave((2 * Math.PI * n * s.at) / DAY))) : []),
  ]);
  const fit = fitCorrelated(points, columns, RESOLUTION);
  if (!fit) return undefined;
  const perHour = fit.members.reduce((sum, m) => sum + m.weight * (m.coefficients[0] ?? 0), 0);
  const variance = fit.members.reduce(
    (sum, m) => sum + m.weight * ((m.covariance[0]?.[0] ?? 0) + ((m.coefficients[0] ?? 0) - perHour) ** 2),
    0,
  );
  const gaps = spots.slice(1).flatMap((s, i) => (s.gap ? [] : [s.at - (spots[i]?.at ?? s.at)]));
  const gapHours = (gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 3600) / 3600;
  const least = RESOLUTION / Math.sqrt(12 * spots.length) / Math.max(gapHours, gapHours * spots.length);
  return { fit, perHour, error: Math.max(least, Math.sqrt(variance)), least, gapHours };
}

/** Points that a plan is computed of; more are taken together. */
const PLANNED = 160;

/** Standard error of a slope over `hours` with samples every `gap` hours, in the noise that was learnt. */
function lineError(fit: CorrelatedFit, hours: number, gap: number): number {
  const samples = Math.max(3, Math.round(hours / gap) + 1);
  const planned = Math.min(PLANNED, samples);
  const together = samples / planned;
  const times = Array.from({ length: planned }, (_, i) => (i * hours) / (planned - 1));
  const variance = fit.members.reduce((sum, { weight, noise, variance: one }) => {
    const { own, scale } = takenTogether(noise, together);
    const rows = times.map((t) => [1, t - hours / 2, 0]);
    const solved = solveNormal(
      whiten(
        own,
        times.map((t) => t * 3600),
        rows,
      ).products,
      2,
    );
    return sum + weight * one * scale * (solved?.inverse[1]?.[1] ?? 0);
  }, 0);
  return Math.sqrt(variance);
}

/** Of means over several samples: noise of each reading alone averages out, lasting noise does not. */
function takenTogether({ memory, alone }: Noise, samples: number): { readonly own: Noise; readonly scale: number } {
  if (memory === 0) return { own: { memory, alone }, scale: 1 / samples };
  const scale = 1 - alone + alone / samples;
  return { own: { memory, alone: alone / samples / scale }, scale };
}
