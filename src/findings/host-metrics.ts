import type { Layer, Verdict } from './finding.ts';

/** A slab cache that grows. */
export interface GrowingCache {
  readonly cache: string;
  readonly bytes: number;
  readonly objects?: number;
  /** Over the window that is kept, with its interval. */
  readonly bytesPerSecond: { readonly value: number; readonly low: number; readonly high: number };
}

/** Something with a version. */
export interface Versioned {
  readonly name: string;
  readonly version: string;
}

/** A finding of the last look that speaks for a leak. */
export interface MeasuredFinding {
  readonly id: string;
  readonly layer: Layer;
  readonly subject: string;
  readonly bytes?: number;
}

/** What one look at this host came to. */
export interface MeasuredVerdict {
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly confidence?: number;
  readonly bytesPerSecond?: { readonly value: number; readonly low?: number; readonly high?: number };
  /** Seconds since 1970. */
  readonly exhaustion?: number;
  readonly findings: readonly MeasuredFinding[];
}

/**
 * What `kleak export` offers of this host at one moment. Amounts are bytes, times seconds since 1970. What was not
 * measured is absent.
 */
export interface HostMetrics {
  /** kleak's own version. */
  readonly kleak: string;
  readonly kernelRelease?: string;
  /** How the last sample went. */
  readonly sampling: {
    /** When the last good one was taken; absent before the first. */
    readonly at?: number;
    /** What it took. */
    readonly seconds: number;
    readonly samples: number;
    readonly failures: number;
    /** Files that could not be read in the last one. */
    readonly unread: number;
  };
  readonly memory?: {
    readonly total: number;
    readonly available?: number;
    readonly buckets: readonly { readonly name: string; readonly bytes: number }[];
    readonly unexplained?: number;
    readonly unexplainedLow?: number;
    readonly unexplainedHigh?: number;
  };
  /** Those above the sampler's threshold, whether they grow or not. */
  readonly cachesWatched: number;
  /** Fastest first. */
  readonly growing: readonly GrowingCache[];
  readonly verdict?: MeasuredVerdict;
  readonly drivers: readonly Versioned[];
  readonly packages: readonly Versioned[];
  /** By the names of meminfo. */
  readonly meminfo: ReadonlyMap<string, number>;
  /** vmstat's pgfree. */
  readonly pagesFreed?: number;
  /** When the host was booted. */
  readonly booted?: number;
}
