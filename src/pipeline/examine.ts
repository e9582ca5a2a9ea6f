import type { Finding } from '../findings/finding.ts';
import type { AnyRule, Facts, MeasuredFacts } from '../rules/rule.ts';

/** What became of one rule. A rule that could not look is reported as such, not as clean. */
export type Outcome =
  | { readonly state: 'examined'; readonly rule: string; readonly findings: readonly Finding[] }
  | { readonly state: 'skipped'; readonly rule: string; readonly because: string }
  | { readonly state: 'failed'; readonly rule: string; readonly because: string };

/** Runs every rule over the facts; one that fails does not stop the others. */
export function examine(rules: readonly AnyRule[], facts: MeasuredFacts): readonly Outcome[] {
  return rules.map((rule) => examineOne(rule, facts));
}

function examineOne(rule: AnyRule, facts: MeasuredFacts): Outcome {
  const present: Partial<Record<keyof Facts, unknown>> = {};
  for (const need of rule.needs) {
    const fact = facts[need];
    if (fact.state === 'missing') return { state: 'skipped', rule: rule.title, because: fact.because };
    present[need] = fact.value;
  }
  for (const use of rule.mayUse ?? []) {
    const fact = facts[use];
    if (fact.state === 'measured') present[use] = fact.value;
  }
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every need was just put there
    return { state: 'examined', rule: rule.title, findings: rule.examine(present as Facts) };
  } catch (cause) {
    return { state: 'failed', rule: rule.title, because: cause instanceof Error ? cause.message : String(cause) };
  }
}
