import { BUCKET_SIGNALS, equate } from '../../analysis/fleet/node-equation.ts';
import type { MatrixSeries } from '../../formats/prometheus/matrix.ts';
import type { FleetGrid, FleetHost } from '../../model/fleet.ts';
import { findBoots, joinColumns, layOnGrid, spansOf } from '../../model/fleet-columns.ts';
import { TooMuch, type QueryClient } from '../../sources/prometheus/query-client.ts';
import {
  attributesOf,
  BOOT_TIME,
  fieldOf,
  hostName,
  isTargetLabel,
  KLEAK_AVAILABLE,
  KLEAK_BUCKET,
  KLEAK_TOTAL,
  KLEAK_UNEXPLAINED,
  selectHosts,
} from './metric-names.ts';

/** Hosts of one query. */
const BATCH = 100;

/** What a host lacks for being judged. */
export interface Lacking {
  readonly host: string;
  readonly why: string;
}

/** A host with the memory it has to lose still, as far as the server says. */
export interface ReadHost {
  readonly host: FleetHost;
  readonly availableBytes?: number;
}

/** By host: the values of the host label that stand for it. Seen at a few moments, so that hosts that left are there too. */
export async function listHosts(
  client: QueryClient,
  grid: FleetGrid,
  hostLabel: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const [end, moments] = [grid.start + grid.step * (grid.count - 1), 24];
  const step = Math.max(grid.step, (end - grid.start) / moments);
  const query = `group by (${hostLabel}) ({__name__=~"node_memory_MemTotal_bytes|${KLEAK_UNEXPLAINED}"})`;
  const hosts = new Map<string, string[]>();
  for (const { labels } of await client.range(query, { start: grid.start, end, step })) {
    const label = labels.get(hostLabel);
    if (label === undefined || label === '') continue;
    const name = hostName(label);
    hosts.set(name, [...(hosts.get(name) ?? []), label]);
  }
  return hosts;
}

/** Reads host after host, in bounded batches; a batch that is too much for the server is halved. */
export async function* readHosts(
  client: QueryClient,
  grid: FleetGrid,
  hostLabel: string,
  hosts: ReadonlyMap<string, readonly string[]>,
  lacks: (lacking: Lacking) => void,
): AsyncGenerator<ReadHost> {
  const waiting = batches([...hosts.keys()], BATCH);
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    const labels = batch.flatMap((name) => hosts.get(name) ?? []);
    let series: readonly MatrixSeries[];
    try {
      const range = { start: grid.start, end: grid.start + grid.step * (grid.count - 1), step: grid.step };
      series = await client.range(selectHosts(hostLabel, labels), range);
    } catch (cause) {
      if (!(cause instanceof TooMuch)) throw cause;
      if (batch.length > 1) waiting.unshift(...batches(batch, Math.ceil(batch.length / 2)));
      else lacks({ host: batch[0] ?? '', why: `the server refused: ${cause.message}` });
      continue;
    }
    const byHost = Map.groupBy(series, ({ labels: all }) => hostName(all.get(hostLabel) ?? ''));
    for (const host of batch) {
      const read = assemble(host, byHost.get(host) ?? [], grid, hostLabel);
      if (typeof read === 'string') lacks({ host, why: read });
      else yield read;
    }
  }
}

function batches<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < all.length; i += size) parts.push(all.slice(i, i + size));
  return parts;
}

/** One host's series put together, or what is missing of it. */
function assemble(
  name: string,
  series: readonly MatrixSeries[],
  grid: FleetGrid,
  hostLabel: string,
): ReadHost | string {
  const { fields, seen, boots, buckets } = sortSeries(series, grid, hostLabel);
  const stock = equate(fields);
  // kleak's own equation knows more; where its exporter began later, the stock one goes before.
  const signals = new Map(stock);
  for (const [signal, column] of buckets)
    signals.set(signal, stock ? joinColumns(column, stock.get(signal) ?? column) : column);
  const totalBytes = lastOf(fields.get('MemTotal'));
  if (signals.size === 0 || totalBytes === undefined)
    return `lacks ${NEEDED.filter((field) => !fields.has(field)).join(', ') || 'samples'}`;
  const available = lastOf(fields.get('MemAvailable'));
  return {
    host: {
      name,
      totalBytes,
      boots: boots ? findBoots(boots) : [],
      signals,
      attributes: new Map([...seen].map(([key, values]) => [key, spansOf(values)])),
    },
    ...(available === undefined ? {} : { availableBytes: available }),
  };
}

/** The series of one host by what they are. */
interface Sorted {
  readonly fields: Map<string, Float64Array>;
  /** By attribute and value: when it was seen. */
  readonly seen: Map<string, Map<string, Float64Array>>;
  /** By quantity, as kleak's exporter says it. */
  readonly buckets: Map<string, Float64Array>;
  boots?: Float64Array;
}

function sortSeries(series: readonly MatrixSeries[], grid: FleetGrid, hostLabel: string): Sorted {
  const sorted: Sorted = { fields: new Map(), seen: new Map(), buckets: new Map() };
  for (const { labels, times, values } of series) {
    const metric = labels.get('__name__') ?? '';
    const column = layOnGrid(grid, times, values);
    const field = fieldOf(metric) ?? OWN_FIELDS[metric];
    const signal =
      metric === KLEAK_UNEXPLAINED
        ? 'unexplained'
        : metric === KLEAK_BUCKET
          ? BUCKET_SIGNALS[labels.get('bucket') ?? '']
          : undefined;
    if (field !== undefined) sorted.fields.set(field, joinColumns(sorted.fields.get(field), column));
    else if (metric === BOOT_TIME) sorted.boots = joinColumns(sorted.boots, column);
    else if (signal !== undefined) sorted.buckets.set(signal, joinColumns(sorted.buckets.get(signal), column));
    const said =
      field === 'MemTotal'
        ? [...labels].filter(([label]) => isTargetLabel(label, hostLabel))
        : attributesOf(metric, labels);
    for (const [attribute, value] of said) {
      const seen = sorted.seen.get(attribute) ?? new Map<string, Float64Array>();
      sorted.seen.set(attribute, seen.set(value, joinColumns(seen.get(value), column)));
    }
  }
  return sorted;
}

const OWN_FIELDS: Readonly<Record<string, string>> = { [KLEAK_TOTAL]: 'MemTotal', [KLEAK_AVAILABLE]: 'MemAvailable' };
const NEEDED = ['MemTotal', 'MemFree', 'Cached', 'AnonPages', 'SUnreclaim', 'SReclaimable'];
const lastOf = (column: Float64Array | undefined): number | undefined =>
  column?.findLast((value) => !Number.isNaN(value));
