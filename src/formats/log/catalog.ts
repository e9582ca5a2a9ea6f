import type { TextFormat } from '../text/text-format.ts';
import { dmesg } from './dmesg.ts';
import type { KernelLog } from './kernel-event.ts';

/** The formats of this family and what each holds once read. */
export interface LogRecords {
  readonly dmesg: KernelLog;
}

export const logFormats: readonly { [K in keyof LogRecords]: TextFormat<K, LogRecords[K]> }[keyof LogRecords][] = [
  dmesg,
];
