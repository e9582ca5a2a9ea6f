import type { Layer, Rate } from './finding.ts';

/** One side: a recording, a series of copies, or a cohort of hosts. */
export interface VerifiedSide {
  readonly inputs: readonly string[];
  readonly hosts: number;
  readonly samples: number;
  /** Recorded on the average, for each host. */
  readonly hours: number;
  readonly from?: string;
  readonly to?: string;
}

export type VerifyOutcome = 'fixed' | 'not-fixed' | 'not-enough-data';

/** One bucket or cache on both sides. */
export interface VerifiedQuantity {
  readonly kind: 'bucket' | 'cache';
  readonly name: string;
  readonly label?: string;
  readonly layer: Layer;
  readonly before: Rate;
  readonly after: Rate;
  /** Share of the old rate that is left, 1 for all; the bounds with 95 % confidence, where they are known. */
  readonly left: { readonly value: number; readonly low?: number; readonly high?: number };
  readonly outcome: VerifyOutcome;
  readonly moreHours?: number;
  readonly moreHosts?: number;
  /** True where the answer rests on it. */
  readonly decides: boolean;
}

/** The document of `kleak verify-fix`. */
export interface VerifyFix {
  readonly schema: 'kleak.verify-fix/1';
  readonly outcome: VerifyOutcome;
  readonly summary: string;
  /** Hours to record after the change, beyond those there are, until a fix would show four times out of five. */
  readonly moreHours?: number;
  readonly moreHosts?: number;
  /** "Fixed" means that at most this share of the old rate is left. */
  readonly remaining: number;
  readonly before: VerifiedSide;
  readonly after: VerifiedSide;
  /** What grew before, the fastest first. */
  readonly quantities: readonly VerifiedQuantity[];
  /** What grows after for sure, and did not before. */
  readonly newGrowth: readonly {
    readonly kind: 'bucket' | 'cache';
    readonly name: string;
    readonly label?: string;
    readonly rate: Rate;
  }[];
  /** Why the two sides are hard to compare. */
  readonly notes: readonly string[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
}
