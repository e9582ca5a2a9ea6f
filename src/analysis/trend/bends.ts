import type { Bin } from './bins.ts';
import { hours } from './design.ts';
import { coefficient, dot, type Basis } from './regression.ts';
import type { Step } from './steps.ts';
import type { TrendChange } from '../../model/trend.ts';

/** A bend is this many standard errors from none: any slow noise bends a little. */
const CLEAR = 6;
const MOST = 3;
/** Share of the span that lies between two bends, and between a bend and an end. */
const SHARE = 0.2;
/** Bins on each side of a level. */
const BESIDE = 4;

export type Bend = Extract<TrendChange, { readonly kind: 'bend' }>;

/** A moment on the way to a fit: from here on another rate, or another level. */
interface Turn {
  readonly kind: 'bend' | 'step';
  readonly hour: number;
  readonly within: number;
  readonly value: number;
  readonly column: Float64Array;
}

/**
 * Moments from which on it grows at another rate, where that makes `least` bytes of difference by the end. Where another
 * level explains more than another rate does, it is a step that was too slow to be seen as a jump. Gives the basis with them;
 * the slope beside that basis is the one behind the last bend.
 */
export function findBends(
  bins: readonly Bin[],
  given: Basis,
  values: Float64Array,
  least: number,
): { readonly bends: readonly Bend[]; readonly steps: readonly Step[]; readonly basis: Basis } {
  const slope = hours(bins);
  const turns: Turn[] = [];
  let basis = given;
  while (turns.length < MOST) {
    const turn = nextTurn(slope, basis.with(slope), values, turns, least);
    if (!turn) break;
    turns.push(turn);
    basis = basis.with(turn.column);
  }
  const start = bins[0]?.at ?? 0;
  const steps = turns.filter((turn) => turn.kind === 'step');
  const stepped = steps.reduce((b, { column }) => b.with(column), given);
  const bent = turns.filter((turn) => turn.kind === 'bend').toSorted((a, b) => a.hour - b.hour);
  return {
    bends: describeBends(start, slope, stepped, values, bent),
    steps: steps.map(({ hour, within, value }) => ({
      kind: 'step',
      at: start + hour * 3600,
      within: within * 3600,
      bytes: value,
    })),
    basis,
  };
}

function nextTurn(
  slope: Float64Array,
  others: Basis,
  values: Float64Array,
  turns: readonly Turn[],
  least: number,
): Turn | undefined {
  const span = slope.at(-1) ?? 0;
  const corners = [0, span, ...turns.filter((turn) => turn.kind === 'bend').map((turn) => turn.hour)];
  const free = slope.filter((t) => corners.every((u) => Math.abs(u - t) >= SHARE * span));
  const y = others.remainder(values);
  const bend = best(free, (hour) => before(slope, hour), others, y);
  const step = best(slope.slice(BESIDE, -BESIDE), (hour) => level(slope, hour), others, y);
  const isStep = step.explained > bend.explained;
  const { hour, column } = isStep ? step : bend;
  if (column === undefined) return undefined;
  const { value, error } = coefficient(others, column, values);
  // The corner of two lines is known as well as the height between them is.
  const left = span - hour;
  const corner = span / slope.length + (2 * error * left) / Math.abs(value);
  const within = isStep ? (2 * span) / slope.length : Math.min(SHARE * span, corner);
  const change = isStep ? Math.abs(value) : Math.abs(value) * Math.min(left, hour);
  if (Math.abs(value) < CLEAR * error || change < least) return undefined;
  return { kind: isStep ? 'step' : 'bend', hour, within, value, column };
}

/** Grows towards the past, so that beside it the slope is that of the time behind it. */
const before = (slope: Float64Array, hour: number): Float64Array => slope.map((t) => Math.max(0, hour - t));
const behind = (slope: Float64Array, hour: number): Float64Array => slope.map((t) => Math.max(0, t - hour));
const level = (slope: Float64Array, hour: number): Float64Array => slope.map((t) => (t >= hour ? 1 : 0));

/** The moment that explains most of what is left. */
function best(
  moments: Float64Array,
  columnAt: (hour: number) => Float64Array,
  others: Basis,
  y: Float64Array,
): { readonly hour: number; readonly explained: number; readonly column?: Float64Array } {
  let found: { hour: number; explained: number; column?: Float64Array } = { hour: 0, explained: 0 };
  for (const hour of moments) {
    const column = columnAt(hour);
    const x = others.remainder(column);
    const weight = dot(x, x);
    // What is nearly in the span of the others is told from nothing by rounding alone.
    const explained = weight > 1e-6 * dot(column, column) ? dot(x, y) ** 2 / weight : 0;
    if (explained > found.explained) found = { hour, explained, column };
  }
  return found;
}

function describeBends(
  start: number,
  slope: Float64Array,
  given: Basis,
  values: Float64Array,
  turns: readonly Turn[],
): readonly Bend[] {
  /** The slope of the piece behind the first `n` turns. */
  const rate = (n: number): number => {
    const basis = turns.reduce((b, { hour }, i) => b.with(i < n ? before(slope, hour) : behind(slope, hour)), given);
    return coefficient(basis, slope, values).value;
  };
  return turns.map(({ hour, within }, i) => ({
    kind: 'bend',
    at: start + hour * 3600,
    within: within * 3600,
    before: rate(i),
    after: rate(i + 1),
  }));
}
