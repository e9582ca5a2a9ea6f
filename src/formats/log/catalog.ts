import type { TextFormat } from '../text/text-format.ts';

/** The formats of this family and what each holds once read. */
export interface LogRecords {}

export const logFormats: readonly { [K in keyof LogRecords]: TextFormat<K, LogRecords[K]> }[keyof LogRecords][] = [];
