import { measureTrend } from '../../analysis/trend/trend.ts';
import type { ComparedCourse, ComparedRow } from '../../findings/host-comparison.ts';
import type { TrendPoint } from '../../model/trend.ts';
import { rateOf } from '../../rules/trend/growing.ts';
import type { Ledger, PushedSample } from './ledger.ts';

/** Two days: what swings with the day is told from what grows. */
export const COURSE_HOURS = 48;
/** Samples of that time, and caches: a page waits for them. */
const MOST_SAMPLES = 60;
const MOST_CACHES = 8;
/** Fewer, or less time (milliseconds), say nothing of a rate. */
const FEWEST = 8;
const BRIEF = 3_600_000;

type Tracks = ReadonlyMap<string, readonly TrendPoint[]>;
export type Courses = ReadonlyMap<string, ComparedCourse>;

export const courseKey = ({ kind, name }: Pick<ComparedRow, 'kind' | 'name'>): string => `${kind} ${name}`;

/** How what a host holds went before a moment, by `courseKey`: all parts of memory, and the caches that moved most. */
export function coursesBefore(ledger: Ledger, host: string, at: number): Courses {
  const samples = ledger.samplesBetween(host, at - COURSE_HOURS * 3_600_000, at, MOST_SAMPLES);
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length < FEWEST || last.at - first.at < BRIEF) return new Map();
  const { parts, caches } = tracksOf(samples);
  const known = (tracks: Tracks) => [...tracks].filter(([, points]) => points.length >= FEWEST);
  const moved = known(caches).toSorted(([, a], [, b]) => rangeOf(b) - rangeOf(a));
  const partGate = gate(last.totalBytes);
  // A single cache is calmer than what it is a part of.
  const cacheGate = partGate / 2;
  return new Map([
    ...known(parts).map(([key, points]) => [key, courseOf(points, partGate)] as const),
    ...moved
      .filter(([, points], i) => i < MOST_CACHES || rangeOf(points) < cacheGate)
      .map(([key, points]) => [key, courseOf(points, cacheGate)] as const),
  ]);
}

/** What a change must reach to be spoken of: as where a host is judged by itself. */
const gate = (totalBytes: number): number => Math.min(totalBytes * 0.004, 64 * 2 ** 20);

function tracksOf(samples: readonly PushedSample[]): { readonly parts: Tracks; readonly caches: Tracks } {
  const [parts, caches] = [new Map<string, TrendPoint[]>(), new Map<string, TrendPoint[]>()];
  for (const { at, boot, unexplained, buckets, caches: held } of samples) {
    const note = (tracks: Map<string, TrendPoint[]>, key: string, value: number): void => {
      const points = tracks.get(key) ?? [];
      if (points.length === 0) tracks.set(key, points);
      points.push({ at: at / 1000, value, boot });
    };
    if (unexplained !== undefined) note(parts, courseKey({ kind: 'unexplained', name: 'unexplained' }), unexplained);
    for (const [name, bytes] of Object.entries(buckets)) note(parts, courseKey({ kind: 'bucket', name }), bytes);
    for (const { name, bytes } of held) note(caches, courseKey({ kind: 'cache', name }), bytes);
  }
  return { parts, caches };
}

function courseOf(points: readonly TrendPoint[], least: number): ComparedCourse {
  // What never left that room is at rest, and needs no statistics.
  if (rangeOf(points) < least) return { direction: 'steady' };
  const trend = measureTrend(points, { gate: least });
  const { direction } = trend;
  const moves = direction === 'rising' || direction === 'falling';
  return { direction, ...(moves ? { bytesPerHour: Math.round(rateOf(trend).perHour) } : {}) };
}

function rangeOf(points: readonly TrendPoint[]): number {
  const values = points.map(({ value }) => value);
  return Math.max(...values) - Math.min(...values);
}
