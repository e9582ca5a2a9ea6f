import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { readStamp, type Stamp } from './stamp-line.ts';

/**
 * A lone date (as date(1) prints it, or ISO 8601, perhaps between rules), OSWatcher's `zzz ***`, or a line of uptime. A
 * date with a line of uptime right behind it is one stamp. Every stamp begins a new moment.
 */
export const stamp: TextFormat<'stamp', Stamp> = {
  kind: 'stamp',
  looksFor: 'a line that is a date, "zzz ***Wed Jun 29 10:24:15 CEST 2022", or the output of uptime',
  many: false,

  claim(lines, at) {
    const first = readStamp(lines[at]?.text ?? '');
    if (!first) return 0;
    return first.uptimeSeconds === undefined && readStamp(lines[at + 1]?.text ?? '')?.uptimeSeconds !== undefined
      ? 2
      : 1;
  },

  parse(lines): Parsed<Stamp> {
    const read = lines.flatMap(({ text }) => readStamp(text) ?? []);
    return { value: read.reduce<Stamp>((all, one) => ({ ...one, ...all }), read[0] ?? { text: '' }), problems: [] };
  },
};
