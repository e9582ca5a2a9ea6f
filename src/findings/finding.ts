import type { Provenance } from '../base/provenance.ts';
import type { Bytes } from '../base/units.ts';

export type Verdict = 'leak' | 'growth' | 'not-a-leak' | 'inconclusive';

/** Where memory is. The names are those of `kleak diagnose --json`. */
export type Layer =
  | 'user'
  | 'page-cache'
  | 'shmem'
  | 'slab-reclaimable'
  | 'slab-unreclaimable'
  | 'vmalloc'
  | 'percpu'
  | 'page-tables'
  | 'kernel-stack'
  | 'hugetlb'
  | 'page-allocator'
  | 'balloon'
  | 'none';

/** What was seen, in the reader's words, and where to check it by hand. */
export interface Evidence {
  readonly text: string;
  readonly source: Provenance;
}

/** Change over time. `low` and `high` bound the slope with 95 % confidence. */
export interface Rate {
  readonly bytesPerHour: number;
  readonly low?: number;
  readonly high?: number;
  /** ISO 8601 where the inputs have a wall clock. */
  readonly exhaustion?: string;
  /** Hours until memory is used up at this rate, where the interval allows saying so. */
  readonly hoursLeft?: number;
}

export interface NextStep {
  /** Can be pasted as it is. */
  readonly command: string;
  readonly why: string;
  readonly risk: 'none' | 'low' | 'high';
}

export interface Subject {
  readonly cache?: string;
  /** Names that the kernel serves from the same cache. */
  readonly aliases?: readonly string[];
  /** Caches that hold the other parts of the same thing. */
  readonly together?: readonly string[];
  readonly type?: string;
  readonly function?: string;
  readonly callSite?: string;
  /** The directory that it is about. */
  readonly path?: string;
  /** Names of files that are examples of it. */
  readonly names?: readonly string[];
}

export interface Owner {
  readonly kind: 'module' | 'process' | 'driver' | 'program' | 'subsystem';
  readonly name: string;
  readonly function?: string;
}

export interface KnownIssueRef {
  readonly id: string;
  readonly title: string;
  readonly cause?: string;
  readonly fix?: string;
  readonly fixedIn?: string;
  readonly references: readonly string[];
}

/** One thing found: a leak, a growth, an explanation of what looks like one. */
export interface Finding {
  /** The rule's id, e.g. `slab-cache-growth`. */
  readonly id: string;
  readonly title: string;
  /** One sentence for the top of the report, should this be the most important finding. */
  readonly summary: string;
  readonly verdict: Verdict;
  readonly layer: Layer;
  /** 0 to 1: how sure the verdict is. */
  readonly confidence: number;
  readonly bytes?: Bytes;
  readonly objects?: number;
  readonly rate?: Rate;
  readonly subject?: Subject;
  readonly owner?: Owner;
  readonly knownIssue?: KnownIssueRef;
  /** At least one: the compiler refuses a claim with nothing behind it. */
  readonly evidence: readonly [Evidence, ...Evidence[]];
  readonly next: readonly NextStep[];
  /** Terms of the glossary (`kleak explain TERM`) that help to read this finding. */
  readonly terms?: readonly string[];
}
