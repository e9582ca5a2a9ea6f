import { FormatError, type Problem } from '../../base/errors.ts';
import type { AnyTextFormat, Sighting } from '../catalog.ts';
import type { TextLine } from './line.ts';

/** What was found in a stretch of lines. */
export interface Split {
  readonly sightings: readonly Sighting[];
  /** Lines that no format claimed and that are not blank. */
  readonly unclaimed: number;
  /**
   * How many of the lines given were dealt with. Fewer than all only where `more` was set and the last block runs to
   * the end, so that the rest of it may still come.
   */
  readonly consumed: number;
}

/** A block larger than this is read in parts, so that memory stays bounded on endless input. */
export const LARGEST_BLOCK = 200_000;
/**
 * How many lines behind the end of a block a format may look before it decides where the block ends, and how many
 * before its first line. Inputs are read in windows; these many lines are there on both sides, whatever the window.
 */
const LOOK_AHEAD = 64;
export const LOOK_BEHIND = 8;

/**
 * Finds every block of every format in the lines. `more`: the input goes on after them. `from`: lines before it were
 * dealt with and are there because formats look back.
 */
export function splitBlocks(
  formats: readonly AnyTextFormat[],
  lines: readonly TextLine[],
  file: string,
  more = false,
  from = 0,
): Split {
  const sightings: Sighting[] = [];
  const settled = more ? lines.length - LOOK_AHEAD : lines.length;
  let unclaimed = 0;
  let at = from;
  while (at < settled) {
    const blank = lines[at]?.text.trim() === '';
    const claimed = blank ? undefined : claimAt(formats, lines, at);
    if (!claimed) {
      if (!blank) unclaimed++;
      at++;
    } else if (at + claimed.length > settled && claimed.length < LARGEST_BLOCK) {
      break;
    } else {
      sightings.push(see(claimed.format, lines.slice(at, at + claimed.length), file));
      at += claimed.length;
    }
  }
  return { sightings, unclaimed, consumed: at };
}

function claimAt(
  formats: readonly AnyTextFormat[],
  lines: readonly TextLine[],
  at: number,
): { format: AnyTextFormat; length: number } | undefined {
  for (const format of formats) {
    const length = format.claim(lines, at);
    if (length > 0) return { format, length: Math.min(length, lines.length - at) };
  }
  return undefined;
}

/** Reads a block whose format is known. What cannot be read is a sighting of that, with its problem. */
export function see(format: AnyTextFormat, lines: readonly TextLine[], file: string): Sighting {
  const line = lines[0]?.number ?? 1;
  try {
    const { value, problems } = format.parse(lines, file);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- kind and value come from one and the same format
    return { kind: format.kind, value, problems, file, line } as Sighting;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    const problem: Problem = { problem: cause.message, at: cause.at };
    return { kind: 'unread', value: { format: format.kind }, problems: [problem], file, line };
  }
}
