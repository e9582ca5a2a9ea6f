import type { Finding } from './finding.ts';

/** One step of the path that leaks. */
export interface LintStep {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** The line as it stands there. */
  readonly code: string;
}

/** A finding in source code: as any other finding, with the place and the path that leads to it. `id` is the rule's. */
export interface LintFinding extends Finding {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  /** From where something is taken to where it is lost. */
  readonly path: readonly LintStep[];
  /** What to do about it, in words. */
  readonly fix: string;
  /** The page that explains the rule: `docs/leaks/sequence-files.md`. */
  readonly page: string;
  /** The same for the same defect when lines move: what a baseline remembers. */
  readonly fingerprint: string;
}

/** The document of `kleak lint`; every rendering is made from it alone. */
export interface LintDocument {
  readonly schema: 'kleak.lint/1';
  readonly summary: string;
  /** The surest first, then by file and line. */
  readonly findings: readonly LintFinding[];
  /** What was found and is not listed, and why. */
  readonly hidden: {
    /** With a `kleak-ignore:` comment, each with its reason. */
    readonly ignored: readonly {
      readonly file: string;
      readonly line: number;
      readonly rule: string;
      readonly reason: string;
    }[];
    /** Already in the baseline. */
    readonly baseline: number;
    /** Less sure than was asked for. */
    readonly unsure: number;
  };
  readonly read: { readonly files: number; readonly bytes: number; readonly lines: number; readonly functions: number };
  readonly unread: readonly { readonly what: string; readonly why: string }[];
  readonly inputs: readonly { readonly kind: 'c-source'; readonly file: string }[];
  readonly rules: readonly LintRuleNote[];
}

export interface LintRuleNote {
  readonly id: string;
  readonly title: string;
  readonly page: string;
}
