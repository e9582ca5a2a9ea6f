import type { Between } from './experiment.ts';
import type { Layer, NextStep, Verdict } from './finding.ts';

/** A bucket or a cache before and after caches were dropped. */
export interface ReclaimRow {
  readonly kind: 'bucket' | 'cache';
  readonly name: string;
  readonly label?: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
  /** Against the drift before; negative: it came back. */
  readonly changeBytes: Between;
  readonly beforeObjects?: number;
  readonly afterObjects?: number;
  /** True for what the kernel says it gives back on demand. */
  readonly reclaimable: boolean;
  /** Bytes of the objects that stayed; what is held beyond is pages that a few objects keep. */
  readonly pinnedBytes?: number;
}

/** The document of `kleak reclaim-test`. */
export interface ReclaimTest {
  readonly schema: 'kleak.reclaim-test/1';
  /** False without --yes, or where it was refused: nothing was changed. */
  readonly performed: boolean;
  /** What was done, or would be; in order. */
  readonly steps: readonly string[];
  readonly risk: string;
  /** Why it must not be done now. */
  readonly obstacles: readonly string[];
  readonly at: string;
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly summary: string;
  /** What came back in all: page cache and reclaimable slab. */
  readonly cameBackBytes?: number;
  /** What is called reclaimable and stayed, as objects. */
  readonly pinnedBytes?: number;
  readonly rows: readonly ReclaimRow[];
  readonly settled?: boolean;
  readonly next: readonly NextStep[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}
