import type { Evidence, Finding, NextStep } from '../findings/finding.ts';
import type { LintFinding, LintRuleNote } from '../findings/lint.ts';
import type { Defect, SourceDefect, SourceStep } from '../model/source/defect.ts';

/** A rule about source: it words one kind of defect, and says how sure it is. */
export interface SourceRule extends LintRuleNote {
  /** Undefined where the defect is another rule's, or nothing. */
  examine(defect: SourceDefect): SourceJudgement | undefined;
}

/** What a rule says; the rest of a finding is the same for all of them. */
export interface SourceJudgement extends Pick<
  Finding,
  'title' | 'summary' | 'layer' | 'confidence' | 'subject' | 'owner'
> {
  readonly fix: string;
  readonly next?: readonly NextStep[];
}

/** From here on a finding counts as sure: the contract's `leak`, and `--confidence high`. */
export const SURE = 0.85;

/** A finding of a defect. Parts that could not be parsed make it less sure. */
export function findingOf(rule: SourceRule, defect: Defect, said: SourceJudgement): LintFinding {
  const { fix, next, ...judged } = said;
  const confidence = Math.round((defect.torn === true ? judged.confidence * 0.75 : judged.confidence) * 100) / 100;
  return {
    id: rule.id,
    ...judged,
    confidence,
    verdict: confidence >= SURE ? 'leak' : 'growth',
    file: defect.file,
    line: defect.line,
    function: defect.function,
    path: defect.steps,
    fix,
    page: rule.page,
    fingerprint: fingerprintOf(rule.id, defect),
    evidence: evidenceOf(defect),
    next: next ?? [],
  };
}

const evidenceOf = ({ steps, file, line }: Defect): readonly [Evidence, ...Evidence[]] => {
  const [first, ...rest] = steps.map(evidence);
  return [first ?? { text: 'seen here', source: { kind: 'line', file, line } }, ...rest];
};

const evidence = ({ file, line, what, code }: SourceStep): Evidence => ({
  text: code === '' ? what : `${what}: ${code}`,
  source: { kind: 'line', file, line },
});

/** Lines move and folders are called otherwise elsewhere; the rule, the file's name, the function and the code stay. */
function fingerprintOf(rule: string, { file, function: name, steps }: Defect): string {
  const code = (steps[0]?.code ?? '').replaceAll(/\s+/g, ' ');
  const text = [rule, file.split('/').at(-1) ?? '', name, code].join('\n');
  return hash(text, 0x811c9dc5) + hash(text, 0x01234567);
}

/** FNV-1a, 32 bits, 8 hex digits. */
function hash(text: string, basis: number): string {
  let value = basis;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
