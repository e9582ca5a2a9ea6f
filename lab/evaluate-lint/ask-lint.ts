import { join } from 'node:path';
import { runOnce, type Run } from '../../bench/measure.ts';
import { lint } from '../../src/pipeline/lint/lint.ts';
import type { LintDocument, LintFinding } from '../../src/findings/lint.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { parseDocument } from '../evaluate/parse-document.ts';

export interface LintAnswer {
  readonly document: LintDocument;
  readonly run: Run;
}

/** What `kleak lint --json` says about files, on two threads, at default confidence. */
export async function askLint(paths: readonly string[]): Promise<LintAnswer> {
  const args = ['lint', '--json', '--jobs', '2', ...paths];
  const run = await runOnce({ file: join(ROOT, 'bin/kleak'), args, expected: [0, 1, 3] }, true);
  return { document: parseDocument<LintDocument>(run.stdout, 'findings'), run };
}

/** What it finds in one small file, in this process: the truth of a pair does not depend on the command's frame. */
export const lintFile = async (file: string): Promise<readonly LintFinding[]> => (await lint([file])).findings;

/** A finding's own line, and those of the path to it. */
export function linesOf({ line, path }: LintFinding): ReadonlySet<number> {
  return new Set([line, ...path.map((step) => step.line)]);
}
