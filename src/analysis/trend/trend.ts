import { measured, missing, type Measured } from '../../model/measured.ts';
import { measureSlope } from '../slope.ts';
import { findBends } from './bends.ts';
import { describeStretch, divide, fillBins, inOrder, medianOf, spreadOf, type Bin } from './bins.ts';
import { column, dayWaves, hasDays, hours, levelsAndDay } from './design.ts';
import { findSteps } from './steps.ts';
import { coefficient, type Basis } from './regression.ts';
import { findTeeth, type Teeth } from './teeth.ts';
import type { HourlyChange, Trend, TrendChange, TrendOptions, TrendPoint } from '../../model/trend.ts';

/** Fewer readings than this have no spread to speak of. */
const FEWEST = 8;
/** Standard errors to each side: 95 %, and a little more because the error itself is estimated. */
const WIDTH = 2.1;
/** To say that something grows, zero must lie this many interval widths below the rate: 3 standard errors. */
const SURE = 3 / WIDTH;
/** Jumps of this share of the gate are taken out; those of the whole gate are told. */
const SMALL_STEP = 0.25;
/** Spreads beyond which a reading is drawn in before the fit. */
const OUTLIER = 4;
/** Nothing is said of more than this many times what was seen. */
const FARTHEST = 30;

/**
 * Measures how one quantity behaves over time: rate with interval, jumps, bends, the swing of the day, the floor of a
 * saw-tooth, time until `room` is used up. Readings need not be evenly spaced; the cost grows with their number only by
 * a sort. docs/trend.md says how well it tells growth from noise.
 */
export function measureTrend(given: readonly TrendPoint[], options: TrendOptions = {}): Trend {
  const points = inOrder(given);
  const stretches = divide(points);
  const bins = fillBins(stretches);
  const spanSeconds = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  const gate = options.gate ?? gateOf(options.totalBytes);
  const common = {
    samples: points.length,
    spanSeconds,
    first: points[0]?.value ?? 0,
    last: points.at(-1)?.value ?? 0,
    gate,
    stretches: stretches.map(describeStretch),
  };
  if (bins.length < FEWEST) {
    const few = missing(`${points.length} readings; ${FEWEST} are needed`);
    return { ...common, direction: 'unclear', slope: few, floor: few, changes: [], exhaustion: few };
  }
  // Before jumps are looked for: each fall would be one.
  const teeth = findTeeth(bins, plainSlope(bins));
  const fit = fitLine(bins, gate, teeth !== undefined);
  const floor = floorOf(bins, teeth);
  const byFloor = teeth !== undefined || isGivenBack(fit, spanSeconds);
  const decisive = byFloor ? floor : measured(fit.slope);
  const direction = directionOf(decisive, gate, (byFloor ? spanSeconds : fit.seconds) / 3600);
  return {
    ...common,
    direction,
    slope: measured(fit.slope),
    floor,
    ...(teeth ? { teeth: { count: teeth.count, height: teeth.height } } : {}),
    ...rhythmOf(bins, fit.basis, fit.values, gate),
    changes: fit.changes,
    exhaustion: exhaustionOf(decisive, direction, spanSeconds, options.room),
  };
}

/** As in growth.ts: what a change must reach to be spoken of. */
const gateOf = (totalBytes: number | undefined): number =>
  totalBytes === undefined ? 512 * 1024 : Math.min(totalBytes * 0.004, 64 * 2 ** 20);

interface Fit {
  readonly slope: HourlyChange;
  /** How long that slope has lasted. */
  readonly seconds: number;
  readonly changes: readonly TrendChange[];
  /** All that was fitted beside the slope. */
  readonly basis: Basis;
  readonly values: Float64Array;
}

/** Per hour, through all there is, levels of boots aside. */
function plainSlope(bins: readonly Bin[]): number {
  return coefficient(
    levelsAndDay(bins).levels,
    hours(bins),
    column(bins, (b) => b.median),
  ).value;
}

