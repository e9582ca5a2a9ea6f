import { fstatSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Diagnosis } from '../findings/diagnosis.ts';
import { symbolsOption } from './core/with-session.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { progressLine } from './progress.ts';
import { render, type Format } from './render.ts';
import { scratchFolder } from './scratch-folder.ts';

interface Options {
  readonly json?: boolean;
  readonly format?: Format;
  readonly output?: string;
  readonly nagios?: boolean;
  readonly all?: boolean;
  readonly ascii?: boolean;
  readonly color?: boolean;
  readonly formats?: boolean;
  readonly symbols?: readonly string[];
  readonly source?: readonly string[];
  readonly redact?: boolean;
}

/** `kleak diagnose [INPUT…]`: nothing given means this host. */
export function addDiagnose(program: Command, outcome: Outcome): void {
  const inputs = 'crash dumps, directories, archives, text files, or - (nothing: this host)';
  symbolsOption(options(program.command('diagnose').argument('[input...]', inputs)))
    .summary('is it a leak, which layer, which cache, who, what now')
    .description(
      'Diagnoses anything: crash dumps, directories of /proc files (several: a series, oldest first), archives, text files or -.',
    )
    .addOption(
      new Option(
        '--source <path>',
        'C source that may be at fault: its leak patterns, ranked by what is seen (repeat for more)',
      ).argParser<readonly string[] | undefined>((path, before) => [...(before ?? []), path]),
    )
    .option('--formats', 'list the text formats that are recognised, and what each looks for')
    .action((inputs: string[], given: Options) => look(inputs, given, outcome));
}

/** `kleak` alone, with options at most. */
export async function checkThisHost(args: readonly string[], program: Command, outcome: Outcome): Promise<void> {
  await options(new Command('kleak').copyInheritedSettings(program))
    .action((given: Options) => look([], given, outcome))
    .parseAsync([...args], { from: 'user' });
}

function options(command: Command): Command {
  return command
    .option('--json', 'print the document as JSON')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'markdown', 'html', 'json']))
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--nagios', 'exit 0, 1, 2, 3 for OK, WARNING, CRITICAL, UNKNOWN')
    .option('--all', 'every finding in full')
    .option('--redact', 'without names of hosts, users and files, addresses, command lines')
    .option('--ascii', 'no characters beyond ASCII in the text')
    .option('--no-color', 'no colour');
}

/** Whether a file or another program feeds standard input: then this host may not be what was meant. */
function isFed(): boolean {
  try {
    const fed = fstatSync(0);
    return fed.isFIFO() || (fed.isFile() && fed.size > 0);
  } catch {
    return false; // It is closed.
  }
}

async function look(inputs: readonly string[], given: Options, outcome: Outcome): Promise<void> {
  if (given.formats === true) {
    const { listFormats } = await import('../pipeline/formats.ts');
    await writeOut(listFormats(), given.output);
    return;
  }
  if (inputs.length === 0 && isFed() && given.nagios !== true) {
    process.stderr.write('kleak: this host is looked at; what comes in by < or | is read by: kleak diagnose -\n');
  }
  const { diagnose } = await import('../pipeline/diagnose.ts');
  const { DumpRoom } = await import('../pipeline/dump/packed-dump.ts');
  const progress = progressLine(process.stderr);
  const unpack = new DumpRoom({ folder: scratchFolder(), bytes: Infinity });
  // Once the line is gone the signal takes its usual way: an exit handler would wait for pipes that are open.
  process.once('SIGINT', () => {
    progress.clear();
    unpack.close();
    process.kill(process.pid, 'SIGINT');
  });
  let diagnosis: Diagnosis;
  try {
    diagnosis = await diagnose(inputs, {
      progress: progress.show,
      unpack,
      ...(given.symbols && { symbols: given.symbols }),
    });
  } finally {
    progress.clear();
    unpack.close();
  }
  if (given.source) {
    const { joinSource } = await import('../pipeline/lint/join-source.ts');
    diagnosis = await joinSource(diagnosis, given.source);
  }
  if (given.redact === true) {
    const { redactOwnDiagnosis } = await import('../pipeline/redact/redact-document.ts');
    diagnosis = await redactOwnDiagnosis(diagnosis);
  }
  const format = given.json === true ? 'json' : (given.format ?? 'text');
  const text = await render(diagnosis, format, {
    toTerminal: given.output === undefined && process.stdout.isTTY,
    all: given.all === true,
    ascii: given.ascii === true,
    colour: given.color !== false && (process.env['NO_COLOR'] ?? '') === '',
    width: process.stdout.columns,
  });
  await writeOut(text, given.output);
  outcome.status = exitStatus(diagnosis.verdict, given.nagios === true);
}
