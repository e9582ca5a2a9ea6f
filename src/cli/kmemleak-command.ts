import type { Command } from 'commander';
import {
  answerReport,
  answerStatus,
  detectorOptions,
  json,
  kernelOf,
  type DetectorOptions,
} from './detector-answer.ts';
import { durationOption } from './duration.ts';
import { writeOut, type Outcome } from './output.ts';
import { terminalLine } from './progress.ts';

interface ScanGiven extends DetectorOptions {
  readonly pause: number;
  readonly stacks: boolean;
  readonly interval?: number;
}

/** `kleak kmemleak`: the kernel's leak detector. */
export function addKmemleak(program: Command, outcome: Outcome): void {
  const kmemleak = program
    .command('kmemleak')
    .helpGroup('Prove:')
    .summary('the kernel’s leak detector: whether it can be asked, two scans, its report')
    .description(
      'Drives the kernel’s leak detector, kmemleak. Only scan, dump and clear write to it, and say what. Needs root.',
    );
  detectorOptions(kmemleak.command('status'))
    .summary('is it built in, is it on, and if not: why, and what to do')
    .action(async (given: DetectorOptions) =>
      answerStatus(await (await kernelOf(given)).kmemleakStatus(), given, outcome),
    );
  detectorOptions(kmemleak.command('scan'))
    .summary('scan twice with a pause between, and list what nothing referred to either time')
    .addOption(durationOption('--pause <time>', 'between the two scans', { preset: '6s', least: 5, most: 3600 }))
    .option(
      '--no-stacks',
      'do not take what lies on the stacks of tasks for references: finds more, also what is in use',
    )
    .addOption(
      durationOption('--interval <time>', 'meanwhile the kernel scans by itself so often, 0: never; then 600 s again', {
        least: 0,
        most: 86_400,
      }),
    )
    .action((given: ScanGiven) => scan(given, outcome));
  detectorOptions(kmemleak.command('report'))
    .summary('what it lists now, grouped by who allocated')
    .action(async (given: DetectorOptions) =>
      answerReport(await (await kernelOf(given)).kmemleakReport(), given, outcome),
    );
  detectorOptions(kmemleak.command('dump').argument('<address>', 'of an object, as the report has it'))
    .summary('what it knows of one object: who allocated it, how many references were found')
    .action(async (address: string, given: DetectorOptions) => {
      const { renderKmemleakDump } = await import('../report/detector-text.ts');
      const dump = await (await kernelOf(given)).kmemleakDump(address);
      await writeOut(given.json === true ? json(dump) : renderKmemleakDump(dump), given.output);
    });
  detectorOptions(kmemleak.command('clear'))
    .summary('forget what is listed, so that only what comes later is')
    .action(async (given: DetectorOptions) => {
      const changed = await (await kernelOf(given)).kmemleakClear();
      await writeOut(given.json === true ? json({ changed }) : `changed: ${changed.join('\n')}\n`, given.output);
    });
}

async function scan(given: ScanGiven, outcome: Outcome): Promise<void> {
  const line = terminalLine(process.stderr);
  const controller = new AbortController();
  let signalled: NodeJS.Signals | undefined;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (signal: NodeJS.Signals): void => {
    signalled = signal;
    controller.abort();
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    const report = await (
      await kernelOf(given)
    ).kmemleakScan({
      pause: given.pause,
      stacks: given.stacks,
      ...(given.interval === undefined ? {} : { interval: Math.round(given.interval) }),
      progress: (text) => line.show(text),
      stop: controller.signal,
    });
    line.clear();
    await answerReport(report, given, outcome);
  } finally {
    line.clear();
    for (const signal of signals) process.off(signal, stop);
    // Options are set back by now; the signal takes its usual way.
    if (signalled !== undefined) process.kill(process.pid, signalled);
  }
}
