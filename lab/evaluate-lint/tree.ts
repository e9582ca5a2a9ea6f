import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import type { LintFinding } from '../../src/findings/lint.ts';
import { askLint } from './ask-lint.ts';

const PARTS = ['drivers/net', 'drivers/usb', 'fs'];
const DRAWN = 40;

/** An entry of judged.json. */
interface Judgement {
  /** Of the finding; it stays when lines move. */
  readonly fingerprint: string;
  readonly verdict: 'real' | 'false';
  /** What was read, in a sentence or two. */
  readonly reason: string;
}

const Judgements: v.GenericSchema<unknown, readonly Judgement[]> = v.array(
  v.object({ fingerprint: v.string(), verdict: v.picklist(['real', 'false']), reason: v.string() }),
);

export interface Judged {
  readonly finding: LintFinding;
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
  const { document: sure } = await askLint(paths, 'high');
  const judged = v.parse(Judgements, JSON.parse(readFileSync(join(import.meta.dirname, 'judged.json'), 'utf8')));
  const judge = (finding: LintFinding): Judged => {
    const judgement = judged.find(({ fingerprint }) => fingerprint === finding.fingerprint);
    const named = { ...finding, file: relative(source, join(process.cwd(), finding.file)) };
    return judgement ? { finding: named, judgement } : { finding: named };
  };
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
    sure: sure.findings.length,
    drawn: draw(document.findings, seed).map(judge),
    drawnSure: draw(sure.findings, seed).map(judge),
  };
}

/** The same finding has the same lot whatever else is found: what was judged stays judged while rules change. */
function draw(findings: readonly LintFinding[], seed: string): readonly LintFinding[] {
  const lot = ({ fingerprint }: LintFinding): string =>
    createHash('sha256').update(`${seed} ${fingerprint}`).digest('hex');
  return findings
    .map((finding) => ({ finding, lot: lot(finding) }))
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
