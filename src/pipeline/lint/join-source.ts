import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { LintFinding } from '../../findings/lint.ts';
import { lint, type LintOptions } from './lint.ts';

/** Findings in source that a machine says nothing about, beyond which their number is told. */
const MOST_UNJOINED = 12;
const MOST_UNREAD = 20;
/** From here on a finding in source is taken to explain what the machine shows. */
const JOINED = 1;

/**
 * Reads the source that may be at fault and puts it beside what a machine shows: a finding of the machine names the lines
 * that explain it, and the rules whose function, type, cache or module is losing memory come first.
 */
export async function joinSource(
  diagnosis: Diagnosis,
  paths: readonly string[],
  options: LintOptions = {},
): Promise<Diagnosis> {
  const document = await lint(paths, options);
  const ranked = document.findings
    .map((finding) => rank(finding, diagnosis.findings))
    .toSorted((a, b) => b.score - a.score || b.finding.confidence - a.finding.confidence);
  const joined = ranked.filter(({ score }) => score >= JOINED);
  const rest = ranked.filter(({ score }) => score < JOINED).slice(0, MOST_UNJOINED);
  const more = ranked.length - joined.length - rest.length;
  return {
    ...diagnosis,
    findings: [
      ...diagnosis.findings.map((machine) => explained(machine, joined)),
      ...joined.map(confirmed),
      ...rest.map(({ finding }) => unconfirmed(finding)),
    ],
    unread: [
      ...diagnosis.unread,
      ...document.unread.slice(0, MOST_UNREAD),
      ...(more > 0
        ? [
            {
              what: `${more} more patterns in the source`,
              why: 'the machine shows nothing of them; kleak lint lists them',
            },
          ]
        : []),
    ],
    inputs: [...diagnosis.inputs, ...document.inputs],
  };
}

interface Ranked {
  readonly finding: LintFinding;
  readonly score: number;
  /** The finding of the machine that it fits best, and why. */
  readonly machine?: Finding;
  readonly because: readonly string[];
}

function rank(finding: LintFinding, machines: readonly Finding[]): Ranked {
  let best: Ranked = { finding, score: 0, because: [] };
  for (const machine of machines) {
    if (machine.verdict !== 'leak' && machine.verdict !== 'growth') continue;
    const { score, because } = compare(finding, machine);
    if (score > best.score) best = { finding, score, machine, because };
  }
  return best;
}

function compare(
  finding: LintFinding,
  machine: Finding,
): { readonly score: number; readonly because: readonly string[] } {
  const { subject = {}, owner } = machine;
  // What allocates is the kernel's and everybody's; who asked for it is this code's own.
  const own = namesOf(finding.function, finding.owner?.function);
  const theirs = namesOf(subject.function, owner?.function, subject.callSite);
  const because: string[] = [];
  let score = 0;
  const add = (points: number, reason: string): void => {
    score += points;
    because.push(reason);
  };
  const shared = own.find((name) => theirs.includes(name));
  if (shared !== undefined) add(1, `function ${shared}`);
  const type = subject.type;
  if (type !== undefined && type === finding.subject?.type) add(0.6, `type ${type}`);
  if (subject.cache !== undefined && subject.cache === finding.subject?.cache) add(0.5, `cache ${subject.cache}`);
  if (owner !== undefined && isOf(finding.file, owner.name)) add(0.5, `${owner.kind} ${owner.name}`);
  if (machine.layer === finding.layer && machine.layer !== 'none')
    add(0.2, `memory of the same layer, ${machine.layer}`);
  return { score, because };
}

/** `f+0x12/0x40 [m]` is f. */
const namesOf = (...names: readonly (string | undefined)[]): readonly string[] =>
  names.flatMap((name) => {
    const plain = name?.replace(/[+ ].*$/s, '') ?? '';
    return plain === '' ? [] : [plain];
  });

/** A file of a module: it or a folder above it is called so, `-` and `_` being the same to the kernel. */
function isOf(file: string, module: string): boolean {
  const plain = (name: string): string => name.replace(/\.[ch]$/, '').replaceAll('-', '_');
  return file.split('/').some((part) => plain(part) === plain(module));
}

/** A finding of the machine with the lines that explain it. */
function explained(machine: Finding, joined: readonly Ranked[]): Finding {
  const own = joined.filter((ranked) => ranked.machine === machine);
  if (own.length === 0) return machine;
  const [first, ...rest] = machine.evidence;
  const lines = own.slice(0, 3).map(({ finding }): Evidence => ({
    text: `in its source: ${finding.title}. Fix: ${finding.fix}`,
    source: { kind: 'line', file: finding.file, line: finding.line },
  }));
  return { ...machine, evidence: [first, ...lines, ...rest] };
}

/** A finding in source that the machine confirms, and says so. */
function confirmed({ finding, machine, because }: Ranked): Finding {
  const { path: _path, fix, page, fingerprint: _fingerprint, file, line, function: _function, ...shape } = finding;
  const seen = machine?.evidence[0].source ?? { kind: 'line', file, line };
  const says: Evidence = {
    text: `the machine shows it (${because.join(', ')}): ${machine?.title ?? ''}`,
    source: seen,
  };
  return {
    ...shape,
    verdict: machine?.verdict ?? finding.verdict,
    confidence: Math.min(0.99, Math.max(finding.confidence, machine?.confidence ?? 0)),
    evidence: [says, ...finding.evidence],
    next: [...finding.next, { command: `kleak lint ${file}`, why: `${fix} ${page} says more`, risk: 'none' }],
  };
}

/** Nothing on this machine speaks for it: a pattern, no more. */
function unconfirmed(finding: LintFinding): Finding {
  const {
    path: _path,
    fix,
    page: _page,
    fingerprint: _fingerprint,
    file,
    line: _line,
    function: _function,
    ...shape
  } = finding;
  return {
    ...shape,
    verdict: 'inconclusive',
    confidence: finding.confidence / 2,
    next: [
      ...finding.next,
      { command: `kleak lint ${file}`, why: `${fix} The machine shows nothing of it`, risk: 'none' },
    ],
  };
}
