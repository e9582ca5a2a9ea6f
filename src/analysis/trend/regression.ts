/** Columns made orthogonal to those before them (modified Gram–Schmidt); columns that add nothing are left out. */
export class Basis {
  readonly #columns: Float64Array[] = [];

  get size(): number {
    return this.#columns.length;
  }

  /** This one with a column more, which stays as it is. */
  with(column: Float64Array): Basis {
    const longer = new Basis();
    longer.#columns.push(...this.#columns);
    longer.add(column);
    return longer;
  }

  /** What of a column is not in the span of the basis. */
  remainder(column: Float64Array): Float64Array {
    const rest = Float64Array.from(column);
    // Twice, because once loses digits where columns are nearly alike.
    for (let pass = 0; pass < 2; pass++) {
      for (const unit of this.#columns) {
        const share = dot(unit, rest);
        for (let i = 0; i < rest.length; i++) rest[i] = (rest[i] ?? 0) - share * (unit[i] ?? 0);
      }
    }
    return rest;
  }

  /** False where the column adds nothing. */
  add(column: Float64Array): boolean {
    const rest = this.remainder(column);
    const length = Math.sqrt(dot(rest, rest));
    if (length <= 1e-9 * Math.sqrt(dot(column, column))) return false;
    this.#columns.push(rest.map((x) => x / length));
    return true;
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** A coefficient of a linear model and its standard error. */
export interface Coefficient {
  readonly value: number;
  readonly error: number;
}

/**
 * The coefficient of one column beside all those of a basis, by least squares.
 *
 * Neighbouring errors are alike, so the usual formula would be far too sure. The error is the larger of two: Newey–West
 * (1987) over a twelfth of the series, and errors that decay (AR 1) with the decay corrected for its bias in short series.
 */
export function coefficient(others: Basis, column: Float64Array, values: Float64Array): Coefficient {
  const x = others.remainder(column);
  const weight = dot(x, x);
  const y = others.remainder(values);
  const value = weight > 0 ? dot(x, y) / weight : 0;
  const residuals = y.map((v, i) => v - value * (x[i] ?? 0));
  const free = Math.max(1, values.length - others.size - 1);
  const error = Math.max(
    Math.sqrt(Math.max(0, longRun(x, residuals)) * (values.length / free)) / weight,
    decaying(x, residuals, others.size + 1),
  );
  return { value, error: weight > 0 ? error : Infinity };
}

/** Newey–West: Σ w(l) Σ x(t) r(t) x(t−l) r(t−l). */
function longRun(x: Float64Array, residuals: Float64Array): number {
  const n = x.length;
  const scores = residuals.map((r, i) => r * (x[i] ?? 0));
  const lags = Math.max(2, Math.round(n / 12));
  let sum = dot(scores, scores);
  for (let lag = 1; lag <= lags && lag < n; lag++) {
    let product = 0;
    for (let i = lag; i < n; i++) product += (scores[i] ?? 0) * (scores[i - lag] ?? 0);
    sum += 2 * (1 - lag / (lags + 1)) * product;
  }
  return sum;
}

function decaying(x: Float64Array, residuals: Float64Array, columns: number): number {
  const n = x.length;
  const variance = dot(residuals, residuals) / Math.max(1, n - columns);
  let product = 0;
  for (let i = 1; i < n; i++) product += (residuals[i] ?? 0) * (residuals[i - 1] ?? 0);
  const seen = variance > 0 ? product / dot(residuals, residuals) : 0;
  // Kendall (1954), with one more for each column that was fitted.
  const decay = Math.min(0.98, Math.max(0, seen + (1 + 3 * seen + columns * (1 - seen)) / n));
  return Math.sqrt((variance / dot(x, x)) * ((1 + decay) / (1 - decay)));
}
