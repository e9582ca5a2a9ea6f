import type { Problem } from '../base/errors.ts';
import { detectorFormats, type DetectorRecords } from './detectors/catalog.ts';
import { logFormats, type LogRecords } from './log/catalog.ts';
import { procFormats, type ProcRecords } from './proc/catalog.ts';
import type { TextFormat } from './text/text-format.ts';
import { toolFormats, type ToolRecords } from './tools/catalog.ts';

/** What each kind of block holds once read. Every family adds its own. */
export interface Records extends ProcRecords, DetectorRecords, LogRecords, ToolRecords {
  /** A block whose format is known and whose content could not be read. */
  readonly unread: { readonly format: string };
}

export type RecordKind = keyof Records;

/** One block found in an input: what it is, what it says, where it began and what was damaged in it. */
export interface SightingOf<K extends RecordKind> {
  readonly kind: K;
  readonly value: Records[K];
  readonly problems: readonly Problem[];
  readonly file: string;
  /** Line of the block's first line. */
  readonly line: number;
}
export type Sighting = { [K in RecordKind]: SightingOf<K> }[RecordKind];

export type AnyTextFormat = { [K in RecordKind]: TextFormat<K, Records[K]> }[RecordKind];

/**
 * Every text format, in the order they are asked. Formats with a header or a marked first line come before those that
 * are told by the shape of a row alone.
 */
export const textFormats: readonly AnyTextFormat[] = [
  ...detectorFormats,
  ...logFormats,
  ...toolFormats,
  ...procFormats,
];