function fitLine(bins: readonly Bin[], gate: number, toothed: boolean): Fit {
  const { all } = levelsAndDay(bins);
  const slope = hours(bins);
  const read = column(bins, (b) => b.median);
  if (toothed) return lineOf(bins, all, read, []);
  const first = findSteps(bins, all, read, gate * SMALL_STEP);
  const values = drawIn(first.basis.with(slope), read);
  const { steps, basis: stepped } = findSteps(bins, all, values, gate * SMALL_STEP);
  const { bends, steps: slow, basis } = findBends(bins, stepped, values, gate);
  const told = [...steps, ...slow].filter((step) => Math.abs(step.bytes) >= gate);
  return lineOf(bins, basis, values, [...told, ...bends]);
}

function lineOf(bins: readonly Bin[], basis: Basis, values: Float64Array, changes: readonly TrendChange[]): Fit {
  const slope = hours(bins);
  const bends = changes.filter((change) => change.kind === 'bend');
  const { value, error } = coefficient(basis, slope, values);
  const from = bends.at(-1)?.at ?? bins[0]?.at ?? 0;
  return {
    slope: { perHour: value, low: value - WIDTH * error, high: value + WIDTH * error },
    seconds: (bins.at(-1)?.at ?? 0) - from,
    changes: changes.toSorted((a, b) => a.at - b.at),
    basis,
    values,
  };
}

/** Falls, as many as teeth would be, that take back most of what it rises by: then its lowest points decide. */
function isGivenBack({ slope, changes }: Fit, spanSeconds: number): boolean {
  const falls = changes.flatMap((c) => (c.kind === 'step' && c.bytes < 0 ? [c.bytes] : []));
  const given = falls.reduce((sum, bytes) => sum - bytes, 0);
  return falls.length >= 4 && given > (0.5 * slope.perHour * spanSeconds) / 3600;
}

/** A burst is drawn in to where noise ends. */
function drawIn(basis: Basis, values: Float64Array): Float64Array {
  const rest = basis.remainder(values);
  const most = OUTLIER * spreadOf([...rest]);
  return values.map((v, i) => {
    const r = rest[i] ?? 0;
    return v - r + Math.min(most, Math.max(-most, r));
  });
}

/** Of a saw-tooth the points after each fall; else the lowest of four windows. */
function floorOf(bins: readonly Bin[], teeth: Teeth | undefined): Trend['floor'] {
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

function rhythmOf(bins: readonly Bin[], basis: Basis, values: Float64Array, gate: number): Pick<Trend, 'rhythm'> {
  if (!hasDays(bins)) return {};
  const { levels } = levelsAndDay(bins);
  const flat = levels.with(hours(bins));
  const withDay = dayWaves(bins).reduce((b, wave) => b.with(wave), flat);
  const day = flat.remainder(values).map((v, i) => v - (withDay.remainder(values)[i] ?? 0));
  const height = Math.max(...day) - Math.min(...day);
  const noise = spreadOf([...basis.remainder(values)]);
  return height > gate && height > 2 * noise ? { rhythm: { height } } : {};
}

function directionOf(change: Measured<HourlyChange>, gate: number, hoursLong: number): Trend['direction'] {
  if (change.state === 'missing') return 'unclear';
  const { perHour, low, high } = change.value;
  const least = gate / hoursLong;
  if (perHour - SURE * (perHour - low) > 0 && perHour >= least) return 'rising';
  if (perHour + SURE * (high - perHour) < 0 && perHour <= -least) return 'falling';
  return high < 2 * least && low > -2 * least ? 'steady' : 'unclear';
}

function exhaustionOf(
  change: Measured<HourlyChange>,
  direction: Trend['direction'],
  spanSeconds: number,
  room: number | undefined,
): Trend['exhaustion'] {
  if (room === undefined) return missing('how much memory is left is not known');
  if (change.state === 'missing') return change;
  if (direction !== 'rising') return missing(NOT_RISING[direction]);
  const { perHour, low, high } = change.value;
  const hoursLeft = room / perHour;
  if (hoursLeft * 3600 > FARTHEST * spanSeconds)
    return missing(`it is more than ${FARTHEST} times as far away as what was recorded reaches back`);
  const latest = low > 0 ? room / low : undefined;
  return measured({ hours: hoursLeft, low: room / high, ...(latest === undefined ? {} : { high: latest }) });
}

const NOT_RISING = {
  falling: 'it falls',
  steady: 'it does not grow',
  unclear: 'whether it grows cannot be told yet: the interval of its rate includes zero, or the change is small',
} as const;
