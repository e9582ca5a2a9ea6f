import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import * as v from 'valibot';
import type { LintFinding } from '../../src/findings/lint.ts';
import { SURE } from '../../src/rules/source-rule.ts';
import { askLint } from './ask-lint.ts';

const PARTS = ['drivers/net', 'drivers/usb', 'fs'];
const DRAWN = 40;

/** An entry of judged.json. It names what was found by where and what it is, which stays when lines move or rules are renamed. */
interface Judgement {
  readonly file: string;
  readonly function: string;
  /** What is lost: the finding's title up to its colon. */
  readonly thing: string;
  readonly verdict: 'real' | 'false';
  /** What was read, in a sentence or two. */
  readonly reason: string;
}

const Judgements: v.GenericSchema<unknown, readonly Judgement[]> = v.array(
  v.object({
    file: v.string(),
    function: v.string(),
    thing: v.string(),
    verdict: v.picklist(['real', 'false']),
    reason: v.string(),
  }),
);

/** A finding with its file as the kernel's tree names it. */
interface Named extends LintFinding {
  readonly thing: string;
}

export interface Judged {
  readonly finding: Named;
  readonly judgement?: Judgement;
}

export interface TreeResult {
  readonly release: string;
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
  readonly unread: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly byRule: readonly (readonly [string, number])[];
  readonly findings: number;
  readonly sure: number;
  readonly drawn: readonly Judged[];
  readonly drawnSure: readonly Judged[];
}

/** Lints parts of a kernel's source, and draws findings by a seed; undefined where there is no source. */
export async function measureTree(source: string, seed: string): Promise<TreeResult | undefined> {
  if (!existsSync(join(source, 'Makefile'))) return undefined;
  const paths = PARTS.map((part) => join(source, part));
  const { document, run } = await askLint(paths);
  // What --confidence high would list: the same findings, by the same threshold.
  const sure = document.findings.filter(({ confidence }) => confidence >= SURE);
  const judged = new Map(readJudgements().map((one) => [keyOf(one), one]));
  const judge = (finding: Named): Judged => {
    const judgement = judged.get(keyOf(finding));
    return judgement ? { finding, judgement } : { finding };
  };
  const name = (finding: LintFinding): Named => ({
    ...finding,
    file: relative(source, resolve(finding.file)),
    thing: finding.title.split(': ')[0] ?? '',
  });
  return {
    release: releaseOf(source),
    files: document.read.files,
    lines: document.read.lines,
    bytes: document.read.bytes,
    unread: document.unread.length,
    seconds: run.milliseconds / 1000,
    peakBytes: run.peakBytes ?? 0,
    byRule: countRules(document.findings),
    findings: document.findings.length,
    sure: sure.length,
    drawn: draw(document.findings.map(name), seed).map(judge),
    drawnSure: draw(sure.map(name), seed).map(judge),
  };
}

const keyOf = ({ file, function: name, thing }: Pick<Judgement, 'file' | 'function' | 'thing'>): string =>
  `${file} ${name} ${thing}`;

const readJudgements = (): readonly Judgement[] =>
  v.parse(Judgements, JSON.parse(readFileSync(join(import.meta.dirname, 'judged.json'), 'utf8')));

/** The same finding has the same lot whatever else is found: what was judged stays judged while rules change. */
function draw(findings: readonly Named[], seed: string): readonly Named[] {
  const lots = new Map(
    findings.map((finding) => {
      const key = keyOf(finding);
      return [key, { finding, lot: createHash('sha256').update(`${seed} ${key}`).digest('hex') }];
    }),
  );
  return [...lots.values()]
    .toSorted((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, DRAWN)
    .map(({ finding }) => finding);
}

function countRules(findings: readonly LintFinding[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { id } of findings) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}

/** VERSION, PATCHLEVEL and SUBLEVEL stand at the top of the Makefile. */
function releaseOf(source: string): string {
  const makefile = readFileSync(join(source, 'Makefile'), 'utf8');
  const value = (name: string): string => new RegExp(`^${name} = (\\d+)`, 'm').exec(makefile)?.[1] ?? '?';
  return `${value('VERSION')}.${value('PATCHLEVEL')}.${value('SUBLEVEL')}`;
}
