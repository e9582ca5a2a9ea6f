import type { Command } from 'commander';
import { durationOption } from './duration.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';
import { textLook } from './text-look.ts';

interface Options {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly output?: string;
  readonly color?: boolean;
  readonly settle: number;
  readonly for: number;
  readonly interval: number;
}

/** `kleak reclaim-test --yes`: what comes back when caches are dropped was cache; what does not is held. */
export function addReclaimTest(program: Command, outcome: Outcome): void {
  program
    .command('reclaim-test')
    .helpGroup('Prove:')
    .summary('drop caches (only with --yes) and see what does not come back')
    .description(
      'Writes what is dirty to disk, drops all caches and measures what did not come back. Without --yes it changes nothing, and says what it would do and what that costs.',
    )
    .option('--yes', 'do it: runs sync and writes to /proc/sys/vm/drop_caches')
    .addOption(durationOption('--settle <time>', 'measure so long before', { preset: '10s', least: 6, most: 3600 }))
    .addOption(durationOption('--for <time>', 'measure so long after', { preset: '12s', least: 5, most: 3600 }))
    .addOption(durationOption('--interval <time>', 'between two samples', { preset: '1s', least: 0.2, most: 60 }))
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--no-color', 'no colour')
    .action((given: Options) => reclaimTest(given, outcome));
}

async function reclaimTest(given: Options, outcome: Outcome): Promise<void> {
  const { testReclaim } = await import('../pipeline/reclaim/reclaim-test.ts');
  const { renderReclaimTest } = await import('../report/reclaim-test.ts');
  const line = terminalLine(process.stderr);
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const test = await testReclaim({
      yes: given.yes === true,
      settle: given.settle,
      after: given.for,
      interval: given.interval,
      signal: stop.signal,
      progress: (what) => line.show(what),
    });
    line.clear();
    const text =
      given.json === true ? `${JSON.stringify(test, undefined, 2)}\n` : renderReclaimTest(test, textLook(given));
    await writeOut(text, given.output);
    outcome.status = stop.signal.aborted ? 130 : exitStatus(test.verdict, false);
  } finally {
    line.clear();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
