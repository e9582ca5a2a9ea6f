import type { Command } from 'commander';
import { answerReport, answerStatus, detectorOptions, kernelOf, type DetectorOptions } from './detector-answer.ts';
import { durationOption } from './duration.ts';
import type { Outcome } from './output.ts';

/** `kleak page-owner`: who holds pages. */
export function addPageOwner(program: Command, outcome: Outcome): void {
  const pageOwner = program
    .command('page-owner')
    .helpGroup('Prove:')
    .summary('who took pages from the page allocator, where the kernel keeps track (page_owner=on)')
    .description('Reads the kernel’s page_owner. Changes nothing. Needs root.');
  detectorOptions(pageOwner.command('status'))
    .summary('is it built in, is it on, and if not: what to do')
    .action(async (given: DetectorOptions) =>
      answerStatus(await (await kernelOf(given)).pageOwnerStatus(), given, outcome),
    );
  detectorOptions(pageOwner.command('report'))
    .summary('pages in use, grouped by who allocated them')
    .addOption(durationOption('--for <time>', 'read so long at most', { preset: '60s', least: 1, most: 3600 }))
    .action(async (given: DetectorOptions & { readonly for: number }) =>
      answerReport(await (await kernelOf(given)).pageOwnerReport(given.for), given, outcome),
    );
}
