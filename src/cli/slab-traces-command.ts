import type { Command } from 'commander';
import { answerReport, answerStatus, detectorOptions, kernelOf, type DetectorOptions } from './detector-answer.ts';
import type { Outcome } from './output.ts';

/** `kleak slab-traces`: who holds the objects of a cache. */
export function addSlabTraces(program: Command, outcome: Outcome): void {
  const slabTraces = program
    .command('slab-traces')
    .helpGroup('Prove:')
    .summary('who allocated the objects of a slab cache, where the kernel keeps track (slub_debug=U)')
    .description('Reads what SLUB records of each object. Changes nothing. Needs root.');
  detectorOptions(slabTraces.command('status'))
    .summary('which caches keep track, and how to have more of them do so')
    .action(async (given: DetectorOptions) =>
      answerStatus(await (await kernelOf(given)).slabTracesStatus(), given, outcome),
    );
  detectorOptions(slabTraces.command('report').argument('<cache>', 'as slabinfo names it'))
    .summary('objects in use, grouped by who allocated them, and who freed others before')
    .action(async (cache: string, given: DetectorOptions) =>
      answerReport(await (await kernelOf(given)).slabTracesReport(cache), given, outcome),
    );
}
