import type { ExposureTable } from '../../analysis/fleet/exposures.ts';
import type { Cohorts } from '../../analysis/fleet/leaking-hosts.ts';
import { SIGNAL_LAYERS } from '../../analysis/fleet/node-equation.ts';
import { alignOnsets } from '../../analysis/fleet/onsets.ts';
import type { Separation } from '../../analysis/fleet/separate.ts';
import { findTwins } from '../../analysis/fleet/twins.ts';
import type { Layer } from '../../findings/finding.ts';
import type { Fleet, FleetAssociation, FleetLeak } from '../../findings/fleet.ts';
import type { FleetGrid, HostTrend } from '../../model/fleet.ts';

const HOUR = 3600;

/** A host that leaks, in the document. */
export function describeLeak(
  { name, strongest, totalBytes }: HostTrend,
  grid: FleetGrid,
  available: number | undefined,
  caches: FleetLeak['caches'],
): FleetLeak {
  const { signal = '', perDay = 0, error = 0, onset, end } = strongest ?? {};
  const perHour = perDay / 24;
  const goesOn = end === undefined && perHour > 0;
  const hoursLeft = goesOn && available !== undefined && available > 0 ? available / perHour : undefined;
  const last = grid.start + grid.step * (grid.count - 1);
  return {
    host: name,
    layer: layerOf(signal),
    signal,
    rate: {
      bytesPerHour: Math.round(perHour),
      low: Math.round((perDay - 1.96 * error) / 24),
      high: Math.round((perDay + 1.96 * error) / 24),
      ...(hoursLeft === undefined ? {} : { hoursLeft, exhaustion: moment(last + hoursLeft * HOUR) }),
    },
    shareOfRamPerDay: perDay / totalBytes,
    ...(onset === undefined ? {} : { since: moment(grid.start + onset * grid.step) }),
    ...(end === undefined ? {} : { until: moment(grid.start + end * grid.step) }),
    ...(caches && caches.length > 0 ? { caches } : {}),
  };
}

const LAYERS: readonly Layer[] = ['page-allocator', 'slab-unreclaimable', 'vmalloc', 'kernel-stack', 'percpu'];
const layerOf = (signal: string): Layer => LAYERS.find((layer) => layer === SIGNAL_LAYERS[signal]) ?? 'none';

export const shareOf = ({ strongest, totalBytes }: HostTrend): number => (strongest?.perDay ?? 0) / totalBytes;

/** ISO 8601. Years beyond what a date can say are as good as never. */
export const moment = (seconds: number): string => new Date(Math.min(8.64e12, seconds) * 1000).toISOString();

/** What divides the hosts, in the document. */
export function describeSeparation(
  { exposure, counts, odds, oddsLow, oddsHigh, chance }: Separation,
  table: ExposureTable,
  { leaking }: Cohorts,
  grid: FleetGrid,
): FleetAssociation {
  const named = (has: number, sick: boolean): readonly string[] =>
    table.hosts
      .filter((_, i) => exposure.has[i] === has && i < table.leaking === sick)
      .slice(0, 10)
      .map(({ name }) => name);
  const exposed = leaking.filter((_, i) => exposure.has[i] === 1);
  const onsets = exposure.attributes
    .map((attribute) => alignOnsets(exposed, attribute, grid.step))
    .toSorted((a, b) => b.changed - a.changed)[0];
  return {
    label: exposure.label,
    attributes: exposure.attributes,
    withIt: { leaking: counts[0], healthy: counts[1] },
    withoutIt: { leaking: counts[2], healthy: counts[3] },
    oddsRatio: { value: odds, low: oddsLow, high: oddsHigh },
    chance,
    contradicting: { healthyWithIt: named(1, false), leakingWithoutIt: named(0, true) },
    ...(onsets && onsets.changed > 0
      ? {
          onset: {
            changed: onsets.changed,
            aligned: onsets.aligned,
            ...(onsets.lagDays === undefined ? {} : { medianLagDays: onsets.lagDays }),
          },
        }
      : {}),
  };
}

export const twinsOf = (hosts: readonly HostTrend[], { healthy }: Cohorts): Fleet['twins'] =>
  [...new Set(hosts)].flatMap((host) => {
    const twins = findTwins(
      host,
      healthy.filter((one) => one !== host),
    );
    return twins
      ? [{ host: host.name, peers: twins.peers.length, shared: twins.shared, differs: twins.differs.slice(0, 10) }]
      : [];
  });
