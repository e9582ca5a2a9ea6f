import type { Command } from 'commander';
import type { DetectorReport, DetectorStatus } from '../findings/detectors.ts';
import type { KernelAsked } from '../pipeline/detectors/ask-kernel.ts';
import { exitStatus, writeOut, type Outcome } from './output.ts';
import { textLook } from './text-look.ts';

export interface DetectorOptions {
  readonly json?: boolean;
  readonly output?: string;
  readonly color?: boolean;
  readonly root?: string;
}

/** What every command of a detector takes. */
export function detectorOptions(command: Command): Command {
  return command
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--root <dir>', 'where the host’s /proc, /sys and /dev are, seen from a container')
    .option('--no-color', 'no colour');
}

export async function kernelOf({ root = '' }: DetectorOptions): Promise<KernelAsked> {
  const { KernelAsked: asked } = await import('../pipeline/detectors/ask-kernel.ts');
  return new asked(root.replace(/\/+$/, ''));
}

/** Prints a status. 0 where the detector can be asked, 3 where it cannot. */
export async function answerStatus(status: DetectorStatus, given: DetectorOptions, outcome: Outcome): Promise<void> {
  const { renderDetectorStatus } = await import('../report/detector-text.ts');
  await writeOut(given.json === true ? json(status) : renderDetectorStatus(status), given.output);
  outcome.status = status.state === 'on' ? 0 : 3;
}

/** Prints a report, with the exit status of its verdict. */
export async function answerReport(report: DetectorReport, given: DetectorOptions, outcome: Outcome): Promise<void> {
  const { renderDetectorReport } = await import('../report/detector-text.ts');
  await writeOut(given.json === true ? json(report) : renderDetectorReport(report, textLook(given)), given.output);
  outcome.status = exitStatus(report.verdict, false);
}

export const json = (document: object): string => `${JSON.stringify(document, undefined, 2)}\n`;
