import { BUCKET_SIGNALS, equate } from '../../analysis/fleet/node-equation.ts';
import type { MatrixSeries } from '../../formats/prometheus/matrix.ts';
import type { FleetGrid, FleetHost } from '../../model/fleet.ts';
import { findBoots, joinColumns, layOnGrid, spansOf } from '../../model/fleet-columns.ts';
import { TooMuch, type QueryClient } from '../../sources/prometheus/query-client.ts';
import { tellApart } from './machines-of-a-name.ts';
import {
  attributesOf,
  BOOT_TIME,
  fieldOf,
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
    const nameOf = new Map(batch.flatMap((name) => (hosts.get(name) ?? []).map((label) => [label, name] as const)));
    const byHost = Map.groupBy(series, ({ labels: all }) => nameOf.get(all.get(hostLabel) ?? ''));
    for (const host of batch) yield* assembleAll(host, byHost.get(host) ?? [], grid, hostLabel, lacks);
  }
}

function batches<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let i = 0; i < all.length; i += size) parts.push(all.slice(i, i + size));
  return parts;
}

/** The machines of one name, mostly one. */
function* assembleAll(
  name: string,
  series: readonly MatrixSeries[],
  grid: FleetGrid,
  hostLabel: string,
  lacks: (lacking: Lacking) => void,
): Generator<ReadHost> {
  const machines = tellApart(name, series, grid, hostLabel);
  if (machines.length === 0) lacks({ host: name, why: SEVERAL });
  for (const [host, own] of machines) {
    const read = assemble(host, own, grid, hostLabel);
    if (typeof read === 'string') lacks({ host, why: read });
    else yield read;
  }
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
const SEVERAL = 'several machines have this name at the same time; --host-label takes a label that tells them apart';
const NEEDED = ['MemTotal', 'MemFree', 'Cached', 'AnonPages', 'SUnreclaim', 'SReclaimable'];
const lastOf = (column: Float64Array | undefined): number | undefined =>
  column?.findLast((value) => !Number.isNaN(value));
