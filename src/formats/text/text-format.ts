import type { Parsed } from '../../base/errors.ts';
import { readStamp } from '../tools/stamp-line.ts';
import type { TextLine } from './line.ts';

/**
 * One text format: how to see that a block of it begins, how far it runs, and how to read it.
 *
 * A text may hold several blocks of several formats, one after another. Formats are asked in the order of the
 * catalogue; the first that claims a line gets the block.
 */
export interface TextFormat<Kind extends string, Value> {
  /** The name that `inputs` of a diagnosis shows, e.g. `meminfo`. */
  readonly kind: Kind;
  /** What it looks for, in words, for the reader whose text matched nothing. */
  readonly looksFor: string;
  /**
   * True where one moment of one host may hold several blocks of it (a report per process, several log excerpts).
   * Where false, a second block is another moment or another host.
   */
  readonly many: boolean;
  /** How many lines, from `at` on, belong to a block that begins there; 0 where none begins. Bounded by the lines given. */
  claim(lines: readonly TextLine[], at: number): number;
  /** Reads the lines of one block. Throws FormatError only where nothing in it can be read. */
  parse(lines: readonly TextLine[], file: string): Parsed<Value>;
}

/**
 * Counts lines from `at` for which `belongs` holds, bridging up to `gap` lines in a row that do not (torn ones). Neither
 * a line for which `ends` holds nor a time stamp is bridged: what comes behind it is of another moment.
 */
export function runOf(
  lines: readonly TextLine[],
  at: number,
  belongs: (text: string) => boolean,
  gap = 0,
  ends: (text: string) => boolean = () => false,
): number {
  let end = at;
  for (let i = at; i < lines.length && i - end <= gap; i++) {
    const text = lines[i]?.text ?? '';
    if (belongs(text)) end = i + 1;
    else if (gap > 0 && (ends(text) || readStamp(text))) break;
  }
  return end - at;
}
