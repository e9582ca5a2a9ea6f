import { measureTrend } from '../../analysis/trend/trend.ts';
import type { Finding, Rate } from '../../findings/finding.ts';
import type { TrendDocument } from '../../findings/trend.ts';
import { isInodeInUse, isReclaimableCache } from '../../model/slab-names.ts';
import type { QuantityTrend } from '../../model/trend.ts';
import { examineTrends, rateOf } from '../../rules/trend/growing.ts';
import { InputError } from '../../sources/input-error.ts';
import type { CollectOptions } from '../collect.ts';
import { orderFindings } from '../conclude.ts';
import { joinKnownIssue } from '../known.ts';
import { describeQuantity, eventView, isoAt, type MeasuredTrack } from './describe-quantity.ts';
import { readRecording, type ReadRecording } from './read-recording.ts';
import type { Track } from './recording.ts';

export interface TrendRequest extends CollectOptions {
  /** Milliseconds since 1970: what was recorded before is left out. */
  readonly since?: number;
}

/** Caches that are measured; of the others it is said that they changed too little. */
const MOST_CACHES = 80;
const MOST_EVENTS = 500;

/** What grows, since when, what changed then, and how long memory lasts. Throws InputError where there is no series. */
export async function trend(inputs: readonly string[], request: TrendRequest = {}): Promise<TrendDocument> {
  const document = describeTrend(await readRecording(inputs, request), inputs.join(', '));
  if (document) return document;
  throw new InputError(inputs[0] ?? '', 'holds fewer than two samples', 'let kleak record run for a while');
}

/** `by` says where the samples were recorded. Undefined where there are fewer than two. */
export function describeTrend(
  read: ReadRecording,
  by: string,
  mostCaches: number = MOST_CACHES,
): TrendDocument | undefined {
  const { recording, wallClock } = read;
  const { last } = recording;
  if (!last || recording.samples < 2) return undefined;
  const times = recording.times();
  const end = times.at(-1) ?? 0;
  const spanSeconds = end - (times[0] ?? 0);
  const measured = measureTracks(read, times, mostCaches);
  const totalBytes = last.totalBytes;
  const source = { kind: 'derived', from: [], by } as const;
  const raw = examineTrends({ quantities: measured.map((m) => m.quantity), totalBytes, spanSeconds, source });
  const findings = orderFindings(
    raw.map((f) => joinKnownIssue(withEnd(f, end, wallClock), {})),
    totalBytes,
  );
  const step = medianStep(times);
  return {
    schema: 'kleak.trend/1',
    ...conclusion(findings),
    findings,
    recording: {
      samples: recording.samples,
      spanSeconds,
      intervalSeconds: step,
      ...(wallClock ? { from: isoAt(times[0] ?? 0), to: isoAt(end) } : {}),
    },
    boots: recording
      .boots(times)
      .filter(({ boot }) => boot !== '')
      .map(({ boot, from, to }) => ({ boot, from: isoAt(from), to: isoAt(to) })),
    totalBytes,
    ...(last.available === undefined ? {} : { availableBytes: last.available }),
    quantities: measured
      .toSorted((a, b) => weight(b.quantity) - weight(a.quantity))
      .map((m) => describeQuantity(m, { end, wallClock, step, events: recording.events })),
    quiet: { quantities: recording.tracks.length - measured.length, belowBytes: LEAST_RANGE },
    events: recording.events.slice(-MOST_EVENTS).map(eventView),
    unread: read.unread,
    inputs: read.inputs,
  };
}

function conclusion([top]: readonly Finding[]): Pick<
  TrendDocument,
  'verdict' | 'layer' | 'summary' | 'confidence' | 'rate'
> {
  if (!top) return { verdict: 'inconclusive', layer: 'none', summary: 'Nothing was measured.' };
  const { verdict, layer, summary, confidence, rate } = top;
  return { verdict, layer, summary, confidence, ...(rate ? { rate } : {}) };
}

/** Every bucket, and the caches that changed at all, most first: a cache that stands still needs no statistics. */
function measureTracks(
  { recording }: ReadRecording,
  times: readonly number[],
  mostCaches: number,
): readonly MeasuredTrack[] {
  const totalBytes = recording.last?.totalBytes ?? 0;
  const room = recording.last?.available ?? recording.last?.buckets.get('free');
  const caches = recording.tracks
    .filter((t) => t.kind === 'cache' && rangeOf(t) >= LEAST_RANGE)
    .toSorted((a, b) => rangeOf(b) - rangeOf(a))
    .slice(0, mostCaches);
  const chosen = [...recording.tracks.filter((t) => t.kind !== 'cache'), ...caches];
  return chosen.map((track) => {
    const points = recording.points(track, times);
    const flags =
      track.kind === 'cache'
        ? { reclaimable: isReclaimableCache(track.name), inUse: isInodeInUse(track.name) }
        : { reclaimable: GIVEN_BACK.has(track.name), inUse: false };
    const isHeld = !flags.reclaimable || flags.inUse;
    const trend = measureTrend(points, {
      totalBytes,
      ...(track.kind === 'cache' ? { gate: cacheGate(totalBytes) } : {}),
      ...(room === undefined || !isHeld ? {} : { room }),
    });
    return { quantity: { name: track.name, kind: track.kind, ...flags, trend }, points, isHeld };
  });
}

/** What is free, or becomes so when memory is short: it does not use memory up. */
const GIVEN_BACK: ReadonlySet<string> = new Set([
  'free',
  'per-cpu-lists',
  'page-cache',
  'swap-cache',
  'slab-reclaimable',
]);

/** A single cache is calmer than the parts of memory that it is measured by: half of what they must change by. */
const cacheGate = (totalBytes: number): number => Math.min(totalBytes * 0.002, 32 * 2 ** 20);

/** Bytes. */
const LEAST_RANGE = 512 * 1024;

function rangeOf({ values }: Track): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high > low ? high - low : 0;
}

const DIRECTIONS = { rising: 3, unclear: 1, falling: 1, steady: 0 } as const;

/** The more a kind says, the nearer to the top: a bucket is only the sum of what its caches are. */
const KINDS = { unexplained: 3, cache: 2, bucket: 1 } as const;

/** What rises first, by how fast; then what is not at rest, by how much it changed. */
const weight = ({ trend, kind }: QuantityTrend): number =>
  DIRECTIONS[trend.direction] * 2 ** 53 +
  (trend.direction === 'rising' ? rateOf(trend).perHour : Math.abs(trend.last - trend.first)) * KINDS[kind];

/** The finding with the moment at which memory is used up. */
function withEnd<F extends { readonly rate?: Rate }>(finding: F, end: number, wallClock: boolean): F {
  const { rate } = finding;
  if (rate?.hoursLeft === undefined || !wallClock) return finding;
  return { ...finding, rate: { ...rate, exhaustion: isoAt(end + rate.hoursLeft * 3600) } };
}

function medianStep(times: readonly number[]): number {
  const steps = times.slice(1).map((t, i) => t - (times[i] ?? t));
  return Number((steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0).toFixed(1));
}
