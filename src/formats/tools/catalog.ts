import type { TextFormat } from '../text/text-format.ts';

/** The formats of this family and what each holds once read. */
export interface ToolRecords {}

export const toolFormats: readonly { [K in keyof ToolRecords]: TextFormat<K, ToolRecords[K]> }[keyof ToolRecords][] = [];
