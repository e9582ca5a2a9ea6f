import { medianOf, spreadOf, type Bin } from './bins.ts';
import { column, hours } from './design.ts';
import { coefficient, type Basis } from './regression.ts';
import type { TrendChange } from '../../model/trend.ts';

/** Bins on each side of a jump that are compared. */
const BESIDE = 4;
/** A jump is one where no other short time changes as much: in standard deviations of all of them. */
const SHARP = 6;
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
  const steps: Step[] = [];
  let basis = given;
  while (steps.length < MOST) {
    const rest = basis.with(slope).remainder(values);
    const at = sharpest(bins, rest, least, steps);
    if (at === undefined) break;
    const after = column(bins, (b) => (b.at >= (bins[at]?.at ?? 0) ? 1 : 0));
    const { value } = coefficient(basis.with(slope), after, values);
    if (Math.abs(value) < least) break;
    const [left, right] = [bins[at - 1]?.at ?? 0, bins[at]?.at ?? 0];
    steps.push({ kind: 'step', at: (left + right) / 2, within: (right - left) / 2, bytes: value });
    basis = basis.with(after);
  }
  return { steps: steps.toSorted((a, b) => a.at - b.at), basis };
}

/** The bin that begins behind the largest jump, where one stands out. */
function sharpest(bins: readonly Bin[], rest: Float64Array, least: number, steps: readonly Step[]): number | undefined {
  const jumps = bins.map((_, i) => jumpAt(bins, rest, i));
  const usual = spreadOf(jumps.filter((jump) => jump !== undefined));
  let best: number | undefined;
  let most = Math.max(least, SHARP * usual);
  for (const [i, jump = 0] of jumps.entries()) {
    if (Math.abs(jump) <= most || steps.some((step) => isNear(bins, step, i))) continue;
    [best, most] = [i, Math.abs(jump)];
  }
  return best === undefined ? undefined : edgeNear(bins, rest, best);
}

function isNear(bins: readonly Bin[], step: Step, i: number): boolean {
  const at = bins.findIndex((b) => b.at > step.at);
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
