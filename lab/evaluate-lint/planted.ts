import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import * as v from 'valibot';
import type { LintFinding } from '../../src/findings/lint.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { askLint, lintFile } from './ask-lint.ts';

/** What the lab's modules lose, by function and by what the finding must speak of. */
const PLANTED = [
  { file: 'seqleak.c', what: 'seq_operations at each open of a /proc file', says: /single_open/ },
  { file: 'holdref.c', what: 'a path reference', says: /path_get/ },
  { file: 'holdref.c', what: 'a tty reference', says: /tty_kref_get/ },
  { file: 'holdref.c', what: 'a task reference', says: /get_task_struct/ },
  { file: 'ringleak.c', what: 'the page of a ring slot, overwritten', says: /page/ },
  { file: 'closehook.c', what: 'a path put after close has cleared it', says: /path_put/ },
];

const Truth = v.array(v.object({ file: v.string(), kind: v.string(), function: v.string(), lost: v.boolean() }));

export interface PlantedResult {
  readonly where: string;
  readonly what: string;
  readonly found?: LintFinding;
}

export interface PlantedSummary {
  readonly modules: readonly PlantedResult[];
  readonly generated: readonly PlantedResult[];
  readonly seeds: readonly string[];
  /** Findings in generated modules that keep what they take: on a list, in a tree. */
  readonly kept: readonly LintFinding[];
  /** Findings in modules and generated sources that are none of the planted. */
  readonly others: readonly LintFinding[];
}

const textOf = ({ title, summary, path }: LintFinding): string =>
  [title, summary, ...path.map(({ what, code }) => `${what} ${code}`)].join('\n');

export async function measurePlanted(seeds: readonly string[]): Promise<PlantedSummary> {
  const folders = ['../shared/lab/modules', 'lab/modules'].filter((folder) => existsSync(join(ROOT, folder)));
  const modules: PlantedResult[] = [];
  const others: LintFinding[] = [];
  for (const folder of folders) {
    const { findings } = (await askLint([join(ROOT, folder)])).document;
    for (const { file, what, says } of PLANTED.filter(({ file: name }) => existsSync(join(ROOT, folder, name)))) {
      const found = findings.find((one) => one.file.endsWith(file) && says.test(textOf(one)));
      modules.push({ where: `${folder}/${file}`, what, ...(found ? { found } : {}) });
    }
    const named = new Set(modules.map(({ found }) => found));
    others.push(...findings.filter((one) => !named.has(one)));
  }
  const made = await measureGenerated(seeds);
  return { modules, seeds, generated: made.generated, kept: made.kept, others: [...others, ...made.others] };
}

async function measureGenerated(
  seeds: readonly string[],
): Promise<Pick<PlantedSummary, 'generated' | 'kept' | 'others'>> {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-lint-'));
  try {
    execFileSync('python3', [join(import.meta.dirname, 'sources.py'), folder, ...seeds]);
    const truth = v.parse(Truth, JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')));
    const generated: PlantedResult[] = [];
    const kept: LintFinding[] = [];
    const others: LintFinding[] = [];
    for (const { file, kind, function: name, lost } of truth) {
      const findings = (await lintFile(join(folder, file))).map((one) => ({
        ...one,
        file: relative(folder, resolve(one.file)),
      }));
      const found = findings.find((one) => one.function === name);
      if (lost) generated.push({ where: file, what: kind, ...(found ? { found } : {}) });
      else kept.push(...findings.filter((one) => one.function === name));
      others.push(...findings.filter((one) => one.function !== name));
    }
    return { generated, kept, others };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
