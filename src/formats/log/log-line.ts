import type { Provenance } from '../../base/provenance.ts';
import type { TextLine } from '../text/line.ts';

/** A node's or zone's line of show_mem(): long, so mail programs and terminals fold it, even in the middle of a word. */
const LONG_LINE = /^\s*(?:Node \d+ )?(?:active_anon|(?:DMA|DMA32|Normal|HighMem|Movable) free):\d+kB/;
/** The rest of one: it holds amounts, or the last flag. */
const FOLDED = /\d*kB|:\d+\s|all_unreclaimable|pages_scanned|^\s*(?:yes|no)\s*$/;
/** Lines that begin something else, however much they look like the rest of one. */
const HEAD =
  /^\s*(?:Node \d+ |(?:DMA|DMA32|Normal|HighMem|Movable)(?: free)?:|(?:DMA|DMA32|Normal|HighMem|Movable) free:|lowmem_reserve|protections?\[|\d+ (?:total|pages|reserved)|(?:Free|Total) swap|Swap cache|\[|Out of|Memory|Killed|active_anon:\d+ )/;
/** No line of the kernel is longer. */
const LONGEST = 4_096;

/**
 * Joins lines that were folded on the way: a piece without prefix that follows a node's or zone's line and holds more
 * of its amounts. The joined line keeps the number of its first piece.
 */
export function unfold(lines: readonly TextLine[]): readonly TextLine[] {
  const whole: TextLine[] = [];
  for (const line of lines) {
    const last = whole.at(-1);
    const folded =
      last !== undefined &&
      line.logged !== true &&
      last.text.length + line.text.length <= LONGEST &&
      LONG_LINE.test(last.text) &&
      FOLDED.test(line.text) &&
      !HEAD.test(line.text);
    if (folded) whole[whole.length - 1] = { ...last, text: last.text + line.text };
    else whole.push(line);
  }
  return whole;
}

export const lineAt = (file: string, line: TextLine): Provenance => ({ kind: 'line', file, line: line.number });

/** What every event has: where it stands, and since when the kernel ran. */
export const eventAt = (file: string, line: TextLine): { at: Provenance; uptime?: number } => ({
  at: lineAt(file, line),
  ...(line.uptime === undefined ? {} : { uptime: line.uptime }),
});
