import { availableParallelism } from 'node:os';
import type { LintDocument, LintFinding } from '../../findings/lint.ts';
import type { SourceDefect } from '../../model/source/defect.ts';
import { sourceRules } from '../../rules/source-registry.ts';
import { findingOf, SURE } from '../../rules/source-rule.ts';
import { listSources, type SourceEntry } from '../../sources/c/source-tree.ts';
import { InputError } from '../../sources/input-error.ts';
import { planUnits } from './plan-units.ts';
import { readUnits } from './read-units.ts';
import type { UnitResult } from './read-unit.ts';

export type Sureness = 'high' | 'default' | 'low';

/** The least confidence that is shown. */
const LEAST: Readonly<Record<Sureness, number>> = { high: SURE, default: 0.6, low: 0.3 };

export interface LintOptions {
  readonly sureness?: Sureness;
  /** Threads; 1 works in this one. Not given: as many as pay. */
  readonly jobs?: number;
  /** Fingerprints that are known already. */
  readonly baseline?: ReadonlySet<string>;
  readonly progress?: (done: LintProgress) => void;
}

export interface LintProgress {
  readonly files: number;
  readonly totalFiles: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Looks for leak patterns in C source. Throws InputError where a path cannot be opened or holds no C. */
export async function lint(paths: readonly string[], options: LintOptions = {}): Promise<LintDocument> {
  const listing = listSources(paths);
  if (listing.entries.length === 0 && listing.unread.length === 0) {
    throw new InputError(paths.join(' '), 'holds no .c or .h file', 'give a C file or a folder of them');
  }
  const units = planUnits(listing.entries);
  const largest = [...units.keys()].toSorted((a, b) => sizeOf(units[b] ?? []) - sizeOf(units[a] ?? []));
  const jobs = options.jobs ?? worthwhileJobs(units);
  const results = await readUnits(units.map(namesOf), largest, jobs, follow(units, options));
  return document(paths, results, listing.unread, options);
}

const namesOf = (unit: readonly SourceEntry[]): readonly string[] => unit.map(({ path }) => path);

const sizeOf = (entries: readonly SourceEntry[]): number => entries.reduce((bytes, entry) => bytes + entry.bytes, 0);

/** Below this a thread has hardly started when all is done; beyond a few they wait for memory. */
const WORTH_BYTES = 8 * 2 ** 20;
const MOST_JOBS = 4;

const worthwhileJobs = (units: readonly (readonly SourceEntry[])[]): number =>
  sizeOf(units.flat()) < WORTH_BYTES ? 1 : Math.min(MOST_JOBS, availableParallelism());

/** Says how far it is, unit by unit. */
function follow(units: readonly (readonly SourceEntry[])[], { progress }: LintOptions): (unit: number) => void {
  const [totalFiles, totalBytes] = [units.flat().length, sizeOf(units.flat())];
  let [files, bytes] = [0, 0];
  return (unit) => {
    const done = units[unit] ?? [];
    files += done.length;
    bytes += sizeOf(done);
    progress?.({ files, totalFiles, bytes, totalBytes });
  };
}

function document(
  paths: readonly string[],
  results: readonly UnitResult[],
  unread: LintDocument['unread'],
  { sureness = 'default', baseline = new Set() }: LintOptions,
): LintDocument {
  const judged = results.flatMap(({ defects }) => defects.flatMap(judge));
  const open = judged.filter(({ ignored }) => ignored === undefined).map(({ finding }) => finding);
  const sure = open.filter(({ confidence }) => confidence >= LEAST[sureness]);
  const findings = sure.filter(({ fingerprint }) => !baseline.has(fingerprint)).toSorted(byWeight);
  const total = (key: 'files' | 'bytes' | 'lines' | 'functions'): number =>
    results.reduce((sum, result) => sum + result[key], 0);
  const read = { files: total('files'), bytes: total('bytes'), lines: total('lines'), functions: total('functions') };
  return {
    schema: 'kleak.lint/1',
    summary: summarize(findings, read),
    findings,
    hidden: {
      ignored: judged.flatMap(({ finding: { file, line, id }, ignored }) =>
        ignored === undefined ? [] : [{ file, line, rule: id, reason: ignored }],
      ),
      baseline: sure.length - findings.length,
      unsure: open.length - sure.length,
    },
    read,
    unread: [...unread, ...results.flatMap((result) => result.unread)],
    inputs: paths.map((file) => ({ kind: 'c-source', file })),
    rules: sourceRules.map(({ id, title, page }) => ({ id, title, page })),
  };
}

interface Judged {
  readonly finding: LintFinding;
  readonly ignored: string | undefined;
}

/** The first rule that has something to say about a defect. */
function judge(defect: SourceDefect): readonly Judged[] {
  for (const rule of sourceRules) {
    const said = rule.examine(defect);
    if (said) return [{ finding: findingOf(rule, defect, said), ignored: defect.ignored }];
  }
  return [];
}

const byWeight = (a: LintFinding, b: LintFinding): number =>
  b.confidence - a.confidence || (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);

function summarize(findings: readonly LintFinding[], { files, lines }: LintDocument['read']): string {
  const where = `${files} ${files === 1 ? 'file' : 'files'} (${lines} lines)`;
  if (findings.length === 0) return `No leak pattern was found in ${where}.`;
  const sure = findings.filter(({ verdict }) => verdict === 'leak').length;
  return `${findings.length} leak ${findings.length === 1 ? 'pattern' : 'patterns'} in ${where}, ${sure} of them sure.`;
}
