import { aboveStudent } from './chance.ts';
import type { Day } from './daily.ts';
import { chanceOfIncrements } from './increments.ts';

/** A rise that begins at some day or ends at one, and begins again from the bottom after each boot. */
export interface Hinge {
  /** By day. */
  readonly slope: number;
  readonly error: number;
  readonly chance: number;
  /** Day from which it rises; absent where it rises from the first day on. */
  readonly onset?: number;
  /** Day from which it rests; absent where it rises to the last day. */
  readonly end?: number;
  /** Days that it rose. */
  readonly days: number;
}

/** Fewer days tell a rise from nothing. */
const FEWEST = 4;
/** Noise that follows itself is in the error already; it does not leave less to judge by than this. */
const LEAST_FREEDOM = 4;
/** A later onset has to leave so much less unexplained, or the rise counts as there from the start. */
const BETTER = 0.8;

/**
 * Fits rest and rise, and tells both from a step: values that jump once and rest are cut there, as if by a boot, before the
 * slope is judged. Least squares with a level of its own for every run; the days are medians already.
 */
export function fitHinge(days: readonly Day[]): Hinge | undefined {
  const fit = new Fit(days);
  const plain = fit.best();
  if (!plain) return undefined;
  const step = bestStep(days);
  if (step === undefined || step.squares >= plain.squares) return fit.describe(plain);
  const cut = new Fit(splitRuns(days, step.at));
  const left = cut.best();
  return left && cut.describe(left);
}

/** A slope from one day to another, and what it leaves unexplained. */
interface Rise {
  readonly from: number;
  readonly to: number;
  readonly slope: number;
  readonly square: number;
  readonly squares: number;
}

class Fit {
  readonly #days: readonly Day[];
  /** By day: the place of its run; by run: how many days, and the mean of their values. */
  readonly #run: Uint16Array;
  readonly #size: Float64Array;
  readonly #level: Float64Array;
  readonly #mean: Float64Array;
  readonly #risen: Float64Array;
  /** What levels alone leave. */
  readonly #squares: number;

  constructor(days: readonly Day[]) {
    this.#days = days;
    const runs = [...new Set(days.map(({ run }) => run))];
    this.#run = Uint16Array.from(days, ({ run }) => runs.indexOf(run));
    this.#size = new Float64Array(runs.length);
    this.#level = new Float64Array(runs.length);
    this.#mean = new Float64Array(runs.length);
    this.#risen = new Float64Array(days.length);
    for (const [i, { value }] of days.entries()) {
      const run = this.#run[i] ?? 0;
      this.#size[run] = (this.#size[run] ?? 0) + 1;
      this.#level[run] = (this.#level[run] ?? 0) + value;
    }
    for (let run = 0; run < runs.length; run++) this.#level[run] = (this.#level[run] ?? 0) / (this.#size[run] ?? 1);
    this.#squares = days.reduce((sum, { value }, i) => sum + (value - this.#levelOf(i)) ** 2, 0);
  }

  best(): Rise | undefined {
    const last = this.#days.length - 1;
    const whole = this.#rise(0, last);
    let best = whole;
    for (let at = 2; at < last; at++)
      for (const rise of [this.#rise(at, last), this.#endsAt(at) ? this.#rise(0, at) : undefined]) {
        if (!rise || !whole || rise.slope <= 0) continue;
        if (rise.squares < BETTER * whole.squares && rise.squares < (best?.squares ?? 0)) best = rise;
      }
    return best;
  }

  /** A rest of a few days within a run is noise of the rise; behind a boot it is none. */
  #endsAt(at: number): boolean {
    const after = this.#days.length - 1 - at;
    return after >= FEWEST || this.#run[at] !== this.#run[at + 1];
  }

