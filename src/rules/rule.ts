import type { Finding } from '../findings/finding.ts';
import type { CallSiteGroup } from '../model/call-site.ts';
import type {
  AccountedMemory,
  CacheFacts,
  DentryFacts,
  GrowthFacts,
  LockstepGroup,
  TwinFacts,
} from '../model/facts.ts';
import type { DumpFacts } from '../model/dump-facts.ts';
import type { Measured } from '../model/measured.ts';
import type { KernelEvent, Snapshot } from '../model/snapshot.ts';

/** Everything a rule may ask for, by name. */
export interface Facts {
  /** The snapshot examined: the last of a series, the sick one of two hosts. */
  readonly snapshot: Snapshot;
  readonly accounting: AccountedMemory;
  readonly caches: CacheFacts;
  readonly growth: GrowthFacts;
  readonly lockstep: readonly LockstepGroup[];
  readonly dentries: DentryFacts;
  readonly twins: TwinFacts;
  readonly callSites: readonly CallSiteGroup[];
  readonly events: readonly KernelEvent[];
  /** What the sweep over a crash dump found. */
  readonly dump: DumpFacts;
}

export type MeasuredFacts = { readonly [K in keyof Facts]: Measured<Facts[K]> };

/**
 * A rule sees the facts it names and nothing else. Where one of its `needs` is missing the pipeline skips it, aloud;
 * what it only `mayUse` it gets as measured or missing.
 */
export interface Rule<Need extends keyof Facts, Use extends keyof Facts = never> {
  readonly id: string;
  /** What it looks for, for the list of rules that could not look. */
  readonly title: string;
  readonly needs: readonly Need[];
  readonly mayUse?: readonly Use[];
  examine(facts: Pick<Facts, Need> & Partial<Pick<Facts, Use>>): readonly Finding[];
}

export type AnyRule = Rule<keyof Facts, keyof Facts>;

export const defineRule = <const Need extends keyof Facts, const Use extends keyof Facts = never>(
  rule: Rule<Need, Use>,
): Rule<Need, Use> => rule;
