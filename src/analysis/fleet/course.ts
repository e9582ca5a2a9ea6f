import type { Day } from './daily.ts';
import type { Hinge } from './hinge.ts';

/** Fewer days at rest show no rest. */
const REST = 4;
/** A slope below this share of the rise is rest. */
const FLAT = 0.25;
/** Days between the end of a rise and what ended it. */
const NEAR = 2.5;
/** A curve that flattens has to leave less than this share of what a line leaves. */
const BENT = 0.4;
/** By days: how fast a cache comes to what it holds at last. */
const PACES = [1.5, 2.5, 4, 6, 9];
/** Fewer days of a run show no bend. */
const BENDABLE = 6;

/** `ended`: by a boot, or when something on the host changed. `rests`: memory that fills and then rests, as caches do. */
export type Course = 'rises' | 'ended' | 'rests';

/**
 * What a rise comes to. It is no leak when it ended although the host was not booted and nothing on it changed then (`changes`,
 * days), when it only comes back to where it rested before the boot, or when it flattens. A short rest is taken for none.
 */
export function courseOf(days: readonly Day[], hinge: Hinge, changes: readonly number[]): Course {
  const { slope, onset = Number.NEGATIVE_INFINITY, end } = hinge;
  if (end !== undefined) {
    if (endedByChange(days, end, changes)) return 'ended';
    if (staysAtRest(days, hinge, end)) return 'rests';
  }
  const runs = [...Map.groupBy(days, ({ run }) => run).values()];
  const at = runs.findLastIndex((run) => run.some(({ day }) => day > onset));
  const rising = runs.map((run) => run.filter(({ day }) => day >= onset));
  return refills(rising[at] ?? [], runs[at - 1] ?? [], slope) || flatten(rising) ? 'rests' : 'rises';
}

/** Behind its end: long enough, and level. */
function staysAtRest(days: readonly Day[], { slope, days: risen }: Hinge, end: number): boolean {
  const after = days.filter(({ day }) => day > end);
  const last = after.filter(({ run }) => run === after.at(-1)?.run);
  return after.length >= Math.max(REST, risen * FLAT) && slopeOf(last) < FLAT * slope;
}

function endedByChange(days: readonly Day[], end: number, changes: readonly number[]): boolean {
  const last = days.findLast(({ day }) => day <= end);
  const after = days.find(({ day }) => day > end);
  const booted = last !== undefined && after !== undefined && Math.floor(after.run) !== Math.floor(last.run);
  return booted || changes.some((day) => day >= end - NEAR && day <= end + NEAR);
}

/** The run before rested, and higher than this one has come. */
function refills(rising: readonly Day[], before: readonly Day[], slope: number): boolean {
  const rested = before.slice(-Math.max(REST, before.length >> 1));
  if (rested.length < REST || rising.length === 0) return false;
  // Runs that were told apart by a step are of one boot.
  if (Math.floor(rested[0]?.run ?? 0) === Math.floor(rising[0]?.run ?? 0)) return false;
  if (slopeOf(rested) > FLAT * slope) return false;
  const level = rested.reduce((sum, { value }) => sum + value, 0) / rested.length;
  return Math.max(...rising.map(({ value }) => value)) <= level;
}

/** All runs together: a curve of one pace describes them much better than lines do, and has come to its end in each. */
function flatten(runs: readonly (readonly Day[])[]): boolean {
  const bendable = runs.filter((run) => run.length >= BENDABLE);
  if (bendable.length === 0) return false;
  const line = together(bendable, (age) => age);
  const bent = PACES.map((pace) => ({ pace, ...together(bendable, (age) => 1 - Math.exp(-age / pace)) })).toSorted(
    (a, b) => a.squares - b.squares,
  )[0];
  if (!bent || bent.squares >= BENT * line.squares || bent.scale <= 0) return false;
  const longest = Math.max(...bendable.map((run) => (run.at(-1)?.day ?? 0) - (run[0]?.day ?? 0)));
  return (bent.scale / bent.pace) * Math.exp(-longest / bent.pace) < FLAT * line.scale;
}

/** A shape by the age of each run, with a level and a size of its own for each. */
function together(
  runs: readonly (readonly Day[])[],
  shape: (age: number) => number,
): { readonly scale: number; readonly squares: number } {
  const all = runs.map((run) => fitted(run, (day) => shape(day - (run[0]?.day ?? 0))));
  return {
    scale: all.reduce((sum, { scale }) => sum + scale, 0) / runs.length,
    squares: all.reduce((sum, { squares }) => sum + squares, 0),
  };
}

const slopeOf = (days: readonly Day[]): number => fitted(days, (day) => day).scale;

/** Least squares of a level and so much of a shape. */
function fitted(
  days: readonly Day[],
  shape: (day: number) => number,
): { readonly scale: number; readonly squares: number } {
  const n = Math.max(1, days.length);
  const xs = days.map(({ day }) => shape(day));
  const [meanX, meanY] = [xs.reduce((sum, x) => sum + x, 0) / n, days.reduce((sum, { value }) => sum + value, 0) / n];
  let [cross, square, all] = [0, 0, 0];
  for (const [i, { value }] of days.entries()) {
    const x = (xs[i] ?? 0) - meanX;
    cross += x * (value - meanY);
    square += x * x;
    all += (value - meanY) ** 2;
  }
  const scale = square > 0 ? cross / square : 0;
  return { scale, squares: Math.max(0, all - scale * cross) };
}
