import { measureTrend } from '../../analysis/trend/trend.ts';
import type { Layer, Rate, Verdict } from '../../findings/finding.ts';
import type { PushedSample } from '../../sources/store/pushed-sample.ts';
import { ServerStore } from '../../sources/store/server-store.ts';
import { refusalWords, sqliteRefusal } from '../../sources/store/sqlite-refusal.ts';

export { openServerFolder } from '../../sources/store/server-folder.ts';
export { refusalWords } from '../../sources/store/sqlite-refusal.ts';
export type { PushedSample } from '../../sources/store/pushed-sample.ts';
export type { StoredHost } from '../../sources/store/server-rows.ts';
export type { PushedEvent } from '../../sources/store/server-store.ts';

/** What a server keeps. */
export const openLedger = (file: string): Ledger => new ServerStore(file);
/** Why the database cannot be used at the moment, in words; undefined for any other error. */
export function ledgerTrouble(cause: unknown): string | undefined {
  const refusal = sqliteRefusal(cause);
  return refusal && refusalWords(refusal);
}
export type Ledger = ServerStore;

/** How the memory of a host that pushes goes. */
export interface HostJudgement {
  readonly verdict: Verdict;
  readonly layer: Layer;
  /** The quantity that rises: `unexplained`, a bucket. */
  readonly quantity?: string;
  readonly rate?: Rate;
  /** Milliseconds since 1970: when it began to rise, where that was seen. */
  readonly since?: number;
  /** Of the first sample, and of the last. */
  readonly firstAt?: number;
  readonly lastAt?: number;
  readonly totalBytes?: number;
  readonly unexplained?: number;
}

/** Of what no process holds: the layers in which a kernel leak shows. */
const QUANTITIES: readonly (readonly [name: string, layer: Layer])[] = [
  ['unexplained', 'page-allocator'],
  ['slab-unreclaimable', 'slab-unreclaimable'],
  ['vmalloc', 'vmalloc'],
  ['percpu', 'percpu'],
  ['kernel-stack', 'kernel-stack'],
];

/** Samples oldest first. `inconclusive` where there are too few, or too short a time. */
export function judgeSamples(samples: readonly PushedSample[]): HostJudgement {
  const last = samples.at(-1);
  if (!last) return { verdict: 'inconclusive', layer: 'none' };
  const now = {
    firstAt: samples[0]?.at ?? last.at,
    lastAt: last.at,
    totalBytes: last.totalBytes,
    ...(last.unexplained === undefined ? {} : { unexplained: last.unexplained }),
  };
  const free = (last.buckets['free'] ?? 0) + (last.buckets['page-cache'] ?? 0);
  const trends = QUANTITIES.map(([name, layer]) => ({ name, layer, trend: trendOf(samples, name, last.totalBytes) }));
  const rising = trends
    .filter(({ trend }) => trend.direction === 'rising')
    .flatMap(({ name, layer, trend }) =>
      trend.slope.state === 'measured' ? [{ name, layer, slope: trend.slope.value, since: onsetOf(trend) }] : [],
    )
    .toSorted((a, b) => b.slope.perHour - a.slope.perHour)[0];
  if (!rising) {
    const known = trends.some(({ trend }) => trend.slope.state === 'measured');
    return { ...now, verdict: known ? 'not-a-leak' : 'inconclusive', layer: 'none' };
  }
  const { perHour, low, high } = rising.slope;
  const hoursLeft = perHour > 0 ? free / perHour : undefined;
  return {
    ...now,
    verdict: 'growth',
    layer: rising.layer,
    quantity: rising.name,
    rate: { bytesPerHour: Math.round(perHour), low, high, ...(hoursLeft === undefined ? {} : { hoursLeft }) },
    ...(rising.since === undefined ? {} : { since: rising.since }),
  };
}

/** The last bend upwards, in milliseconds. */
function onsetOf({ changes }: ReturnType<typeof measureTrend>): number | undefined {
  const bend = changes.findLast((change) => change.kind === 'bend' && change.after > 0 && change.after > change.before);
  return bend && bend.at * 1000;
}

function trendOf(samples: readonly PushedSample[], name: string, totalBytes: number): ReturnType<typeof measureTrend> {
  const points = samples.flatMap(({ at, boot, unexplained, buckets }) => {
    const value = name === 'unexplained' ? unexplained : buckets[name];
    return value === undefined ? [] : [{ at: at / 1000, value, boot }];
  });
  return measureTrend(points, { totalBytes });
}
