import type { FleetGrid, FleetHost, HostTrend, SignalTrend } from '../../model/fleet.ts';
import { dailyMedians } from './daily.ts';
import { fitHinge } from './hinge.ts';

const DAY = 86_400;

/** How each quantity of a host goes. Its samples are not needed any more then. */
export function measureHostTrend(host: FleetHost, grid: FleetGrid): HostTrend {
  const trends: SignalTrend[] = [];
  let samples = 0;
  for (const [signal, values] of host.signals) {
    samples = Math.max(
      samples,
      values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
    );
    const hinge = fitHinge(dailyMedians(values, host.boots, grid));
    if (!hinge) continue;
    const { slope, error, chance, onset, end, days } = hinge;
    const place = (day: number): number => Math.round((day * DAY) / grid.step);
    trends.push({
      signal,
      perDay: slope,
      error,
      chance,
      days,
      ...(onset === undefined ? {} : { onset: place(onset) }),
      ...(end === undefined ? {} : { end: place(end) }),
    });
  }
  const strongest = trends.reduce<SignalTrend | undefined>(
    (best, trend) => (best && surer(best, trend) ? best : trend),
    undefined,
  );
  return {
    name: host.name,
    totalBytes: host.totalBytes,
    attributes: host.attributes,
    samples,
    rising: trends.filter(({ perDay }) => perDay > 0),
    // As many quantities as were looked at had the chance to rise.
    ...(strongest ? { strongest: { ...strongest, chance: Math.min(1, strongest.chance * trends.length) } } : {}),
  };
}

const surer = (a: SignalTrend, b: SignalTrend): boolean =>
  a.chance === b.chance ? a.perDay >= b.perDay : a.chance < b.chance;
