import { medianOf, spreadOf, type Bin } from './bins.ts';
import { column, hours } from './design.ts';
import { coefficient, type Basis } from './regression.ts';
import type { TrendChange } from '../../model/trend.ts';

/** Bins on each side of a jump that are compared. */
const BESIDE = 4;
/** A jump is one where no other short time changes as much: in standard deviations of all of them. */
const SHARP = 4;
/** And the level behind it stays another one: in standard errors. */
const CLEAR = 3;
const MOST = 8;

export type Step = Extract<TrendChange, { readonly kind: 'step' }>;

/**
 * Moments at which the level jumps, by at least `least` bytes. Each is looked for in what is left when slope, day and the
 * jumps before it are taken out, so that steady growth is none. Gives the basis with them.
 */
export function findSteps(
  bins: readonly Bin[],
  given: Basis,
  values: Float64Array,
  least: number,
): { readonly steps: readonly Step[]; readonly basis: Basis } {
  const slope = hours(bins);
  const found: { readonly place: Omit<Step, 'bytes'>; readonly column: Float64Array }[] = [];
  let basis = given;
  while (found.length < MOST) {
    const at = sharpest(
      bins,
      basis.with(slope).remainder(values),
      least,
      found.map(({ place }) => place.at),
    );
    if (at === undefined) break;
    const [left, right] = [bins[at - 1]?.at ?? 0, bins[at]?.at ?? 0];
    const after = column(bins, (b) => (b.at >= right ? 1 : 0));
    found.push({ place: { kind: 'step', at: (left + right) / 2, within: (right - left) / 2 }, column: after });
    basis = basis.with(after);
  }
  // Only beside all the others it is seen whether a level stayed another one.
  const steps = found.flatMap(({ place, column: after }) => {
    const others = found.filter((f) => f.place !== place).reduce((b, f) => b.with(f.column), given.with(slope));
    const { value, error } = coefficient(others, after, values);
    return Math.abs(value) >= Math.max(least, CLEAR * error) ? [{ step: { ...place, bytes: value }, after }] : [];
  });
  const kept = steps.filter(({ step }) => !steps.some((other) => isBurst(bins, step, other.step)));
  return {
    steps: kept.map(({ step }) => step).toSorted((a, b) => a.at - b.at),
    basis: kept.reduce((b, { after }) => b.with(after), given),
  };
}

/** Up and down again, or down and up, within a few bins. */
function isBurst(bins: readonly Bin[], a: Step, b: Step): boolean {
  const width = ((bins.at(-1)?.at ?? 0) - (bins[0]?.at ?? 0)) / bins.length;
  const back = Math.abs(a.bytes + b.bytes) < 0.4 * Math.max(Math.abs(a.bytes), Math.abs(b.bytes));
  return a !== b && back && Math.abs(a.at - b.at) <= 2 * BESIDE * width;
}

/** The bin that begins behind the largest jump, where one stands out. */
function sharpest(
  bins: readonly Bin[],
  rest: Float64Array,
  least: number,
  known: readonly number[],
): number | undefined {
  const jumps = bins.map((_, i) => jumpAt(bins, rest, i));
  const usual = spreadOf(jumps.filter((jump) => jump !== undefined));
  let best: number | undefined;
  let most = Math.max(least, SHARP * usual);
  for (const [i, jump = 0] of jumps.entries()) {
    if (Math.abs(jump) <= most || known.some((at) => isNear(bins, at, i))) continue;
    [best, most] = [i, Math.abs(jump)];
  }
  return best === undefined ? undefined : edgeNear(bins, rest, best);
}

function isNear(bins: readonly Bin[], known: number, i: number): boolean {
  const at = bins.findIndex((b) => b.at > known);
  return Math.abs(at - i) < BESIDE;
}

/** How much the level differs between a few bins before `i` and from `i` on; undefined at an edge of a stretch. */
function jumpAt(bins: readonly Bin[], rest: Float64Array, i: number): number | undefined {
  const stretch = bins[i]?.stretch;
  if (bins[i - BESIDE]?.stretch !== stretch || bins[i + BESIDE - 1]?.stretch !== stretch) return undefined;
  const side = (from: number): number => medianOf([...rest.subarray(from, from + BESIDE)].toSorted((a, b) => a - b));
  return side(i) - side(i - BESIDE);
}

/** Of the places around `i` the one between the two neighbours that differ most. */
function edgeNear(bins: readonly Bin[], rest: Float64Array, i: number): number {
  let best = i;
  let most = 0;
  for (let k = i - BESIDE + 1; k < i + BESIDE; k++) {
    if (bins[k] === undefined || bins[k]?.stretch !== bins[k - 1]?.stretch) continue;
    const difference = Math.abs((rest[k] ?? 0) - (rest[k - 1] ?? 0));
    if (difference > most) [best, most] = [k, difference];
  }
  return best;
}
