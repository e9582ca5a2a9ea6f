import { Command, CommanderError } from 'commander';
import { FormatError } from '../base/errors.ts';
import { InputError, LayoutError, MemoryFault } from '../pipeline/errors.ts';
import { addCore } from './core/core-command.ts';
import { addDiagnose, checkThisHost } from './diagnose-command.ts';
import { addExperiment } from './experiment-command.ts';
import { addExport } from './export-command.ts';
import { addFleet } from './fleet-command.ts';
import { addServe } from './serve-command.ts';
import { addLint } from './lint-command.ts';
import { addLookUps } from './look-up-commands.ts';
import { escapeLine, Outcome } from './output.ts';
import { addReclaimTest } from './reclaim-test-command.ts';
import { addVerifyFix } from './verify-fix-command.ts';
import { addWatch } from './watch-command.ts';
import { addSnapshot } from './snapshot-command.ts';
import { addRecord } from './record-command.ts';
import { addTrend } from './trend-command.ts';
import { helpLook, usageLine } from './usage.ts';
import { addTrace } from './trace-command.ts';
import { addKmemleak } from './kmemleak-command.ts';
import { addPageOwner } from './page-owner-command.ts';
import { addSlabTraces } from './slab-traces-command.ts';

/** Runs one command line and gives the exit status of the contract. */
export async function run(args: readonly string[], version: string): Promise<number> {
  const outcome = new Outcome();
  // What could not run tells Nagios nothing: UNKNOWN, where 2 would be CRITICAL.
  const failed = args.includes('--nagios') ? 3 : 2;
  const program = new Command('kleak')
    .description('Finds kernel memory leaks: from what is at hand to layer, cache, call site and owner.')
    .version(`kleak ${version}`, '-V, --version')
    .exitOverride()
    // Said in one line, by guard().
    .configureOutput({ outputError: () => undefined })
    .configureHelp(helpLook)
    .addHelpText('after', EXAMPLES)
    .commandsGroup('Look:');
  addDiagnose(program, outcome);
  addSnapshot(program, version);
  addLookUps(program, outcome);
  program.commandsGroup('Watch:');
  addRecord(program);
  addTrend(program, outcome);
  addWatch(program, outcome);
  program.commandsGroup('Prove:');
  addExperiment(program, outcome);
  addReclaimTest(program, outcome);
  addVerifyFix(program, outcome);
  addTrace(program, outcome);
  addKmemleak(program, outcome);
  addPageOwner(program, outcome);
  addSlabTraces(program, outcome);
  program.commandsGroup('Dig:');
  addCore(program, outcome, version);
  addLint(program, outcome, version);
  program.commandsGroup('Fleet:');
  addServe(program);
  addFleet(program, outcome);
  addExport(program, version);
  const explain = (cause: CommanderError): string => usageLine(program, args, cause);
  if (
    args.length === 0 ||
    (args[0]?.startsWith('-') === true && !/^(?:-h|--help|-V|--version)$/.test(args[0]) && args[0] !== '-')
  ) {
    return guard(outcome, failed, explain, () => checkThisHost(args, program, outcome));
  }
  return guard(outcome, failed, explain, () => program.parseAsync([...args], { from: 'user' }));
}

const EXAMPLES = `
Examples:
  kleak                                check this host now
  kleak diagnose before/ after/        copies of /proc files, oldest first
  kleak diagnose sosreport.tar.xz --format html -o report.html
  dmesg | kleak diagnose -             read pasted or piped text
  kleak diagnose vmcore                a crash dump; kleak core digs in it
  kleak compare sick/ healthy/         what one host holds more of

Exit status: 0 nothing wrong found, 1 leak or unexplained growth,
2 could not run, 3 cannot tell.`;

async function guard(
  outcome: Outcome,
  failed: number,
  explain: (cause: CommanderError) => string,
  work: () => Promise<unknown>,
): Promise<number> {
  try {
    await work();
    return outcome.status;
  } catch (cause) {
    if (cause instanceof CommanderError) {
      if (cause.exitCode === 0) return 0;
      if (cause.code !== 'commander.help') process.stderr.write(`kleak: ${escapeLine(explain(cause))}\n`);
      return failed;
    }
    const refused = refusal(cause);
    if (refused !== undefined) {
      process.stderr.write(`kleak: ${escapeLine(refused)}\n`);
      return failed;
    }
    if (cause instanceof Error && cause.name === 'AbortError') return 130;
    const [what, ...where] = (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)).split('\n');
    process.stderr.write(
      `kleak: a bug in kleak, please report it: ${escapeLine(what ?? '')}; KLEAK_DEBUG=1 shows where\n`,
    );
    if ((process.env['KLEAK_DEBUG'] ?? '') !== '') process.stderr.write(`${escapeLine(where.join('\n'))}\n`);
    return failed;
  }
}

/** The line for an input that cannot be used; undefined for a bug. */
function refusal(cause: unknown): string | undefined {
  if (cause instanceof InputError || isSystemError(cause)) return cause.message;
  if (cause instanceof FormatError) return `${cause.message}; check that the file is whole`;
  if (cause instanceof MemoryFault) return `${cause.message}; kleak core whatis says what lies there`;
  if (cause instanceof LayoutError) return `${cause.message}; give --symbols with the vmlinux of this kernel`;
  return undefined;
}

/** What the operating system refused, with its code: an output that cannot be written. */
const isSystemError = (cause: unknown): cause is Error =>
  cause instanceof Error && 'code' in cause && 'syscall' in cause;
