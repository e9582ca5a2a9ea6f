import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { readDate } from './date-line.ts';
import { readUptime } from './uptime.ts';

/** A line that says when what follows was taken. At least one of the two clocks is there. */
export interface Stamp {
  readonly epochSeconds?: number;
  readonly uptimeSeconds?: number;
  /** As printed, without decoration. */
  readonly text: string;
}

/** OSWatcher and ExaWatcher begin every sample with it; of its three asterisks one is left once emphasis was taken off. */
const OSWATCHER = /^\s*zzz\s+(?:\*{1,3}\s*|<)(\S.{0,60}?)(?:\s+Sample interval.*|>.*)?\s*$/;
const DECORATION =
  /^[\s#=*[(-]{0,40}(?:(?:date|time|timestamp|sample|at)\s{0,3}[:=]\s{0,3})?([A-Z\d].{5,58}[A-Z\d])[\s#=*\]):-]{0,40}$/i;

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

function readStamp(text: string): Stamp | undefined {
  if (text.length > 200 || !/\d\d?:\d\d|\bup\s|\d-\d\d-\d\d/.test(text)) return undefined;
  const uptimeSeconds = readUptime(text);
  if (uptimeSeconds !== undefined) return { uptimeSeconds, text: text.trim() };
  const inner = OSWATCHER.exec(text)?.[1] ?? DECORATION.exec(text)?.[1];
  const epochSeconds = inner === undefined ? undefined : (readDate(inner) ?? readDate(americanToIso(inner)));
  return inner === undefined || epochSeconds === undefined ? undefined : { epochSeconds, text: inner };
}

/** ExaWatcher: `zzz <04/15/2020 10:00:03>`. */
const americanToIso = (text: string): string => text.replace(/^(\d\d)\/(\d\d)\/(\d{4}) /, '$3-$1-$2 ');
