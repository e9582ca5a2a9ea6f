import type { TextFormat } from '../text/text-format.ts';

/** The formats of this family and what each holds once read. */
export interface DetectorRecords {}

export const detectorFormats: readonly { [K in keyof DetectorRecords]: TextFormat<K, DetectorRecords[K]> }[keyof DetectorRecords][] = [];
