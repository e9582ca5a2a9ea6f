import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { Frame } from './frame.ts';

/** Allocations that share one stack (or one call site), as a detector of the kernel reports them. */
export interface AllocationGroup {
  /** Innermost frame first, as the kernel prints it. One frame where the detector records only the call site. Never empty. */
  readonly stack: readonly [Frame, ...Frame[]];
  /** How many allocations (kmemleak: entries; page_owner: blocks; allocinfo and slab traces: live allocations). */
  readonly count: number;
  /** What they hold together; absent where the detector does not say. */
  readonly bytes?: Bytes;
  /** Size of one, where all have the same. */
  readonly objectSize?: Bytes;
  /** The slab cache, where the report is about one. */
  readonly cache?: string;
  /** Where the memory is, where the report says or the address shows it. */
  readonly area?: 'slab' | 'vmalloc' | 'percpu' | 'pages';
  /** Names of the processes that allocated, most frequent first, at most eight. */
  readonly processes: readonly string[];
  /** Addresses or page frame numbers of a few of them, as printed, at most eight. */
  readonly samples: readonly string[];
  /** The first bytes of the first one, where the report has a hex dump. */
  readonly content?: Uint8Array;
  /**
   * page_owner: pages that the kernel may move, which are those of processes and of the page cache; a driver's or
   * slab's are not. Absent where the report does not say.
   */
  readonly movable?: boolean;
  /** True where `bytes` is rounded by a tool, or the kernel itself marks the figure as inaccurate. */
  readonly inexact?: true;
  readonly at: Provenance;
}

/** A report of one of the kernel's detectors, entries with the same stack folded together. */
export interface AllocationReport {
  readonly detector: 'kmemleak' | 'kedr' | 'page_owner' | 'allocinfo' | 'slab-traces' | 'memleak';
  readonly groups: readonly AllocationGroup[];
  /** All entries read, before folding. */
  readonly entries: number;
  /** True where the report ends in the middle of an entry: it was cut, and the sums are lower bounds. */
  readonly cut: boolean;
}
