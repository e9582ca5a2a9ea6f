import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Verdict } from '../findings/finding.ts';
import { InputError } from '../pipeline/errors.ts';
import { escapeTerminalLines } from '../report/escape.ts';

/** The exit status that a command leaves behind. */
export class Outcome {
  status = 0;
}

/** Contract: leak and growth 1, not-a-leak 0, inconclusive 3; for Nagios OK, WARNING, CRITICAL, UNKNOWN. */
export function exitStatus(verdict: Verdict, nagios: boolean): number {
  switch (verdict) {
    case 'leak':
      return nagios ? 2 : 1;
    case 'growth':
      return 1;
    case 'not-a-leak':
      return 0;
    case 'inconclusive':
      return 3;
  }
}

/** Writes to standard output, or to a file that is there whole or not at all. */
export async function writeOut(text: string, file: string | undefined): Promise<void> {
  if (file === undefined || file === '-') {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain').catch(() => undefined);
    return;
  }
  // Written in one go, so that no signal can come between and leave half a file.
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, text, { flag: 'wx' });
    renameSync(partial, file);
  } catch (cause) {
    discard(partial);
    const why = cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
    throw new InputError(file, `cannot be written: ${why}`, 'give another file to -o', { cause });
  }
}

/** Where the folder may not even be looked into, nothing was written either. */
function discard(partial: string): void {
  try {
    rmSync(partial, { force: true });
  } catch {
    return;
  }
}

/** One line, safe for a terminal whatever stands in it. */
export const escapeLine: (text: string) => string = escapeTerminalLines;