  describe({ from, to, slope, square, squares }: Rise): Hinge {
    this.#climb(from, to);
    const left = this.#days.map(({ value }, i) => value - this.#levelOf(i) - slope * (this.#risen[i] ?? 0));
    const [onset, end] = [this.#days[from]?.day ?? 0, this.#days[to]?.day ?? 0];
    const isWhole = from === 0 && to === this.#days.length - 1;
    const judged = judge(slope, square, squares, left, this.#size.length + 1);
    const uneven = chanceOfIncrements(this.#days.slice(from, to + 1));
    return {
      slope,
      error: judged.error,
      // Either way of looking had the chance, and so had each day that it might have begun or ended on.
      chance: Math.min(1, Math.min(judged.chance, uneven) * (isWhole ? 2 : 4 * this.#days.length)),
      ...(from > 0 ? { onset } : {}),
      ...(to < this.#days.length - 1 ? { end } : {}),
      days: to - from + 1,
    };
  }

  /** With rest before and behind. Undefined where it lasts too few days. */
  #rise(from: number, to: number): Rise | undefined {
    if (to - from + 1 < FEWEST) return undefined;
    this.#climb(from, to);
    let [cross, square] = [0, 0];
    for (let i = 0; i < this.#days.length; i++) {
      const x = this.#risen[i] ?? 0;
      cross += x * ((this.#days[i]?.value ?? 0) - this.#levelOf(i));
      square += x * x;
    }
    if (square <= 0) return undefined;
    const slope = cross / square;
    return { from, to, slope, square, squares: Math.max(0, this.#squares - slope * cross) };
  }

  /** Days risen by each day, less the mean of its run. */
  #climb(from: number, to: number): void {
    const [onset, end] = [this.#days[from]?.day ?? 0, this.#days[to]?.day ?? 0];
    this.#mean.fill(0);
    for (let i = 0; i < this.#days.length; i++) {
      const risen = Math.max(0, Math.min(this.#days[i]?.day ?? 0, end) - onset);
      const run = this.#run[i] ?? 0;
      this.#risen[i] = risen;
      this.#mean[run] = (this.#mean[run] ?? 0) + risen / (this.#size[run] ?? 1);
    }
    for (let i = 0; i < this.#days.length; i++)
      this.#risen[i] = (this.#risen[i] ?? 0) - (this.#mean[this.#run[i] ?? 0] ?? 0);
  }

  #levelOf(i: number): number {
    return this.#level[this.#run[i] ?? 0] ?? 0;
  }
}

/**
 * Error and chance of a slope whose days follow each other: as many independent days are counted as noise with their
 * correlation leaves (first-order autoregression, with the bias of short series added back).
 */
function judge(
  slope: number,
  square: number,
  squares: number,
  left: readonly number[],
  fitted: number,
): Pick<Hinge, 'error' | 'chance'> {
  const n = left.length;
  const near = left.slice(1).reduce((sum, r, i) => sum + r * (left[i] ?? 0), 0);
  const raw = squares > 0 ? near / squares : 0;
  const follows = Math.min(0.95, Math.max(0, raw + (2 + 4 * raw) / n));
  const inflation = (1 + follows) / (1 - follows);
  if (n <= fitted) return { error: Number.POSITIVE_INFINITY, chance: 1 };
  const error = Math.sqrt(((squares / (n - fitted)) * inflation) / square);
  // A quantised series may have no noise at all.
  if (error === 0) return { error, chance: slope > 0 ? 0 : 1 };
  return { error, chance: aboveStudent(slope / error, Math.max(LEAST_FREEDOM, n / inflation - fitted + 1)) };
}

/** Where one jump within a run explains most, and what it leaves. */
function bestStep(days: readonly Day[]): { readonly at: number; readonly squares: number } | undefined {
  let best: { readonly at: number; readonly squares: number } | undefined;
  for (let start = 0; start < days.length;) {
    let end = start;
    while (end < days.length && days[end]?.run === days[start]?.run) end++;
    const run = days.slice(start, end);
    const [sum, square] = run.reduce(([s, q], { value }) => [s + value, q + value * value], [0, 0]);
    let before = 0;
    for (let k = 1; k < run.length; k++) {
      before += run[k - 1]?.value ?? 0;
      const left = square - before ** 2 / k - (sum - before) ** 2 / (run.length - k);
      const gain = square - sum ** 2 / run.length - left;
      if (!best || gain > -best.squares) best = { at: start + k, squares: -gain };
    }
    start = end;
  }
  if (!best) return undefined;
  const levels = splitRuns(days, best.at);
  return { at: best.at, squares: aroundLevels(levels) };
}

/** The run that holds this day, in two. */
const splitRuns = (days: readonly Day[], at: number): readonly Day[] =>
  days.map((one, i) => (i >= at && one.run === days[at]?.run ? { ...one, run: one.run + 0.5 } : one));

function aroundLevels(days: readonly Day[]): number {
  const sums = new Map<number, readonly [number, number, number]>();
  for (const { run, value } of days) {
    const [n, sum, square] = sums.get(run) ?? [0, 0, 0];
    sums.set(run, [n + 1, sum + value, square + value * value]);
  }
  return [...sums.values()].reduce((total, [n, sum, square]) => total + square - sum ** 2 / n, 0);
}
