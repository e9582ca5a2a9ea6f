import type { HourlyChange, Trend, TrendChange } from '../../model/trend.ts';
import { findBends } from './bends.ts';
import { spreadOf, type Bin } from './bins.ts';
import { column, dayWaves, hasDays, hours, levelsAndDay } from './design.ts';
import { coefficient, type Basis } from './regression.ts';
import { findSteps } from './steps.ts';

/** Standard errors to each side: 95 %, and a little more because the error itself is estimated. */
export const WIDTH = 2.1;
/** Spreads beyond which a reading is drawn in before the fit. */
const OUTLIER = 4;
/** Jumps of this share of the gate are taken out; those of the whole gate are told. */
const SMALL_STEP = 0.25;

/** A line through the bins, with all that is not the line taken out. */
export interface Fit {
  readonly slope: HourlyChange;
  /** How long that slope has lasted. */
  readonly seconds: number;
  readonly changes: readonly TrendChange[];
  /** All that was fitted beside the slope. */
  readonly basis: Basis;
  /** The readings, with bursts drawn in. */
  readonly values: Float64Array;
}

/** Per hour, through all there is, levels of boots aside. */
export function plainSlope(bins: readonly Bin[]): number {
  return coefficient(
    levelsAndDay(bins).levels,
    hours(bins),
    column(bins, (b) => b.median),
  ).value;
}

export function fitLine(bins: readonly Bin[], gate: number, toothed: boolean): Fit {
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

/** A burst is drawn in to where noise ends. */
function drawIn(basis: Basis, values: Float64Array): Float64Array {
  const rest = basis.remainder(values);
  const most = OUTLIER * spreadOf([...rest]);
  return values.map((v, i) => {
    const r = rest[i] ?? 0;
    return v - r + Math.min(most, Math.max(-most, r));
  });
}

/** What the waves of a day explain beside levels, jumps and bends. */
export function rhythmOf(bins: readonly Bin[], { basis, values, changes }: Fit, gate: number): Pick<Trend, 'rhythm'> {
  if (!hasDays(bins)) return {};
  const flat = changes
    .map((c) => column(bins, (b) => (c.kind === 'step' ? Number(b.at > c.at) : Math.max(0, b.at - c.at))))
    .reduce((b, one) => b.with(one), levelsAndDay(bins).levels.with(hours(bins)));
  const withDay = dayWaves(bins).reduce((b, wave) => b.with(wave), flat);
  const rest = withDay.remainder(values);
  const day = flat.remainder(values).map((v, i) => v - (rest[i] ?? 0));
  const height = Math.max(...day) - Math.min(...day);
  const noise = spreadOf([...basis.remainder(values)]);
  return height > gate && height > 2 * noise ? { rhythm: { height } } : {};
}
