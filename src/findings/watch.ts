import type { Layer, Rate, Verdict } from './finding.ts';

/** One bucket of the equation or one cache, as it stands and as it went. */
export interface WatchedAmount {
  readonly name: string;
  /** For people, where the name is not one. */
  readonly label?: string;
  readonly bytes: number;
  readonly objects?: number;
  /** Since the first sample that is shown. */
  readonly changeBytes: number;
  /** Absent while there are too few samples. */
  readonly rate?: Rate;
  /** True where the interval of the rate excludes zero and the change is more than a host's breathing. */
  readonly sure: boolean;
  /** Seconds since the first sample, and bytes; thinned. */
  readonly points: readonly (readonly [seconds: number, bytes: number])[];
}

export interface WatchedBucket extends WatchedAmount {
  readonly layer: Layer;
}

export interface WatchedCache extends WatchedAmount {
  /** Created with the flag that its pages can be given back. */
  readonly reclaimable: boolean;
}

/** What `kleak watch` knows at one moment. */
export interface WatchState {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly samples: number;
  readonly spanSeconds: number;
  /** Samples that came from a recording, not from this watch. */
  readonly recorded: number;
  readonly totalBytes: number;
  readonly availableBytes?: number;
  /** Every bucket, and `unexplained`; largest first. */
  readonly buckets: readonly WatchedBucket[];
  /** Every cache that was ever above the sampler's threshold; the surest and fastest growth first. */
  readonly caches: readonly WatchedCache[];
  readonly verdict: Verdict;
  /** True where nothing can be said for want of time alone. */
  readonly early: boolean;
  /** One sentence, and what it rests on. */
  readonly summary: string;
  readonly marks: readonly { readonly at: number; readonly name: string }[];
  readonly problems: readonly { readonly what: string; readonly why: string }[];
}
