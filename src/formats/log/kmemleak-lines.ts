import type { TextLine } from '../text/line.ts';
import type { KernelEvent } from './kernel-event.ts';
import { eventAt } from './log-line.ts';

type Kmemleak = Extract<KernelEvent, { kind: 'kmemleak' }>;

const STATES: readonly (readonly [Kmemleak['state'], RegExp])[] = [
  ['initialized', /leak detector initialized/],
  ['disabled', /leak detector disabled|[Kk]memleak disabled/],
  // Until 5.4 a log of what was allocated before the detector ran; since then a pool of its own records.
  ['early-log-exceeded', /[Ee]arly log buffer exceeded(?: \((\d{1,12})\))?/],
  ['pool-exhausted', /[Mm]emory pool empty|Cannot allocate a kmemleak_object structure/],
  ['suspects', /(\d{1,12}) new suspected memory leaks?/],
];

/** What the kernel's leak detector says of itself in the log. Written by mm/kmemleak.c, 2.6.31 to 6.18. */
export function readKmemleakLine(line: TextLine, file: string): KernelEvent | undefined {
  if (!/^\s*kmemleak: /.test(line.text)) return undefined;
  for (const [state, shape] of STATES) {
    const found = shape.exec(line.text);
    if (!found) continue;
    const count = found[1];
    return {
      kind: 'kmemleak',
      ...eventAt(file, line),
      state,
      ...(count === undefined ? {} : { count: Number(count) }),
      text: line.text.trim(),
    };
  }
  return undefined;
}
