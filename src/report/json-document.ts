import type { DumpView } from '../findings/dump-view.ts';
import type { Layer, Rate, Subject, Owner, Verdict } from '../findings/finding.ts';

/**
 * Where a statement can be checked: a line of a text, or 16 hex digits of a position in a dump, which `offset` gives as
 * a number. What several places say together has the first of them here and all of them in `sources`.
 */
export interface JsonPlace {
  readonly file: string;
  readonly line?: number;
  readonly address?: string;
  /** Bytes from the start of the file, and how many. */
  readonly offset?: number;
  readonly length?: number;
}

export interface JsonSource extends JsonPlace {
  /** The computation, where it was computed. */
  readonly by?: string;
  readonly sources?: readonly JsonPlace[];
}

export interface JsonFinding {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly confidence: number;
  readonly bytes?: number;
  readonly objects?: number;
  readonly rate?: Rate;
  readonly subject?: Subject;
  readonly owner?: Owner;
  readonly knownIssue?: {
    readonly id: string;
    readonly title: string;
    readonly cause?: string;
    readonly fix?: string;
    readonly fixedIn?: string;
    readonly references: readonly string[];
  };
  readonly evidence: readonly { readonly text: string; readonly source: JsonSource }[];
  readonly next: readonly { readonly command: string; readonly why: string; readonly risk: 'none' | 'low' | 'high' }[];
  readonly terms?: readonly string[];
}

/** `kleak diagnose --json`, schema `kleak.diagnosis/1`. docs/report-format.md describes every field. */
export interface JsonDiagnosis {
  readonly schema: 'kleak.diagnosis/1';
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly summary: string;
  readonly confidence?: number;
  readonly rate?: Rate;
  readonly accounting?: {
    readonly totalBytes: number;
    readonly buckets: readonly {
      readonly name: string;
      readonly layer: Layer;
      readonly label: string;
      readonly bytes: number;
      readonly from: string;
    }[];
    readonly unaccountedBytes?: number;
    readonly unaccountedLow?: number;
    readonly unaccountedHigh?: number;
    readonly notes: readonly string[];
  };
  readonly findings: readonly JsonFinding[];
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  readonly inputs: readonly { readonly kind: string; readonly file: string }[];
  readonly snapshots: readonly { readonly label: string; readonly seconds?: number }[];
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [seconds: number, bytes: number])[];
  }[];
  readonly skipped: readonly { readonly rule: string; readonly because: string }[];
  readonly dump?: DumpView;
  readonly host?: { readonly release?: string; readonly machine?: string; readonly name?: string };
}
