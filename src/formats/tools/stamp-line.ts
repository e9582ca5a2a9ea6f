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

/** Reads a line that is a time stamp and nothing else; undefined for any other. */
export function readStamp(text: string): Stamp | undefined {
  if (text.length > 200 || !/\d\d?:\d\d|\bup\s|\d-\d\d-\d\d/.test(text)) return undefined;
  const uptimeSeconds = readUptime(text);
  if (uptimeSeconds !== undefined) return { uptimeSeconds, text: text.trim() };
  const inner = OSWATCHER.exec(text)?.[1] ?? DECORATION.exec(text)?.[1];
  const epochSeconds = inner === undefined ? undefined : (readDate(inner) ?? readDate(americanToIso(inner)));
  return inner === undefined || epochSeconds === undefined ? undefined : { epochSeconds, text: inner };
}

/** ExaWatcher: `zzz <04/15/2020 10:00:03>`. */
const americanToIso = (text: string): string => text.replace(/^(\d\d)\/(\d\d)\/(\d{4}) /, '$3-$1-$2 ');
