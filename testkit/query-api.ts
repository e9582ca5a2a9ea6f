import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { FleetGrid } from '../src/model/fleet.ts';
import type { MetricSeries } from './fleet-metrics.ts';

export interface QueryApi extends AsyncDisposable {
  readonly url: string;
  /** Forms that were posted. */
  readonly asked: readonly URLSearchParams[];
}

/** A server on loopback that answers each request as told. */
export async function serveRequests(
  handle: (form: URLSearchParams, response: ServerResponse, request: IncomingMessage) => void,
): Promise<QueryApi> {
  const asked: URLSearchParams[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(body);
      asked.push(form);
      handle(form, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * As much of the query API as a fleet is read with: selectors by name and by one label, both by expression, grouping by that
 * label, and the time. What Prometheus itself answers is tested where it is installed.
 */
export const serveFleet = async (series: readonly MetricSeries[], grid: FleetGrid): Promise<QueryApi> =>
  serveRequests((form, response) => {
    const query = form.get('query') ?? '';
    const last = grid.start + grid.step * (grid.count - 1);
    if (query === 'vector(time())') {
      answer(response, [{ metric: {}, value: [last, String(last)] }]);
      return;
    }
    const chosen = series.filter(selector(query));
    const by = /^group by \(([\w, ]+)\)/.exec(query)?.[1]?.split(', ');
    const pick = (labels: MetricSeries['labels']) =>
      Object.fromEntries((by ?? []).map((key) => [key, labels[key] ?? '']));
    const grouped = by ? groupSeries(chosen, (labels) => JSON.stringify(pick(labels))) : chosen;
    const result = grouped.map(({ name, labels, values }) => ({
      metric: by ? pick(labels) : { __name__: name, ...labels },
      values: [...values].flatMap((value, i) =>
        Number.isNaN(value) ? [] : [[grid.start + i * grid.step, String(value)]],
      ),
    }));
    answer(response, result);
  });

/** Of each group one series, with samples wherever one of the group has one. */
const groupSeries = (
  series: readonly MetricSeries[],
  key: (labels: MetricSeries['labels']) => string,
): MetricSeries[] =>
  [...Map.groupBy(series, ({ labels }) => key(labels)).values()].flatMap(([first, ...others]) =>
    first
      ? [
          {
            ...first,
            values: first.values.map((v, i) =>
              others.reduce((a, one) => (Number.isNaN(a) ? (one.values[i] ?? a) : a), v),
            ),
          },
        ]
      : [],
  );

function selector(query: string): (one: MetricSeries) => boolean {
  const byName = /__name__=~"([^"]*)"/.exec(query)?.[1] ?? /^(?:group by \([\w, ]+\) \()?(\w+)/.exec(query)?.[1] ?? '';
  const byHost = /instance=~("(?:[^"\\]|\\.)*")/.exec(query)?.[1];
  const expression: unknown = byHost === undefined ? '.*' : JSON.parse(byHost);
  const [names, hosts] = [new RegExp(`^(?:${byName})$`), new RegExp(`^(?:${String(expression)})$`)];
  return ({ name, labels }) => names.test(name) && hosts.test(labels['instance'] ?? '');
}

export function answer(response: ServerResponse, result: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
}
