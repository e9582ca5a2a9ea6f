import type { TextFormat } from '../text/text-format.ts';
import { meminfo, type Meminfo } from './meminfo.ts';
import { slabinfo, type Slabinfo } from './slabinfo.ts';

/** The formats of this family and what each holds once read. */
export interface ProcRecords {
  readonly meminfo: Meminfo;
  readonly slabinfo: Slabinfo;
}

export const procFormats: readonly { [K in keyof ProcRecords]: TextFormat<K, ProcRecords[K]> }[keyof ProcRecords][] = [
  slabinfo,
  meminfo,
];
