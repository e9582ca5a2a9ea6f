import type { KnownIssueRef } from './finding.ts';

/** One entry of `kleak known`. */
export interface KnownIssueEntry extends KnownIssueRef {
  readonly cause: string;
  readonly fix: string;
  readonly status: 'fixed' | 'workaround' | 'open' | 'not-a-fault';
  /** `reported` is one reporter's word, `associated` known by version only. */
  readonly certainty: 'confirmed' | 'reported' | 'associated';
}
