import type { Bytes } from '../base/units.ts';
import type { DumpView } from './dump-view.ts';
import type { Finding, Layer, Rate, Verdict } from './finding.ts';

/** One share of memory. `from` names the fields it was computed of. */
export interface Bucket {
  readonly name: string;
  readonly layer: Layer;
  /** For people: `page cache`. */
  readonly label: string;
  readonly bytes: Bytes;
  readonly from: string;
}

export interface Accounting {
  readonly totalBytes: Bytes;
  /** Disjoint; with `unaccountedBytes` they add up to `totalBytes`. Largest first. */
  readonly buckets: readonly Bucket[];
  /** Absent where too little was seen to compute it. */
  readonly unaccountedBytes?: Bytes;
  /** The interval that the inputs allow for it. */
  readonly unaccountedLow?: Bytes;
  readonly unaccountedHigh?: Bytes;
  /** What was not seen and how far it could change the figures, in words. */
  readonly notes: readonly string[];
}

/** A quantity over time, for pictures. Times are seconds on one clock, values bytes. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [seconds: number, bytes: number])[];
  /** How fast it changes, where that is known beside the findings. */
  readonly rate?: Rate;
  /** Moments at which something changed, on the same clock. `label` is drawn: a number that a list explains. */
  readonly marks?: readonly { readonly seconds: number; readonly text: string; readonly label?: string }[];
}

/** A rule that could not look, and why. Silence of any other rule means it looked and found nothing. */
export interface SkippedRule {
  readonly rule: string;
  readonly because: string;
}

/** The document of `kleak diagnose`; every rendering is made from it alone. */
export interface Diagnosis {
  readonly schema: 'kleak.diagnosis/1';
  readonly verdict: Verdict;
  readonly layer: Layer;
  /** One sentence a tired operator understands. */
  readonly summary: string;
  readonly confidence?: number;
  readonly rate?: Rate;
  readonly accounting?: Accounting;
  /** Most important first. */
  readonly findings: readonly Finding[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
  /** Snapshots in order of time, or the hosts compared. */
  readonly snapshots: readonly { readonly label: string; readonly seconds?: number }[];
  readonly series: readonly Series[];
  readonly skipped: readonly SkippedRule[];
  /** Where a crash dump was among the inputs. */
  readonly dump?: DumpView;
  readonly host?: { readonly release?: string; readonly machine?: string; readonly name?: string };
}
