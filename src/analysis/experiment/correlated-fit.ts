import type { Point } from '../slope.ts';
import { studentCdf } from './student.ts';

/**
 * A line, a step or whatever `columns` say, fitted to samples of one quantity whose noise is correlated: memory that is
 * taken stays taken for a while, so ten samples a second apart say less than ten a minute apart. The noise is a mean
 * reverting process with a memory (from none to beyond the whole series: a random walk) plus noise of each reading alone.
 * Neither is known: the fit is made for a grid of both, and each counts by its restricted likelihood.
 */
export interface CorrelatedFit {
  readonly members: readonly FitMember[];
  /** Samples less columns. */
  readonly freedom: number;
}

/** The fit under one assumption of the noise. */
export interface FitMember {
  readonly noise: Noise;
  /** Share that this assumption has in the answer; they sum to 1. */
  readonly weight: number;
  readonly coefficients: readonly number[];
  /** Variances and covariances of the coefficients. */
  readonly covariance: readonly (readonly number[])[];
  /** Variance of one sample around the fit. */
  readonly variance: number;
}

export interface Noise {
  /** Seconds until correlation fell to 1/e; 0 for none. */
  readonly memory: number;
  /** Share of the variance that is of each reading alone, 0 to 1. */
  readonly alone: number;
}

/** The longest memory that is tried, in spans of the series: a random walk, as far as the series can tell. */
const LONGEST = 8;
/** Steps between memories, from one and a half times the distance of two samples on. */
const RATIO = 2.5;
/** Noise of each reading alone, as multiples of what the lasting noise moves between two samples (both as variances). */
const ALONE = [0, 0.7, 5];
/**
 * How much more a long memory is expected than a short one, before looking: memory of a host wanders. With few samples
 * the two look alike, and taking it for short would make the interval too narrow.
 */
const LASTING = 3;
const NO_MEMORY: Noise = { memory: 0, alone: 1 };

/**
 * `columns` give the row of the design for each sample. `resolution` is the least step in which the quantity can change:
 * what does not vary at all is still known no better. Undefined where there are not more samples than columns, or where
 * the columns do not tell apart what they stand for.
 */
export function fitCorrelated(
  points: readonly Point[],
  columns: readonly (readonly number[])[],
  resolution: number,
): CorrelatedFit | undefined {
  const width = columns[0]?.length ?? 0;
  const freedom = points.length - width;
  if (width === 0 || freedom < 1) return undefined;
  const seconds = points.map(([t]) => t);
  const gap = medianGap(seconds);
  const span = gap * (points.length - 1);
  const rows = points.map(([, v], i) => [...(columns[i] ?? []), v]);
  const floor = resolution ** 2 / 12;
  const tried = noises(gap, span).flatMap((noise) => {
    const fit = fitUnder(noise, seconds, rows, width, floor);
    return fit ? [fit] : [];
  });
  if (tried.length === 0) return undefined;
  const best = Math.max(...tried.map((t) => t.logLikelihood));
  const weights = tried.map(
    ({ logLikelihood, member }) =>
      Math.exp(logLikelihood - best) * (1 + LASTING * Math.min(1, member.noise.memory / span)),
  );
  const all = weights.reduce((a, b) => a + b, 0);
  const members = tried
    .map((t, i) => ({ ...t.member, weight: (weights[i] ?? 0) / all }))
    .filter((m) => m.weight > 1e-4);
  return { members, freedom };
}

/** Of neighbours, so that a hole in a series (another boot) does not count. */
function medianGap(seconds: readonly number[]): number {
  const gaps = seconds.slice(1).map((t, i) => t - (seconds[i] ?? t));
  return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 0;
}

function noises(gap: number, span: number): readonly Noise[] {
  if (!(gap > 0)) return [NO_MEMORY];
  const tried = [NO_MEMORY];
  for (let memory = 1.5 * gap; memory < LONGEST * span * RATIO; memory *= RATIO) {
    const moved = 1 - Math.exp((-2 * gap) / memory);
    tried.push(...ALONE.map((ratio) => ({ memory, alone: (ratio * moved) / (1 + ratio * moved) })));
  }
  return tried;
}

/** Estimate of a sum of coefficients, with what is needed for its interval. */
export interface Estimate {
  readonly value: number;
  /** P(true value ≤ x). */
  readonly below: (x: number) => number;
}

