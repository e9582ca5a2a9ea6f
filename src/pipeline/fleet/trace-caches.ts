import { fitHinge } from '../../analysis/fleet/hinge.ts';
import { dailyMedians } from '../../analysis/fleet/daily.ts';
import type { FleetLeak } from '../../findings/fleet.ts';
import type { FleetGrid, HostTrend } from '../../model/fleet.ts';
import { layOnGrid } from '../../model/fleet-columns.ts';
import { TooMuch, type QueryClient } from '../../sources/prometheus/query-client.ts';
import { selectCaches } from './metric-names.ts';

/** Hosts of one query: a host may have 300 caches. */
const BATCH = 10;
const MOST = 3;
/** Bytes an hour below which a cache's rise explains nothing. */
const LEAST = 64 * 1024;

/** Which slab caches rise on the hosts that leak: asked for these alone. Empty where no exporter tells caches. */
export async function traceCaches(
  client: QueryClient,
  grid: FleetGrid,
  hostLabel: string,
  hosts: ReadonlyMap<string, readonly string[]>,
  suspects: readonly HostTrend[],
): Promise<ReadonlyMap<string, NonNullable<FleetLeak['caches']>>> {
  const found = new Map<string, NonNullable<FleetLeak['caches']>>();
  const range = { start: grid.start, end: grid.start + grid.step * (grid.count - 1), step: grid.step };
  for (let i = 0; i < suspects.length; i += BATCH) {
    const batch = new Map(
      suspects
        .slice(i, i + BATCH)
        .flatMap(({ name }) => (hosts.get(name) ?? []).map((label) => [label, name] as const)),
    );
    if (batch.size === 0) continue;
    const series = await client.range(selectCaches(hostLabel, [...batch.keys()]), range).catch((cause: unknown) => {
      if (cause instanceof TooMuch) return [];
      throw cause;
    });
    // Where the first hosts have none the others would have to be asked in vain.
    if (series.length === 0) break;
    for (const { labels, times, values } of series) {
      const [host, cache] = [batch.get(labels.get(hostLabel) ?? ''), labels.get('cache')];
      const hinge = fitHinge(dailyMedians(layOnGrid(grid, times, values), [], grid));
      const perHour = (hinge?.slope ?? 0) / 24;
      if (host === undefined || cache === undefined || perHour < LEAST || (hinge?.chance ?? 1) > 0.001) continue;
      found.set(host, [...(found.get(host) ?? []), { cache, bytesPerHour: Math.round(perHour) }]);
    }
  }
  return new Map(
    [...found].map(([host, caches]) => [
      host,
      caches.toSorted((a, b) => b.bytesPerHour - a.bytesPerHour).slice(0, MOST),
    ]),
  );
}
