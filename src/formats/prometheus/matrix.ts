import { FormatError } from '../../base/errors.ts';
import { liftSamples, type LiftedSamples } from './lift-samples.ts';

/** One time series of an answer: labels, and samples at times that rise. NaN is a sample that says NaN or infinity. */
export interface MatrixSeries {
  readonly labels: ReadonlyMap<string, string>;
  /** Seconds since 1970. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** What a query came to. `refused`: the server understood and said no, in its words. */
export type QueryAnswer =
  | { readonly kind: 'series'; readonly series: readonly MatrixSeries[]; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * An answer of `/api/v1/query` or `/api/v1/query_range`, as Prometheus, VictoriaMetrics, Thanos and Mimir give it
 * (https://prometheus.io/docs/prometheus/latest/querying/api/). Throws FormatError for what is no such answer: a log-in page,
 * half an answer. Series that make no sense are left out.
 */
export function parseQueryAnswer(text: string, from: string): QueryAnswer {
  const { rest, lifted } = liftSamples(text);
  let parsed: unknown;
  try {
    parsed = JSON.parse(rest);
  } catch (cause) {
    const found = /^\s*</.test(text)
      ? 'a web page, not an answer of the query API'
      : 'an answer that is cut or no JSON';
    throw new FormatError('prometheus', found, { kind: 'line', file: from, line: 1 }, { cause });
  }
  if (!isRecord(parsed) || (parsed['status'] !== 'success' && parsed['status'] !== 'error'))
    throw new FormatError('prometheus', 'JSON that is no answer of the query API', {
      kind: 'line',
      file: from,
      line: 1,
    });
  if (parsed['status'] === 'error')
    return { kind: 'refused', reason: typeof parsed['error'] === 'string' ? parsed['error'] : 'no reason given' };
  const data = parsed['data'];
  const result = isRecord(data) ? data['result'] : undefined;
  if (!Array.isArray(result))
    throw new FormatError('prometheus', 'an answer without a result', { kind: 'line', file: from, line: 1 });
  const warnings = Array.isArray(parsed['warnings']) ? parsed['warnings'].map(String) : [];
  return { kind: 'series', series: result.flatMap((one) => readSeries(one, lifted)), warnings };
}

function readSeries(one: unknown, lifted: readonly LiftedSamples[]): readonly MatrixSeries[] {
  if (!isRecord(one) || !isRecord(one['metric'])) return [];
  const given = one['values'] ?? (one['value'] === undefined ? undefined : [one['value']]);
  const samples = typeof given === 'number' ? lifted[given] : Array.isArray(given) ? readSamples(given) : undefined;
  if (!samples) return [];
  const labels = new Map(Object.entries(one['metric']).map(([name, value]) => [name, String(value)]));
  return [{ labels, ...samples }];
}

/** Of one moment, or spelled in a way of its own. */
function readSamples(given: readonly unknown[]): LiftedSamples {
  const [times, values] = [new Float64Array(given.length), new Float64Array(given.length)];
  for (const [i, sample] of given.entries()) {
    const pair: readonly unknown[] = Array.isArray(sample) ? sample : [];
    const [time, value] = pair;
    times[i] = typeof time === 'number' ? time : Number.NaN;
    const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
    values[i] = Number.isFinite(number) ? number : Number.NaN;
  }
  return { times, values };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