export function estimate(fit: CorrelatedFit, contrast: readonly number[]): Estimate {
  const parts = fit.members.map(({ weight, coefficients, covariance }) => ({
    weight,
    value: dot(contrast, coefficients),
    error: Math.sqrt(
      Math.max(
        0,
        dot(
          contrast,
          covariance.map((row) => dot(contrast, row)),
        ),
      ),
    ),
  }));
  const value = parts.reduce((sum, p) => sum + p.weight * p.value, 0);
  return {
    value,
    below: (x) =>
      parts.reduce(
        (sum, p) =>
          sum + p.weight * (p.error === 0 ? Number(x >= p.value) : studentCdf((x - p.value) / p.error, fit.freedom)),
        0,
      ),
  };
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The interval that holds the true value with `level`, as much beyond one end as beyond the other. */
export function intervalOf({ value, below }: Estimate, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  return { value, low: quantile(below, value, tail), high: quantile(below, value, 1 - tail) };
}

/** How improbable the estimate is if the true value is `x`, in either direction. */
export const probabilityOf = ({ below }: Estimate, x: number): number => 2 * Math.min(below(x), 1 - below(x));

function quantile(below: (x: number) => number, start: number, p: number): number {
  let step = Math.max(1e-9, Math.abs(start) * 1e-6);
  let [low, high] = [start, start];
  while (below(low) > p && step < 1e300) low -= step *= 2;
  while (below(high) < p && step < 1e300) high += step *= 2;
  for (let i = 0; i < 60 && high - low > 1e-5 * Math.abs(high - start); i++) {
    const middle = (low + high) / 2;
    if (below(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

interface Tried {
  readonly member: Omit<FitMember, 'weight'>;
  readonly logLikelihood: number;
}

function fitUnder(
  noise: Noise,
  seconds: readonly number[],
  rows: readonly (readonly number[])[],
  width: number,
  floor: number,
): Tried | undefined {
  const { products, logDeterminant } = whiten(noise, seconds, rows);
  const solved = solveNormal(products, width);
  if (!solved) return undefined;
  const freedom = rows.length - width;
  const variance = Math.max(solved.squares, 0) / freedom + floor;
  return {
    member: {
      noise,
      coefficients: solved.coefficients,
      covariance: solved.inverse.map((row) => row.map((x) => x * variance)),
      variance,
    },
    logLikelihood: -0.5 * (logDeterminant + solved.logDeterminant + freedom * Math.log(variance + Number.MIN_VALUE)),
  };
}

/**
 * Sums of products of the columns, once each row is freed of what the rows before foretell of it: a Kalman filter of a
 * mean reverting process seen through noise, for a variance of 1.
 */
export function whiten(
  { memory, alone }: Noise,
  seconds: readonly number[],
  rows: readonly (readonly number[])[],
): { readonly products: readonly (readonly number[])[]; readonly logDeterminant: number } {
  const width = rows[0]?.length ?? 0;
  const products = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  const states = Array.from({ length: width }, () => 0);
  const lasting = 1 - alone;
  let uncertain = lasting;
  let logDeterminant = 0;
  for (const [i, row] of rows.entries()) {
    if (i > 0) {
      const gap = (seconds[i] ?? 0) - (seconds[i - 1] ?? 0);
      const keeps = memory > 0 ? Math.exp(-gap / memory) : 0;
      uncertain = keeps * keeps * uncertain + lasting * (1 - keeps * keeps);
      for (let k = 0; k < width; k++) states[k] = keeps * (states[k] ?? 0);
    }
    const spread = uncertain + alone + 1e-12;
    const gain = uncertain / spread;
    const news = row.map((x, k) => x - (states[k] ?? 0));
    for (let k = 0; k < width; k++) states[k] = (states[k] ?? 0) + gain * (news[k] ?? 0);
    uncertain *= 1 - gain;
    logDeterminant += Math.log(spread);
    addProducts(products, news, spread);
  }
  return { products, logDeterminant };
}

function addProducts(products: number[][], news: readonly number[], spread: number): void {
  for (const [k, sums] of products.entries()) {
    const mine = (news[k] ?? 0) / spread;
    for (let l = 0; l < sums.length; l++) sums[l] = (sums[l] ?? 0) + mine * (news[l] ?? 0);
  }
}

interface Solved {
  readonly coefficients: readonly number[];
  readonly inverse: readonly (readonly number[])[];
  readonly logDeterminant: number;
  /** What the fit leaves, squared and summed. */
  readonly squares: number;
}

/** Normal equations by Gauss and Jordan; the last column is the right side. Undefined where they have no one answer. */
export function solveNormal(products: readonly (readonly number[])[], width: number): Solved | undefined {
  const table = Array.from({ length: width }, (_, k) => [
    ...(products[k] ?? []).slice(0, width),
    ...Array.from({ length: width }, (__, l) => (k === l ? 1 : 0)),
  ]);
  let logDeterminant = 0;
  for (let k = 0; k < width; k++) {
    const pivotRow = table[k] ?? [];
    const pivot = pivotRow[k] ?? 0;
    const scale = products[k]?.[k] ?? 0;
    if (!(pivot > scale * 1e-11)) return undefined;
    logDeterminant += Math.log(pivot);
    for (let l = 0; l < 2 * width; l++) pivotRow[l] = (pivotRow[l] ?? 0) / pivot;
    for (const [other, row] of table.entries()) {
      if (other !== k) subtract(row, pivotRow, row[k] ?? 0);
    }
  }
  const inverse = table.map((row) => row.slice(width));
  const right = Array.from({ length: width }, (_, k) => products[k]?.[width] ?? 0);
  const coefficients = inverse.map((row) => dot(row, right));
  return { coefficients, inverse, logDeterminant, squares: (products[width]?.[width] ?? 0) - dot(coefficients, right) };
}

function subtract(row: number[], pivotRow: readonly number[], factor: number): void {
  for (let l = 0; l < row.length; l++) row[l] = (row[l] ?? 0) - factor * (pivotRow[l] ?? 0);
}
