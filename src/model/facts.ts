import type { Provenance } from '../base/provenance.ts';
import type { Bytes } from '../base/units.ts';
import type { CallSiteGroup } from './call-site.ts';
import type { Amount } from './snapshot.ts';

export type BucketName =
  | 'free'
  | 'per-cpu-lists'
  | 'processes'
  | 'shmem'
  | 'page-cache'
  | 'swap-cache'
  | 'slab-reclaimable'
  | 'slab-unreclaimable'
  | 'vmalloc'
  | 'kernel-stack'
  | 'page-tables'
  | 'percpu'
  | 'hugetlb'
  | 'other-kernel';

export interface MemoryBucket {
  readonly name: BucketName;
  readonly bytes: Bytes;
  /** Fields it was computed of. */
  readonly from: readonly string[];
  readonly at: readonly Provenance[];
}

/** MemTotal divided among disjoint buckets, and what is left. */
export interface AccountedMemory {
  readonly total: Amount;
  /** Largest first. */
  readonly buckets: readonly MemoryBucket[];
  /** What no counter explains, never negative; absent where the inputs lack a large term. */
  readonly unexplained?: Bytes;
  readonly low?: Bytes;
  readonly high?: Bytes;
  /** True where every large term was seen. */
  readonly complete: boolean;
  readonly notes: readonly (
    'per-cpu-lists-not-seen' | 'vmalloc-not-counted' | 'over-counted' | 'container-view' | 'total-not-seen'
  )[];
}

/** One cache's (or cache family's) share of slab. */
export interface CacheUsage {
  readonly name: string;
  readonly bytes: Bytes;
  readonly objects?: number;
  readonly slots?: number;
  readonly objectSize?: Bytes;
  readonly reclaimable: boolean;
  /** Share of all slab memory that was seen or stated, 0 to 1. */
  readonly share: number;
  readonly aliases: readonly string[];
  /** How many caches of the family were added up. */
  readonly copies: number;
  readonly at: Provenance;
}

export interface CacheFacts {
  /** Largest first, families added up, without what the detectors spend on themselves. */
  readonly ranking: readonly CacheUsage[];
  /** All slab memory: Slab of meminfo, else what the table states, else the sum of the rows. */
  readonly slab: Amount;
  /** What `slab` is: meminfo's sum, the sum that the table states, or only the rows that were seen. */
  readonly basis: 'meminfo' | 'stated' | 'rows';
  /** True where the ranking holds every cache. */
  readonly whole: boolean;
  /** True where the table lists what was added between two readings, not what is held. */
  readonly difference: boolean;
  /** Slab of meminfo less the pages of all caches: kmalloc beyond the largest cache. */
  readonly largeKmalloc?: Amount;
  /** What detectors and debug options spend on themselves. */
  readonly overhead: Bytes;
}

/** How one quantity changed over a series. */
export interface Growth {
  readonly name: string;
  readonly first: Bytes;
  readonly last: Bytes;
  /** Bytes per hour, where the series has times. */
  readonly perHour?: { readonly value: number; readonly low?: number; readonly high?: number };
  /** −1 … 1, share of pairs that rise less share that fall. */
  readonly trend: number;
  /** Lowest values of four windows, oldest first. */
  readonly floor: readonly number[];
  readonly objects?: { readonly first: number; readonly last: number };
  readonly samples: number;
  readonly firstAt: Provenance;
  readonly lastAt: Provenance;
}

export interface GrowthFacts {
  readonly samples: number;
  /** Absent where the snapshots have no times. */
  readonly spanSeconds?: number;
  /** Caches that hold more at the end than at the beginning, most first. */
  readonly caches: readonly (Growth & {
    readonly reclaimable: boolean;
    readonly objectSize?: Bytes;
    readonly aliases: readonly string[];
  })[];
  /** Buckets of the equation, and `unexplained`, each with its change. */
  readonly buckets: readonly (Growth & { readonly name: BucketName | 'unexplained' })[];
  /** vmalloc users by caller. */
  readonly vmalloc: readonly (Growth & { readonly module?: string })[];
  /** Call sites of allocinfo, page_owner and slab traces, by what they hold. */
  readonly sites: readonly (Growth & { readonly group: CallSiteGroup })[];
  /** Slab that no cache of a whole table holds. */
  readonly largeKmalloc?: Growth;
  /** Meminfo fields by themselves, for series that hold only a few of them. */
  readonly counters: readonly Growth[];
  /** Smallest change worth a word on this host: below it, warm-up and noise. */
  readonly gate: Bytes;
}

/** Caches whose objects are as many, or grew by as many: one leaked aggregate made of several allocations. */
export interface LockstepGroup {
  readonly caches: readonly {
    readonly name: string;
    readonly objects: number;
    readonly bytes: Bytes;
    readonly at: Provenance;
  }[];
  readonly objects: number;
  readonly bytes: Bytes;
  /** From growth over a series, or from equal numbers in one snapshot. */
  readonly from: 'growth' | 'count';
}

/** Dentries against the inodes that exist: a dentry without inode is negative. */
export interface DentryFacts {
  readonly dentries: { readonly count: number; readonly bytes: Bytes; readonly at: Provenance };
  readonly inodes: { readonly count: number; readonly caches: readonly string[]; readonly at?: Provenance };
  /** Counted by the kernel (dentry-state), or the least that the inode caches leave possible. */
  readonly negative?: { readonly count: number; readonly counted: boolean; readonly at: Provenance };
  readonly unused?: { readonly count: number; readonly at: Provenance };
  /** The same of what was added over a series. */
  readonly added?: {
    readonly dentries: number;
    readonly inodes: number;
    readonly negative: number;
    /** How many more stand on the LRU list, where dentry-state was seen at both ends. */
    readonly unused?: number;
  };
}

/** Two hosts, or two moments without a clock: what one holds more of. */
export interface Difference {
  readonly name: string;
  readonly kind: 'cache' | 'bucket' | 'vmalloc' | 'pool';
  readonly here: Bytes;
  readonly there: Bytes;
  readonly objectsHere?: number;
  readonly objectsThere?: number;
  readonly reclaimable?: boolean;
  readonly hereAt: Provenance;
  readonly thereAt?: Provenance;
}
export interface TwinFacts {
  /** Label of the one examined (it holds more) and of the other. */
  readonly here: string;
  readonly there: string;
  /** Twins are different hosts; moments are one host, order unknown. */
  readonly relation: 'twins' | 'moments';
  /** Why the two are hard to compare, in words; empty where they are alike. */
  readonly unlike: readonly string[];
  /** Largest surplus first. */
  readonly differences: readonly Difference[];
}
