import { measureSlope, type Point } from '../../analysis/slope.ts';
import type { GrowingCache } from '../../findings/host-metrics.ts';
import type { Sample } from '../../model/sample.ts';

/** Samples of a cache that are kept; thinned beyond. */
const MOST_POINTS = 64;
/** Caches whose slope is measured, which takes every pair of points; those that grew most. */
const MOST_MEASURED = 64;
/** Caches followed; the sampler itself lists no more. */
const MOST_CACHES = 1024;
/** Two points have no spread, and a few may rise by chance. */
const LEAST_POINTS = 6;
/** −1 falls all the time … 1 rises all the time. */
const RISING = 0.6;
/** Seconds. A growth that is no longer than this is a burst. */
const LEAST_SPAN = 60;
const LEAST_CHANGE = 1024 * 1024;

interface Followed {
  points: Point[];
  objects: number | undefined;
}

/**
 * Which caches grow, from samples as they come. Remembers as much as `window` seconds, so that what it says does not
 * depend on who asks when; another boot begins anew.
 */
export class GrowingCaches {
  readonly #window: number;
  readonly #caches = new Map<string, Followed>();
  #boot = '';

  constructor(window: number) {
    this.#window = window;
  }

  get followed(): number {
    return this.#caches.size;
  }

  add({ boot, uptime, caches }: Sample): void {
    if (boot !== this.#boot) this.#caches.clear();
    this.#boot = boot;
    const seen = new Set<string>();
    for (const { name, bytes, objects } of caches) {
      if (!this.#caches.has(name) && this.#caches.size >= MOST_CACHES) continue;
      seen.add(name);
      const followed = this.#caches.get(name) ?? { points: [], objects };
      followed.objects = objects;
      followed.points.push([uptime, bytes]);
      this.#shorten(followed, uptime);
      this.#caches.set(name, followed);
    }
    for (const name of this.#caches.keys()) if (!seen.has(name)) this.#caches.delete(name);
  }

  /** Fastest first. `total`: bytes of memory, by which what counts as growth is told. */
  growing(total: number): readonly GrowingCache[] {
    const least = Math.max(LEAST_CHANGE, total / 16_384);
    const grown = ({ points }: Followed): number => (points.at(-1)?.[1] ?? 0) - (points[0]?.[1] ?? 0);
    return [...this.#caches]
      .toSorted(([, a], [, b]) => grown(b) - grown(a))
      .slice(0, MOST_MEASURED)
      .flatMap(([cache, { points, objects }]) => growthOf(cache, points, objects, least))
      .toSorted((a, b) => b.bytesPerSecond.value - a.bytesPerSecond.value);
  }

  /** What is older than the window goes; of more than there is room for, every second one but the newest. */
  #shorten(followed: Followed, now: number): void {
    if ((followed.points[0]?.[0] ?? now) < now - this.#window)
      followed.points = followed.points.filter(([at]) => at >= now - this.#window);
    if (followed.points.length <= MOST_POINTS) return;
    const last = followed.points.length - 1;
    followed.points = followed.points.filter((_, i) => i % 2 === 0 || i === last);
  }
}

function growthOf(
  cache: string,
  points: readonly Point[],
  objects: number | undefined,
  least: number,
): readonly GrowingCache[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < LEAST_POINTS || last[0] - first[0] < LEAST_SPAN) return [];
  if (last[1] - first[1] < least) return [];
  const slope = measureSlope(points);
  if (slope?.low === undefined || slope.high === undefined || slope.low <= 0 || slope.trend < RISING) return [];
  const bytesPerSecond = { value: slope.perSecond, low: slope.low, high: slope.high };
  return [{ cache, bytes: last[1], ...(objects === undefined ? {} : { objects }), bytesPerSecond }];
}
