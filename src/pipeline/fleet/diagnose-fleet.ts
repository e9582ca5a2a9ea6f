import { tabulate } from '../../analysis/fleet/exposures.ts';
import { measureHostTrend } from '../../analysis/fleet/host-trend.ts';
import { divideHosts, type Cohorts } from '../../analysis/fleet/leaking-hosts.ts';
import { separate } from '../../analysis/fleet/separate.ts';
import type { Fleet } from '../../findings/fleet.ts';
import type { FleetGrid, HostTrend } from '../../model/fleet.ts';
import { examineFleet } from '../../rules/fleet/host-leaks.ts';
import { InputError } from '../../sources/input-error.ts';
import { QueryClient } from '../../sources/prometheus/query-client.ts';
import { describeLeak, describeSeparation, moment, shareOf, twinsOf } from './describe-fleet.ts';
import { KLEAK_UNEXPLAINED } from './metric-names.ts';
import { listHosts } from './list-hosts.ts';
import { readHosts } from './read-hosts.ts';
import { traceCaches } from './trace-caches.ts';

export interface FleetOptions {
  readonly days?: number;
  /** Seconds from one sample to the next. */
  readonly step?: number;
  /** The label that names a host. */
  readonly hostLabel?: string;
  readonly token?: string;
  /** Milliseconds for one query. */
  readonly timeLimit?: number;
  /** Hosts to set beside their twins, whatever their trend. */
  readonly beside?: readonly string[];
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

const DAY = 86_400;
const STEP = 6 * 3600;
/** Leaking hosts whose caches, twins are looked at: the fastest. */
const SUSPECTS = 40;
const TWINS = 5;
const UNREAD = 50;

/**
 * Asks a metrics server how the memory of all its hosts went, and says which leak and what they have in common. Keeps nothing
 * but a few numbers of each host. Throws InputError where the server cannot be asked, or knows no host.
 */
export async function diagnoseFleet(address: string, options: FleetOptions = {}): Promise<Fleet> {
  const { step = STEP, days = 30, hostLabel = 'instance' } = options;
  if (!/^[a-z_]\w*$/i.test(hostLabel))
    throw new InputError(hostLabel, 'not the name of a label', '--host-label takes a name as instance or node');
  const client = new QueryClient(address, options);
  const grid = await placeGrid(client, days, step);
  const { hosts: names, unlabelled } = await listHosts(client, grid, hostLabel);
  if (names.size === 0) throw await noHost(client, days, grid);
  const read = await readTrends(client, grid, names, options);
  const suspects = read.cohorts.leaking.toSorted((a, b) => shareOf(b) - shareOf(a));
  const caches = await traceCaches(client, grid, hostLabel, names, suspects.slice(0, SUSPECTS));
  const last = grid.start + grid.step * (grid.count - 1);
  const withKleak = (await client.instant(`group by (${hostLabel}) (${KLEAK_UNEXPLAINED})`, last)).length;
  const measured = {
    ...compareCohorts(read.cohorts, grid),
    from: moment(grid.start),
    to: moment(last),
    stepSeconds: step,
    hosts: {
      total: read.total,
      leaking: suspects.length,
      healthy: read.cohorts.healthy.length,
      untold: read.total - suspects.length - read.cohorts.healthy.length,
      withKleak,
    },
    leaking: suspects.map((host) => describeLeak(host, grid, read.available.get(host.name), caches.get(host.name))),
    load: { server: client.address, ...client.load },
  };
  const findings = examineFleet(measured);
  return {
    schema: 'kleak.fleet/1',
    verdict: findings[0]?.verdict ?? (read.cohorts.healthy.length > 0 ? 'not-a-leak' : 'inconclusive'),
    summary: findings[0]?.summary ?? quiet(read.cohorts, Math.min(days, daysSeen(read.trends, grid))),
    ...measured,
    twins: twinsOf([...beside(options.beside ?? [], read), ...suspects.slice(0, TWINS)], read.cohorts),
    findings,
    lacks: [
      ...(unlabelled ? [`hosts whose metrics have no label ${hostLabel} are not in this answer`] : []),
      ...(withKleak === 0 ? STOCK_LACKS : []),
    ],
    unread: read.unread,
    inputs: [{ kind: 'prometheus', file: client.address }],
  };
}

/** What is kept of all hosts. */
interface Read {
  /** Hosts, those that could not be read among them. */
  readonly total: number;
  readonly trends: readonly HostTrend[];
  readonly cohorts: Cohorts;
  /** Bytes, by host. */
  readonly available: ReadonlyMap<string, number>;
  readonly unread: { what: string; why: string }[];
}

async function readTrends(
  client: QueryClient,
  grid: FleetGrid,
  names: ReadonlyMap<string, readonly string[]>,
  { hostLabel = 'instance', progress }: FleetOptions,
): Promise<Read> {
  const unread: { what: string; why: string }[] = [];
  const trends: HostTrend[] = [];
  const available = new Map<string, number>();
  let done = 0;
  const lacks = ({ host, why }: { readonly host: string; readonly why: string }): void => {
    done++;
    if (unread.length < UNREAD) unread.push({ what: host, why });
  };
  for await (const { host, availableBytes } of readHosts(client, grid, hostLabel, names, lacks)) {
    trends.push(measureHostTrend(host, grid));
    if (availableBytes !== undefined) available.set(host.name, availableBytes);
    done++;
    progress?.(done, names.size);
  }
  const cohorts = divideHosts(trends);
  unread.push(...cohorts.untold.slice(0, UNREAD).map((host) => ({ what: host.name, why: whyUntold(host, grid) })));
  return { total: done, trends, cohorts, available, unread };
}

/** A host that is booted all the time may be the one that loses memory fastest. */
const whyUntold = ({ boots, samples }: HostTrend, { step }: FleetGrid): string =>
  boots > 1
    ? `booted ${boots} times, too often to have the whole days that are needed; look there: kleak diagnose`
    : `${((samples * step) / DAY).toFixed(1)} days of samples; four whole days are needed`;

function compareCohorts(
  cohorts: Cohorts,
  grid: FleetGrid,
): Pick<Fleet, 'association' | 'equalAssociations' | 'otherAssociations' | 'tried'> {
  const table = tabulate(cohorts, grid.step);
  const { found, equal, tried } = separate(table);
  const [best, ...others] = found.map((one) => describeSeparation(one, table, cohorts, grid));
  const alike = equal.map((one) => describeSeparation(one, table, cohorts, grid));
  return {
    ...(best ? { association: best } : {}),
    equalAssociations: alike,
    otherAssociations: others.filter(({ label }) => !alike.some((one) => one.label === label)).slice(0, 5),
    tried,
  };
}

const STOCK_LACKS = [
  'no host runs kleak export: slab caches, driver and package versions are not known, and free pages on per-CPU lists count as unexplained',
];

async function noHost(client: QueryClient, days: number, grid: FleetGrid): Promise<InputError> {
  const old = await client.instant('group (node_memory_MemTotal)', grid.start + grid.step * (grid.count - 1));
  return new InputError(
    client.address,
    `no host with node_memory_MemTotal_bytes within ${days} days`,
    old.length > 0
      ? 'there is node_memory_MemTotal, as node_exporter before 0.16 called it: scrape a newer one, or kleak export'
      : 'scrape node_exporter or kleak export; --host-label names the label that tells hosts apart',
  );
}

/** By the server's clock, so that a difference between clocks moves nothing. */
async function placeGrid(client: QueryClient, days: number, step: number): Promise<FleetGrid> {
  const [clock] = await client.instant('vector(time())');
  const now = clock?.values[0] ?? Date.now() / 1000;
  const count = Math.max(2, Math.floor((days * DAY) / step));
  const end = Math.floor(now / step) * step;
  return { start: end - step * (count - 1), step, count };
}

function beside(names: readonly string[], { trends, unread }: Read): readonly HostTrend[] {
  return names.flatMap((name) => {
    const host = trends.find((one) => one.name === name);
    if (!host) unread.push({ what: name, why: 'no such host among those of the metrics server' });
    return host ? [host] : [];
  });
}

function quiet({ healthy, untold }: Cohorts, days: number): string {
  if (healthy.length === 0) return `Of no host there are enough days to tell rest from rise (${untold.length} hosts).`;
  const unknown = untold.length === 0 ? '' : `; of ${untold.length} more there are too few days to tell`;
  return `No host of ${healthy.length} loses memory within ${Math.round(days)} days${unknown}.`;
}

/** Of the host that was watched longest, a few samples that failed aside: a server may have less than it was asked for. */
function daysSeen(trends: readonly HostTrend[], { step, count }: FleetGrid): number {
  const most = trends.reduce((longest, { samples }) => Math.max(longest, samples), 0);
  return ((most >= 0.9 * count ? count : most) * step) / DAY;
}
