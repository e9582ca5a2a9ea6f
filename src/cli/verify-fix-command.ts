import { InvalidArgumentError, Option, type Command } from 'commander';
import type { VerifyOutcome } from '../findings/verify-fix.ts';
import { writeOut, type Outcome } from './output.ts';
import { progressLine } from './progress.ts';
import { textLook } from './text-look.ts';

interface Options {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly db?: string;
  readonly only?: readonly string[];
  readonly remaining: number;
  readonly json?: boolean;
  readonly output?: string;
  readonly color?: boolean;
}

/** `kleak verify-fix --before A --after B`: does it grow as it did? */
export function addVerifyFix(program: Command, outcome: Outcome): void {
  program
    .command('verify-fix')
    .helpGroup('Prove:')
    .summary('does it still leak: rates before and after a change, with what time it takes to be sure')
    .description(
      'Compares how fast each bucket and cache grew before a change and after it: fixed, not fixed, or not enough data and how many hours more.',
    )
    .requiredOption('--before <input...>', 'a recording or a folder of copies of /proc; several: a cohort of hosts')
    .requiredOption('--after <input...>', 'the same after the change; with --db both are ranges FROM..TO')
    .option(
      '--db <file>',
      'a recording of kleak record; --before and --after are times or marks in it: ..fixed, fixed..',
    )
    .option('--only <name...>', 'look at these buckets or caches only')
    .addOption(
      new Option('--remaining <percent>', 'what may be left of the old rate for it to be fixed')
        .default(0.2, '20')
        .argParser(parsePercent),
    )
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--no-color', 'no colour')
    .addHelpText('after', EXAMPLES)
    .action((given: Options) => verifyFix(given, outcome));
}

const EXAMPLES = `
Examples:
  kleak verify-fix --db samples.db --before ..fixed --after fixed..
  kleak verify-fix --before monday.db --after tuesday.db
  kleak verify-fix --before old/node1 old/node2 --after new/node1 new/node2

Exit status: 0 fixed, 1 not fixed, 2 could not run, 3 not enough data.`;

function parsePercent(text: string): number {
  const percent = Number(text.replace(/ ?%$/, ''));
  if (!(percent >= 1 && percent <= 90)) throw new InvalidArgumentError('give 1 to 90, in per cent');
  return percent / 100;
}

const STATUS: Readonly<Record<VerifyOutcome, number>> = { fixed: 0, 'not-fixed': 1, 'not-enough-data': 3 };

async function verifyFix(given: Options, outcome: Outcome): Promise<void> {
  const { verifyFix: verify } = await import('../pipeline/verify/verify-fix.ts');
  const { renderVerifyFix } = await import('../report/verify-fix.ts');
  const { before, after, db, only, remaining } = given;
  const progress = progressLine(process.stderr);
  // Once the line is gone the signal takes its usual way.
  process.once('SIGINT', () => {
    progress.clear();
    process.kill(process.pid, 'SIGINT');
  });
  try {
    const document = await verify({
      before,
      after,
      remaining,
      progress: progress.show,
      ...(db === undefined ? {} : { db }),
      ...(only ? { only } : {}),
    });
    progress.clear();
    const text =
      given.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : renderVerifyFix(document, textLook(given));
    await writeOut(text, given.output);
    outcome.status = STATUS[document.outcome];
  } finally {
    progress.clear();
  }
}
