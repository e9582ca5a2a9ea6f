/**
 * Holds `kleak lint` against code whose truth is known: pairs of files before and after a repair of the kernel, the lab's
 * modules, modules made from a seed; and against parts of a kernel's source, where findings drawn by a seed were judged by
 * reading. `npm run evaluate:lint` prints the page and writes docs/lint-evaluation.md.
 *
 * LAB_WORK is the lab's folder: its source/6.1 holds an unpacked linux-source-6.1, or KLEAK_KERNEL_SOURCE says where one lies.
 * Arguments choose pairs by parts of their names; then only those are looked at, and nothing is written.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from '../../testkit/manifest.ts';
import { measurePairs } from './pairs.ts';
import { measurePlanted } from './planted.ts';
import { renderLintEvaluation, renderPairs, type FirstRun } from './render-lint-evaluation.ts';
import { measureTree } from './tree.ts';

const SEEDS = ['1', '2', '3'];
const DRAW = 'kleak lint 6.1, another hand';

const { env } = process;
const wanted = process.argv.slice(2);
const pairs = await measurePairs(wanted);
if (wanted.length > 0) process.stdout.write(renderPairs(pairs));
else {
  const planted = await measurePlanted(SEEDS);
  const source = env['KLEAK_KERNEL_SOURCE'] ?? join(env['LAB_WORK'] ?? join(tmpdir(), 'kleak-lab'), 'source/6.1');
  const tree = await measureTree(source, DRAW);
  const page = renderLintEvaluation({
    pairs,
    planted,
    tree,
    misses: readMisses(),
    firstRuns: readFirstRuns(),
    draw: DRAW,
  });
  process.stdout.write(page);
  if (tree) writeFileSync(join(ROOT, 'docs/lint-evaluation.md'), page);
  else process.stderr.write(`${source} holds no kernel source: nothing was written\n`);
}

/** Why a pair is missed, or a repaired one still reported: by its name, from who looked. */
function readMisses(): Readonly<Record<string, string>> {
  const file = join(import.meta.dirname, 'misses.json');
  return existsSync(file) ? v.parse(v.record(v.string(), v.string()), JSON.parse(readFileSync(file, 'utf8'))) : {};
}

/** What was found when a set of pairs was looked at for the first time. */
function readFirstRuns(): readonly FirstRun[] {
  const Runs = v.array(
    v.object({ pairs: v.string(), rules: v.string(), found: v.number(), of: v.number(), after: v.number() }),
  );
  return v.parse(Runs, JSON.parse(readFileSync(join(import.meta.dirname, 'first-runs.json'), 'utf8')));
}
