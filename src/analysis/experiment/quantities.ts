import type { Sample } from '../../model/sample.ts';
import type { Point } from '../slope.ts';

/** One thing that every sample has an amount of: a bucket of the equation, a cache, or a sum of buckets. */
export interface Quantity {
  readonly kind: 'sum' | 'bucket' | 'cache';
  /** `in-use`, `kernel`; a bucket's name, `unexplained`; a cache's name. */
  readonly name: string;
  /** Seconds since boot, and bytes. */
  readonly points: readonly Point[];
}

/** Buckets that hold what is free, or what the kernel gives up for anybody who asks. */
const GIVEN_UP: ReadonlySet<string> = new Set(['free', 'per-cpu-lists', 'page-cache']);
/** Buckets that belong to programs and go when they end. */
const OF_USERS: ReadonlySet<string> = new Set([
  ...GIVEN_UP,
  'processes',
  'shmem',
  'swap-cache',
  'hugetlb',
  'balloon',
  'slab-reclaimable',
]);

/** Slab pages are the largest steps that a quantity of noise takes: 8 pages. */
export const RESOLUTION = 32_768;

/**
 * The quantities of samples of one boot. `in-use` is all that is neither free nor page cache; `kernel` is what the kernel
 * holds for itself and does not call reclaimable, the unexplained part included. A bucket that a sample lacks is empty
 * there; a cache that it lacks was not measured.
 */
export function quantitiesOf(samples: readonly Sample[]): readonly Quantity[] {
  const names = new Set(samples.flatMap((s) => [...s.buckets.keys()]));
  const whole = samples.length > 0 && samples.every((s) => s.unexplained !== undefined);
  return [
    ...(whole ? [sum('in-use', samples, GIVEN_UP), sum('kernel', samples, OF_USERS)] : []),
    ...[...names].map((name) => track('bucket', name, samples, (s) => s.buckets.get(name) ?? 0)),
    ...(whole ? [track('bucket', 'unexplained', samples, (s) => s.unexplained)] : []),
    ...cacheTracks(samples),
  ];
}

function track(
  kind: Quantity['kind'],
  name: string,
  samples: readonly Sample[],
  amount: (sample: Sample) => number | undefined,
): Quantity {
  const points = samples.flatMap((s): Point[] => {
    const value = amount(s);
    return value === undefined ? [] : [[s.uptime, value]];
  });
  return { kind, name, points };
}

/** All of RAM less the buckets that are left out: what a bucket lacks is in the unexplained part, so nothing is lost. */
function sum(name: string, samples: readonly Sample[], without: ReadonlySet<string>): Quantity {
  return track('sum', name, samples, (s) =>
    [...s.buckets].reduce<number>((rest, [bucket, held]) => (without.has(bucket) ? rest - held : rest), s.totalBytes),
  );
}

function cacheTracks(samples: readonly Sample[]): readonly Quantity[] {
  const tracks = new Map<string, Point[]>();
  for (const { uptime, caches } of samples) {
    for (const { name, bytes } of caches) {
      const points = tracks.get(name);
      if (points) points.push([uptime, bytes]);
      else tracks.set(name, [[uptime, bytes]]);
    }
  }
  return [...tracks].map(([name, points]) => ({ kind: 'cache', name, points }));
}
