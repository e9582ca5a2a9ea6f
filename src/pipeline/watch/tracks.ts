import { thin } from '../../analysis/slope.ts';
import { measureTrend } from '../../analysis/trend/trend.ts';
import type { HourlyChange } from '../../model/trend.ts';
import type { CacheSample, Sample } from '../../model/sample.ts';

/** How one bucket or cache went over the samples. */
export interface Track {
  readonly name: string;
  readonly bytes: number;
  readonly objects?: number;
  readonly change: number;
  readonly points: Points;
  readonly rate: TrackRate;
}

export type Points = readonly (readonly [seconds: number, bytes: number])[];

export interface TrackRate {
  readonly slope?: HourlyChange;
  readonly direction: 'rising' | 'falling' | 'steady' | 'unclear';
}

/** Gives the rate of a bucket or cache: measured now, or lately. */
export type Rater = (key: string, points: Points) => TrackRate;

/** Points that a rate is measured of: it is done for every cache, again and again. */
const MOST_POINTS = 96;
/**
 * A change in this share of RAM is more than a host's breathing within the time that somebody watches; diagnose, which
 * sees days, asks for more.
 */
const GATE = 1 / 16_384;
const LEAST_GATE = 512 * 1024;

export const gateOf = (total: number): number => Math.min(64 * 2 ** 20, Math.max(LEAST_GATE, total * GATE));

/** Every bucket, and `unexplained` where it was measured. A bucket that a sample lacks is empty there. */
export function trackBuckets(samples: readonly Sample[], rate: Rater): readonly Track[] {
  const names = new Set(samples.flatMap((s) => [...s.buckets.keys()]));
  const rateOf: Rater = (name, points) => rate(`bucket ${name}`, points);
  return [
    ...[...names].map((name) => trackOf(name, samples, rateOf, (s) => s.buckets.get(name) ?? 0)),
    ...(samples.at(-1)?.unexplained === undefined
      ? []
      : [trackOf('unexplained', samples, rateOf, (s) => s.unexplained)]),
  ];
}

export function trackCaches(samples: readonly Sample[], rate: Rater): readonly Track[] {
  const rateOf: Rater = (name, points) => rate(`cache ${name}`, points);
  const tables = new Map(samples.map((s) => [s, new Map(s.caches.map((c) => [c.name, c]))]));
  const latest: readonly CacheSample[] = samples.at(-1)?.caches ?? [];
  return latest.map(({ name, objects }) => ({
    ...trackOf(name, samples, rateOf, (s) => tables.get(s)?.get(name)?.bytes),
    ...(objects === undefined ? {} : { objects }),
  }));
}

function trackOf(
  name: string,
  samples: readonly Sample[],
  rateOf: Rater,
  amount: (sample: Sample) => number | undefined,
): Track {
  const start = samples[0]?.uptime ?? 0;
  const all = samples.flatMap((s): (readonly [number, number])[] => {
    const value = amount(s);
    return value === undefined ? [] : [[s.uptime - start, value]];
  });
  const points = thin(all, MOST_POINTS);
  const [first, last] = [points[0]?.[1] ?? 0, points.at(-1)?.[1] ?? 0];
  return { name, bytes: last, change: last - first, points, rate: rateOf(name, points) };
}

/** Seconds below which a burst would be told as if it went on for an hour. */
const LEAST_SPAN = 60;

export function measureRate(points: Points, gate: number): TrackRate {
  if ((points.at(-1)?.[0] ?? 0) < LEAST_SPAN) return { direction: 'unclear' };
  const { direction, slope } = measureTrend(
    points.map(([at, value]) => ({ at, value })),
    { gate },
  );
  return { direction, ...(slope.state === 'measured' ? { slope: slope.value } : {}) };
}
