import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LintDocument } from '../findings/lint.ts';
import type { Sureness } from '../pipeline/lint/lint.ts';
import { escapeLine, writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';

interface Options {
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly jobs?: number;
  readonly output?: string;
  readonly confidence: Sureness;
  readonly all?: boolean;
  readonly color?: boolean;
}

/** `kleak lint PATH…`: leak patterns in C source; no build, no configuration, no include files. */
export function addLint(program: Command, outcome: Outcome, version: string): void {
  program
    .command('lint')
    .summary('leak patterns in C source: kernel modules and drivers')
    .description(
      'Looks for leak patterns in C source. Nothing is built; include files and a configuration are not needed.',
    )
    .argument('<path...>', 'C files, or folders with .c and .h files')
    .option('--json', 'print the document as JSON')
    .option('--sarif', 'print SARIF 2.1.0, for tools that show findings beside the code')
    .addOption(
      new Option('--confidence <level>', 'how sure a finding must be')
        .choices(['high', 'default', 'low'])
        .default('default'),
    )
    .option('--baseline <file>', 'leave out what this file lists as known')
    .option('--write-baseline <file>', 'write what is found to a file that --baseline takes')
    .addOption(new Option('--jobs <n>', 'threads; as many as pay where it is not given').argParser(jobsOf))
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--all', 'list everything that was not read')
    .option('--no-color', 'no colour')
    .action((paths: string[], given: Options) => look(paths, given, outcome, version));
}

function jobsOf(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 64) throw new InvalidArgumentError('give a number from 1 to 64.');
  return jobs;
}

async function look(paths: readonly string[], given: Options, outcome: Outcome, version: string): Promise<void> {
  const { readBaseline, writeBaseline } = await import('../pipeline/lint/baseline.ts');
  const baseline = given.baseline === undefined ? undefined : readBaseline(given.baseline);
  const { lint } = await import('../pipeline/lint/lint.ts');
  const line = terminalLine(process.stderr);
  process.once('SIGINT', () => {
    line.clear();
    process.kill(process.pid, 'SIGINT');
  });
  let document: LintDocument;
  try {
    document = await lint(paths, {
      sureness: given.confidence,
      ...(baseline ? { baseline } : {}),
      ...(given.jobs === undefined ? {} : { jobs: given.jobs }),
      progress: ({ files, totalFiles }) => line.show(`reading ${files} of ${totalFiles} files`),
    });
  } finally {
    line.clear();
  }
  if (given.writeBaseline !== undefined) {
    await writeOut(writeBaseline(document), given.writeBaseline);
    process.stderr.write(`${document.findings.length} findings written to ${escapeLine(given.writeBaseline)}\n`);
    return;
  }
  await writeOut(await render(document, given, version), given.output);
  outcome.status = statusOf(document);
}

/** Findings: 1; nothing found: 0; nothing could be read: 3. */
function statusOf({ findings, read, unread }: LintDocument): number {
  if (findings.length > 0) return 1;
  return read.files === 0 && unread.length > 0 ? 3 : 0;
}

async function render(document: LintDocument, given: Options, version: string): Promise<string> {
  if (given.sarif === true) {
    const { renderSarif } = await import('../report/lint/sarif.ts');
    return renderSarif(document, version);
  }
  if (given.json === true) {
    const { renderLintJson } = await import('../report/lint/json.ts');
    return renderLintJson(document);
  }
  const { renderLintText } = await import('../report/lint/text.ts');
  const toTerminal = given.output === undefined && process.stdout.isTTY;
  return renderLintText(document, {
    colour: toTerminal && given.color !== false && (process.env['NO_COLOR'] ?? '') === '',
    width: toTerminal ? Math.min(140, Math.max(60, process.stdout.columns)) : 100,
    all: given.all === true,
  });
}
