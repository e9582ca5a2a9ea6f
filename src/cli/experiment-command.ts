import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { spellBytes } from '../base/spelling.ts';
import type { Experiment, ExperimentAct } from '../findings/experiment.ts';
import { InputError } from '../pipeline/errors.ts';
import type { ExperimentProgress } from '../pipeline/experiment/run-experiment.ts';
import { durationOption } from './duration.ts';
import { escapeLine, writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';
import { textLook } from './text-look.ts';

interface Options {
  readonly json?: boolean;
  readonly output?: string;
  readonly color?: boolean;
  readonly manual?: boolean;
  readonly list?: boolean;
  readonly settle: number;
  readonly for: number;
  readonly interval: number;
  readonly series?: string;
}

/** `kleak experiment NAME -- COMMAND…`: does memory come back when this is done? */
export function addExperiment(program: Command, outcome: Outcome): void {
  program
    .command('experiment')
    .helpGroup('Prove:')
    .summary('does memory come back when a service is stopped, a module unloaded …: settle, measure, act, measure')
    .description(
      'Measures until the noise is known, runs a command (or waits while you act), measures again, and says whether memory came back and how sure that is.',
    )
    .argument('[name]', 'what is tried, in your words: "stop nginx"')
    .argument('[command...]', 'after --: the program to run and its arguments; no shell reads them')
    .option('--manual', 'you act: asks, and waits for Enter')
    .addOption(
      durationOption('--settle <time>', 'measure at most so long before', { preset: '30s', least: 5, most: 86_400 }),
    )
    .addOption(
      durationOption('--for <time>', 'measure at most so long after', { preset: '60s', least: 4, most: 604_800 }),
    )
    .addOption(durationOption('--interval <time>', 'between two samples', { preset: '1s', least: 0.1, most: 3600 }))
    .option('--series <file>', 'add the result to this file of JSON lines (default: in the state directory)')
    .option('--list', 'what was tried so far: a table of suspects')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--no-color', 'no colour')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, command: string[], given: Options) =>
      given.list === true ? list(name, given, outcome) : experiment(name, command, given, outcome),
    );
}

const EXAMPLES = `
Examples:
  kleak experiment "stop nginx" -- systemctl stop nginx
  kleak experiment "close the sessions" --manual --for 5m
  kleak experiment --list

Exit status: 0 nothing of the kernel’s came back, 1 it did, or stopped growing
(a suspect), 2 could not run, 3 cannot tell.`;

/** The host's own folder for root, the user's else. */
function seriesFile(given: Options): string {
  if (given.series !== undefined) return given.series;
  const state = process.env['XDG_STATE_HOME'] ?? '';
  const own = state === '' ? join(homedir(), '.local/state') : state;
  return join(process.getuid?.() === 0 ? '/var/lib/kleak' : join(own, 'kleak'), 'experiments.jsonl');
}

async function list(name: string | undefined, given: Options, outcome: Outcome): Promise<void> {
  if (name !== undefined) throw new InputError('--list', 'takes no experiment', 'leave the name and command out');
  const { listExperiments } = await import('../pipeline/experiment/series.ts');
  const { renderSuspects } = await import('../report/experiment.ts');
  const series = listExperiments(seriesFile(given));
  const text =
    given.json === true ? `${JSON.stringify(series, undefined, 2)}\n` : renderSuspects(series, textLook(given));
  await writeOut(text, given.output);
  outcome.status = series.suspects.some((s) => s.kernel || s.stopped) ? 1 : series.experiments === 0 ? 3 : 0;
}

async function experiment(
  name: string | undefined,
  command: readonly string[],
  given: Options,
  outcome: Outcome,
): Promise<void> {
  if (name === undefined)
    throw new InputError(
      'experiment',
      'it is not said what is tried',
      'for instance: kleak experiment "stop nginx" -- systemctl stop nginx',
    );
  if ((given.manual === true) === command.length > 0) {
    const problem = given.manual === true ? 'a command and --manual exclude each other' : 'no command was given';
    throw new InputError(name, problem, 'give a command after --, or --manual');
  }
  if (given.manual === true && !process.stdin.isTTY)
    throw new InputError('--manual', 'needs a terminal to ask on', 'give a command after -- instead');
  const result = await perform(name, command, given);
  const { renderExperiment } = await import('../report/experiment.ts');
  const text =
    given.json === true ? `${JSON.stringify(result, undefined, 2)}\n` : renderExperiment(result, textLook(given));
  await writeOut(text, given.output);
  outcome.status = statusOf(result);
}

function statusOf({ act, outcome, kernel, stopped, interrupted }: Experiment): number {
  if (interrupted) return 130;
  if (act.failed !== undefined) return 2;
  if (kernel || stopped) return 1;
  return outcome === 'cannot-tell' ? 3 : 0;
}

async function perform(name: string, command: readonly string[], given: Options): Promise<Experiment> {
  const { experimentOnHost } = await import('../pipeline/experiment/on-host.ts');
  const line = terminalLine(process.stderr);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await experimentOnHost({
      label: name,
      settle: given.settle,
      after: given.for,
      interval: given.interval,
      signal: stop.signal,
      series: seriesFile(given),
      progress: (progress) => {
        if (progress.phase === 'acting') {
          line.clear();
          if (command.length > 0) process.stderr.write(escapeLine(`kleak: running ${command.join(' ')}`) + '\n');
        } else line.show(progressWords(progress));
      },
      ...(command.length > 0 ? { command } : { manual: () => askForAct(name, stop.signal) }),
    });
  } finally {
    line.clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function progressWords({ phase, seconds, most, detectable }: ExperimentProgress): string {
  const noise = detectable === undefined ? '' : `, a change of ${spellBytes(detectable)} would be seen`;
  const what =
    phase === 'settling' ? 'before the act: learning the noise' : 'after the act: waiting for memory to rest';
  return `${what}, ${Math.round(seconds)} of at most ${Math.round(most)} s${noise}`;
}

/** Enter says that it is done. */
async function askForAct(name: string, signal: AbortSignal): Promise<ExperimentAct> {
  const started = performance.now();
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C in a prompt is read as a key.
  asking.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      asking.once('close', () => resolve());
      asking.question(escapeLine(`kleak: now do it: ${name}. Enter when it is done. `), () => resolve());
    });
  } finally {
    asking.close();
  }
  return { kind: 'manual', seconds: Number(((performance.now() - started) / 1000).toFixed(2)) };
}
