import type { Measured } from './measured.ts';

/** One reading of one quantity. */
export interface TrendPoint {
  /** Seconds on one clock, the wall clock where a daily rhythm shall be seen. */
  readonly at: number;
  /** Bytes. */
  readonly value: number;
  /** Readings of different boots are never compared by level. */
  readonly boot?: string;
}

/** Change per hour with its 95 % interval. */
export interface HourlyChange {
  readonly perHour: number;
  readonly low: number;
  readonly high: number;
}

/** A moment at which the quantity began to behave differently. */
export type TrendChange =
  /** It jumped by `bytes`, between `at − within` and `at + within`. */
  | { readonly kind: 'step'; readonly at: number; readonly within: number; readonly bytes: number }
  /** From here on it grows at another rate. */
  | {
      readonly kind: 'bend';
      readonly at: number;
      readonly within: number;
      readonly before: number;
      readonly after: number;
    };

/** Readings that may be compared by level: of one boot, without a long pause. */
export interface TrendStretch {
  readonly from: number;
  readonly to: number;
  readonly boot?: string;
  readonly samples: number;
}

/** How one quantity behaved over time. Times are seconds on the clock of the points. */
export interface Trend {
  readonly samples: number;
  readonly spanSeconds: number;
  readonly first: number;
  readonly last: number;
  /**
   * `rising`: it grows by more than `gate` over the span, and its interval excludes zero. `steady`: neither rises nor falls by
   * that much. `unclear`: the interval allows both.
   */
  readonly direction: 'rising' | 'falling' | 'steady' | 'unclear';
  /** Bytes over the whole span below which a change says nothing. */
  readonly gate: number;
  /** Rate of today: since the last bend, without steps and the daily rhythm. */
  readonly slope: Measured<HourlyChange>;
  /** What is left after each clean-up: rate of the lowest points. A cache's floor rests, a leak's rises. */
  readonly floor: Measured<HourlyChange & { readonly points: readonly (readonly [at: number, value: number])[] }>;
  /** Present where it rises slowly and falls at once, again and again. */
  readonly teeth?: { readonly count: number; readonly height: number };
  /** Present where it swings with the day; peak to peak, in bytes. */
  readonly rhythm?: { readonly height: number };
  /** Oldest first. */
  readonly changes: readonly TrendChange[];
  /** Oldest first; one for each boot. */
  readonly stretches: readonly TrendStretch[];
  /** Hours from the last point until `room` is used up. */
  readonly exhaustion: Measured<{ readonly hours: number; readonly low: number; readonly high?: number }>;
}

export interface TrendOptions {
  /** Memory of the host; makes the gate 0.4 % of it, 64 MiB at most. Else 512 KiB. */
  readonly totalBytes?: number;
  /** In place of the above. */
  readonly gate?: number;
  /** Bytes that are left for it; without it, no time to exhaustion. */
  readonly room?: number;
}

/** What a quantity is, and how it behaved. */
export interface QuantityTrend {
  /** A bucket's, a cache's name, or `unexplained`. */
  readonly name: string;
  readonly kind: 'unexplained' | 'bucket' | 'cache';
  /** Of caches: whether its pages are counted as reclaimable. */
  readonly reclaimable?: boolean;
  /** Of those: its objects exist only while somebody uses them (sockets), whatever the flag says. */
  readonly inUse?: boolean;
  readonly trend: Trend;
}
