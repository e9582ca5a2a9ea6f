import { LayoutError } from '../layouts/layout-error.ts';
import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { Kernel, Walked } from './kernel.ts';
import { readLogBuffer } from './log-buffer.ts';
import { readLogRing } from './log-ring.ts';

/** One call of printk, as the kernel keeps it. */
export interface LogRecord {
  /** Since boot, on the clock of printk; absent where the text has none (before 3.5). */
  readonly seconds?: number;
  /** 0 emergency, 1 alert, 2 critical, 3 error, 4 warning, 5 notice, 6 info, 7 debug. */
  readonly level: number;
  /** May have several lines; hostile, escape before showing. */
  readonly text: string;
}

/** What reading the log takes of a kernel; neither symbols nor types are needed where VMCOREINFO is whole. */
export type LogSource = Pick<Kernel, 'info' | 'symbols' | 'layouts'> & { readonly memory: KernelMemory };

/** The kernel's log, the oldest record first. What was overwritten is missing; what cannot be read too, with a problem. */
export function kernelLog(kernel: LogSource): Walked<readonly LogRecord[]> {
  try {
    const log = readLogRing(kernel) ?? readLogBuffer(kernel);
    return log ?? { value: [], problems: ['no log: neither prb nor log_buf is in a table of symbols'] };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [`no log: ${cause.message}`] };
  }
}

/** Lines as dmesg prints them: `[   12.345678] text`, each line of a text on its own. */
export function logLines(records: readonly LogRecord[]): readonly string[] {
  return records.flatMap(({ seconds, text }) => {
    const stamp = seconds === undefined ? '' : `[${seconds.toFixed(6).padStart(12)}] `;
    return text.split('\n').map((line) => `${stamp}${line}`);
  });
}
