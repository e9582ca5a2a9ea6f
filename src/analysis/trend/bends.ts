import type { Bin } from './bins.ts';
import { hours } from './design.ts';
import { coefficient, dot, type Basis } from './regression.ts';
import type { TrendChange } from '../../model/trend.ts';

/** A bend is this many standard errors from none: any slow noise bends a little. */
const CLEAR = 5;
const MOST = 2;
/** Share of the span that lies between two bends, and between a bend and an end. */
const SHARE = 0.15;

export type Bend = Extract<TrendChange, { readonly kind: 'bend' }>;

/**
 * Moments from which on it grows at another rate, where that makes `least` bytes of difference by the end. Gives the basis
 * with them; the slope beside that basis is the one behind the last bend.
 */
export function findBends(
  bins: readonly Bin[],
  given: Basis,
  values: Float64Array,
  least: number,
): { readonly bends: readonly Bend[]; readonly basis: Basis } {
  const slope = hours(bins);
  const span = slope.at(-1) ?? 0;
  const turns: { readonly hour: number; readonly within: number }[] = [];
  let basis = given;
  while (turns.length < MOST) {
    const free = slope.filter((t) =>
      [0, span, ...turns.map((turn) => turn.hour)].every((u) => Math.abs(u - t) >= SHARE * span),
    );
    const others = basis.with(slope);
    const hour = bestTurn(slope, others, values, free);
    if (hour === undefined) break;
    const { value, error } = coefficient(others, before(slope, hour), values);
    const left = span - hour;
    if (Math.abs(value) < CLEAR * error || Math.abs(value) * Math.min(left, hour) < least) break;
    // The corner of two lines is known as well as the height between them is.
    turns.push({ hour, within: Math.min(SHARE * span, span / bins.length + (2 * error * left) / Math.abs(value)) });
    basis = basis.with(before(slope, hour));
  }
  return {
    bends: describeBends(
      bins,
      given,
      values,
      turns.toSorted((a, b) => a.hour - b.hour),
    ),
    basis,
  };
}

/** Grows towards the past, so that beside it the slope is that of the time behind it. */
const before = (slope: Float64Array, hour: number): Float64Array => slope.map((t) => Math.max(0, hour - t));
const behind = (slope: Float64Array, hour: number): Float64Array => slope.map((t) => Math.max(0, t - hour));

/** The turn that explains most. */
function bestTurn(slope: Float64Array, others: Basis, values: Float64Array, free: Float64Array): number | undefined {
  const y = others.remainder(values);
  let best: number | undefined;
  let most = 0;
  for (const hour of free) {
    const x = others.remainder(before(slope, hour));
    const weight = dot(x, x);
    const explained = weight > 0 ? dot(x, y) ** 2 / weight : 0;
    if (explained > most) [best, most] = [hour, explained];
  }
  return best;
}

function describeBends(
  bins: readonly Bin[],
  given: Basis,
  values: Float64Array,
  turns: readonly { readonly hour: number; readonly within: number }[],
): readonly Bend[] {
  const slope = hours(bins);
  /** The slope of the piece behind the first `n` turns. */
  const rate = (n: number): number => {
    const basis = turns.reduce((b, { hour }, i) => b.with(i < n ? before(slope, hour) : behind(slope, hour)), given);
    return coefficient(basis, slope, values).value;
  };
  return turns.map(({ hour, within }, i) => ({
    kind: 'bend',
    at: (bins[0]?.at ?? 0) + hour * 3600,
    within: within * 3600,
    before: rate(i),
    after: rate(i + 1),
  }));
}
