import { spellBytes, spellDuration, spellRate } from '../../base/spelling.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { Layer, Verdict } from '../../findings/finding.ts';
import type { WatchedAmount, WatchedBucket, WatchedCache, WatchState } from '../../findings/watch.ts';
import type { Sample } from '../../model/sample.ts';
import { isReclaimableCache } from '../../model/slab-names.ts';
import { gateOf, trackBuckets, trackCaches, type Rater, type Track } from './tracks.ts';

export interface Watched {
  readonly samples: readonly Sample[];
  readonly taken: number;
  readonly recorded: number;
  readonly marks: WatchState['marks'];
  readonly problems: WatchState['problems'];
}

/** Below, no verdict: services that start, caches that fill and single bursts look like growth. */
const EARLY = 600;
/** Below, growth is told but not suspected. */
const SUSPICIOUS = 3600;
/** Layers whose growth nobody takes back on demand. */
const HELD: ReadonlySet<Layer> = new Set<Layer>([
  'slab-unreclaimable',
  'vmalloc',
  'percpu',
  'page-tables',
  'kernel-stack',
  'page-allocator',
  'user',
  'shmem',
]);

/** What is known from the samples so far: amounts, rates with their intervals, and a verdict that says when it is too early. */
export function describeWatch({ samples, taken, recorded, marks, problems }: Watched, rate: Rater): WatchState {
  const last = samples.at(-1);
  const spanSeconds = (last?.uptime ?? 0) - (samples[0]?.uptime ?? 0);
  const buckets = trackBuckets(samples, rate)
    .map(bucketOf)
    .toSorted((a, b) => b.bytes - a.bytes);
  const caches = trackCaches(samples, rate).map(cacheOf).toSorted(byGrowth);
  return {
    at: last?.at ?? 0,
    samples: taken,
    spanSeconds,
    recorded,
    totalBytes: last?.totalBytes ?? 0,
    ...(last?.available === undefined ? {} : { availableBytes: last.available }),
    buckets,
    caches,
    ...conclude(buckets, caches, spanSeconds, gateOf(last?.totalBytes ?? 0)),
    marks,
    problems,
  };
}

function amountOf({ name, bytes, objects, change, points, rate: { slope, direction } }: Track): WatchedAmount {
  return {
    name,
    bytes,
    ...(objects === undefined ? {} : { objects }),
    changeBytes: change,
    ...(slope ? { rate: { bytesPerHour: slope.perHour, low: slope.low, high: slope.high } } : {}),
    sure: direction === 'rising' || direction === 'falling',
    points,
  };
}

function bucketOf(track: Track): WatchedBucket {
  const { label, layer } = BUCKETS[track.name] ?? UNEXPLAINED;
  return { ...amountOf(track), label, layer };
}
const UNEXPLAINED = { label: 'unexplained', layer: 'page-allocator' } as const;

const cacheOf = (track: Track): WatchedCache => ({ ...amountOf(track), reclaimable: isReclaimableCache(track.name) });

/** What surely grows first, the fastest first; then what has changed most. */
const byGrowth = (a: WatchedCache, b: WatchedCache): number =>
  Number(isGrowing(b)) - Number(isGrowing(a)) ||
  (isGrowing(a) ? rateOf(b) - rateOf(a) : 0) ||
  b.changeBytes - a.changeBytes ||
  b.bytes - a.bytes;

const rateOf = ({ rate }: WatchedAmount): number => rate?.bytesPerHour ?? 0;
const isGrowing = (amount: WatchedAmount): boolean => amount.sure && rateOf(amount) > 0;

function conclude(
  buckets: readonly WatchedBucket[],
  caches: readonly WatchedCache[],
  span: number,
  gate: number,
): { readonly verdict: Verdict; readonly early: boolean; readonly summary: string } {
  const growing = buckets.filter((b) => isGrowing(b) && HELD.has(b.layer)).toSorted((a, b) => rateOf(b) - rateOf(a));
  const [most] = growing;
  const cache = caches.find((c) => isGrowing(c) && !c.reclaimable);
  const fastest = cache && most?.layer === 'slab-unreclaimable' ? `, fastest ${cache.name}` : '';
  if (span < EARLY) {
    const seen = most
      ? `so far ${most.label ?? most.name} grew by ${spellBytes(most.changeBytes)}${fastest}`
      : 'so far nothing that stays held grows for sure';
    const summary = `${spellDuration(span)} of at least ${spellDuration(EARLY)} watched; ${seen}.`;
    return { verdict: 'inconclusive', early: true, summary };
  }
  if (!most) return nothingGrows(buckets, span, gate);
  const seen = `${most.label ?? most.name} grows by ${spellRate(rateOf(most))}${fastest}`;
  if (span < SUSPICIOUS) {
    const why = `a leak goes on for longer than the ${spellDuration(span)} that were watched`;
    return { verdict: 'inconclusive', early: true, summary: `So far ${seen}; ${why}.` };
  }
  return {
    verdict: 'growth',
    early: false,
    summary: `${capital(seen)}, in all ${spellBytes(most.changeBytes)} in ${spellDuration(span)}.`,
  };
}

function nothingGrows(
  buckets: readonly WatchedBucket[],
  span: number,
  gate: number,
): { readonly verdict: Verdict; readonly early: boolean; readonly summary: string } {
  const held = buckets.filter((b) => HELD.has(b.layer));
  const bound = Math.max(0, ...held.map((b) => b.rate?.high ?? Infinity));
  if (!Number.isFinite(bound) || bound * (span / 3600) > 4 * gate) {
    const hidden = Number.isFinite(bound) ? `; noise hides up to ${spellRate(bound)}` : '';
    return { verdict: 'inconclusive', early: true, summary: `Nothing that stays held grows for sure${hidden}.` };
  }
  return {
    verdict: 'not-a-leak',
    early: false,
    summary: `Nothing that stays held grew in ${spellDuration(span)}: of each kind less than ${spellRate(bound)} (95 % sure). A slower leak takes kleak record.`,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
