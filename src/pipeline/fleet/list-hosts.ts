import type { MatrixSeries } from '../../formats/prometheus/matrix.ts';
import type { FleetGrid } from '../../model/fleet.ts';
import { TooMuch, type QueryClient } from '../../sources/prometheus/query-client.ts';
import { hostName, KLEAK_UNEXPLAINED } from './metric-names.ts';

/** Hosts are looked for at so many moments, so that those that left are there too. */
const MOMENTS = 24;
/** Moments at which a host may have its old and its new name. */
const BOTH = 1;
/** Names that a host has before it is given one. */
const NO_NAME = new Set(['', '(none)', 'localhost', 'localhost.localdomain']);

export interface ListedHosts {
  /** By host: the values of the host label that stand for it. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  /** There are hosts without that label. */
  readonly unlabelled: boolean;
}

/**
 * All hosts that the server knows. A host that got another name, or address as pods do, is one: the name
 * that its kernel has (`nodename`) went from one to the other, and never were there two hosts of that name.
 */
export async function listHosts(client: QueryClient, grid: FleetGrid, hostLabel: string): Promise<ListedHosts> {
  const end = grid.start + grid.step * (grid.count - 1);
  const range = { start: grid.start, end, step: Math.max(grid.step, (end - grid.start) / MOMENTS) };
  const query = `group by (${hostLabel}) ({__name__=~"node_memory_MemTotal_bytes|${KLEAK_UNEXPLAINED}"})`;
  const hosts = new Map<string, string[]>();
  let unlabelled = false;
  for (const { labels } of await client.range(query, range)) {
    const label = labels.get(hostLabel);
    if (label === undefined || label === '') {
      unlabelled = true;
      continue;
    }
    const name = hostName(label);
    hosts.set(name, [...(hosts.get(name) ?? []), label]);
  }
  const named = await client
    .range(`group by (${hostLabel}, nodename) (node_uname_info)`, range)
    .catch((cause: unknown) => {
      if (cause instanceof TooMuch) return [];
      throw cause;
    });
  for (const names of renamed(named, hostLabel)) {
    const known = names.filter((name) => hosts.has(name));
    const last = known.at(-1);
    if (last === undefined) continue;
    const labels = known.flatMap((name) => hosts.get(name) ?? []);
    for (const name of known) hosts.delete(name);
    hosts.set(last, labels);
  }
  return { hosts, unlabelled };
}

/** Names that one host had one after the other, the last one last. */
function renamed(series: readonly MatrixSeries[], hostLabel: string): readonly (readonly string[])[] {
  const seen = new Map<string, Map<string, Set<number>>>();
  for (const { labels, times } of series) {
    const [label, node] = [labels.get(hostLabel) ?? '', labels.get('nodename') ?? ''];
    if (label === '' || NO_NAME.has(node)) continue;
    const names = seen.get(node) ?? new Map<string, Set<number>>();
    const name = hostName(label);
    seen.set(node, names.set(name, new Set([...(names.get(name) ?? []), ...times])));
  }
  const claims = Map.groupBy(
    [...seen.values()].flatMap((names) => [...names.keys()]),
    (name) => name,
  );
  return [...seen.values()].flatMap((names) => {
    const order = [...names].toSorted(([, a], [, b]) => Math.min(...a) - Math.min(...b));
    const follow = order.every(([name, times], i) => {
      const next = order[i + 1]?.[1];
      const shared = next ? [...next].filter((time) => time <= Math.max(...times)).length : 0;
      // A name that two kernels had is of neither.
      return shared <= BOTH && claims.get(name)?.length === 1;
    });
    return order.length > 1 && follow ? [order.map(([name]) => name)] : [];
  });
}
