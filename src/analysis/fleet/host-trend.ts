import type { AttributeSpan, FleetGrid, FleetHost, HostTrend, SignalTrend } from '../../model/fleet.ts';
import { courseOf } from './course.ts';
import { dailyMedians, type Day } from './daily.ts';
import { fitHinge, type Hinge } from './hinge.ts';

const DAY = 86_400;
/** Less of RAM a day is nobody's trouble within a year, and every counter's drift. */
const LEAST_A_DAY = 0.0003;
/** It has to have grown by so much of RAM while it was watched. */
const LEAST_GROWTH = 0.005;
/** Of rises that are surer than this the largest matters. */
const SURE = 1e-5;

/** How each quantity of a host goes. Its samples are not needed any more then. */
export function measureHostTrend(host: FleetHost, grid: FleetGrid): HostTrend {
  const trends: SignalTrend[] = [];
  const large = new Set<string>();
  const changes = changesOf(host.attributes, grid);
  let samples = 0;
  for (const [signal, values] of host.signals) {
    samples = Math.max(
      samples,
      values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
    );
    const days = dailyMedians(values, host.boots, grid);
    const hinge = fitHinge(days);
    if (!hinge) continue;
    const { slope: perDay, error, chance, onset, end } = hinge;
    const place = (day: number): number => Math.round((day * DAY) / grid.step);
    const trend = {
      signal,
      perDay,
      error,
      chance,
      days: hinge.days,
      ...(onset === undefined ? {} : { onset: place(onset) }),
    };
    const isLarge = isWorthwhile(perDay, longestRise(days, hinge), host.totalBytes);
    if (isLarge) large.add(signal);
    const course = isLarge ? courseOf(days, hinge, changes) : 'rises';
    if (course === 'rests') large.delete(signal);
    trends.push(end === undefined || course === 'rises' ? trend : { ...trend, end: place(end) });
  }
  const strongest = strongestOf(trends, large);
  return {
    name: host.name,
    totalBytes: host.totalBytes,
    attributes: host.attributes,
    samples,
    boots: host.boots.length,
    rising: trends.filter(({ perDay }) => perDay > 0),
    ...(strongest ? { strongest } : {}),
  };
}

/** The quantity that speaks most for a leak. What is too little to matter, or comes to rest, speaks for none: its chance is 1. */
function strongestOf(trends: readonly SignalTrend[], speak: ReadonlySet<string>): SignalTrend | undefined {
  // As many quantities as were looked at had the chance to rise.
  const judged = trends.map((trend) => ({
    ...trend,
    chance: speak.has(trend.signal) ? Math.min(1, trend.chance * trends.length) : 1,
  }));
  return judged.toSorted((a, b) => Math.max(SURE, a.chance) - Math.max(SURE, b.chance) || b.perDay - a.perDay)[0];
}

const isWorthwhile = (perDay: number, days: number, totalBytes: number): boolean =>
  perDay >= LEAST_A_DAY * totalBytes && perDay * days >= LEAST_GROWTH * totalBytes;

/** Days of the longest part between two boots: a boot gives back what was lost before. */
function longestRise(days: readonly Day[], { onset, end }: Hinge): number {
  const rising = days.filter(({ day }) => day >= (onset ?? 0) && day <= (end ?? Number.POSITIVE_INFINITY));
  return Math.max(0, ...[...Map.groupBy(rising, ({ run }) => run).values()].map((run) => run.length));
}

/** Days on which an attribute came to another value. */
const changesOf = (attributes: ReadonlyMap<string, readonly AttributeSpan[]>, { step }: FleetGrid): readonly number[] =>
  [...attributes.values()].flatMap((spans) => spans.slice(1).map(({ from }) => (from * step) / DAY));
