import { readDate } from './date-line.ts';

/** When a row of a table was taken. `clock`: since 1970, or since an instant that only the table knows. */
export interface RowTime {
  readonly seconds: number;
  readonly clock: 'epoch' | 'table';
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const OF_DAY = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const AMOUNT =
  /^(?:(day|hour|min)\w*\s+)?\+?(\d{1,13}(?:\.\d{1,6})?)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)?$/i;
const HEADER_UNIT = /\b(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)\b/i;
const DAY = 86_400;

/**
 * Reads the first cell of a row: a date, a time of day (each earlier than the one before begins another day), seconds
 * since 1970, or a number with a unit, its own or the header's. A number without any unit tells nothing.
 */
export function readRowTime(label: string, header: string, before: RowTime | undefined): RowTime | undefined {
  const date = readDate(label);
  if (date !== undefined) return { seconds: date, clock: 'epoch' };
  const [, hours, minutes, secs = '0'] = OF_DAY.exec(label) ?? [];
  if (hours !== undefined) return afterThe(before, Number(hours) * 3600 + Number(minutes) * 60 + Number(secs));
  return readNumber(label, header);
}

function readNumber(label: string, header: string): RowTime | undefined {
  const [, word, digits, own] = AMOUNT.exec(label) ?? [];
  if (digits === undefined) return undefined;
  const n = Number(digits);
  if (n > 1e9 && n < 4e9) return { seconds: n, clock: 'epoch' };
  if (n > 1e12 && n < 4e12) return { seconds: n / 1000, clock: 'epoch' };
  const unit = (own ?? word ?? HEADER_UNIT.exec(header)?.[1] ?? '').charAt(0).toLowerCase();
  const scale = SECONDS[unit];
  return scale === undefined ? undefined : { seconds: n * scale, clock: 'table' };
}

/** The first moment after `before` with this time of day. */
function afterThe(before: RowTime | undefined, ofDay: number): RowTime {
  const last = before?.clock === 'table' ? before.seconds : 0;
  const days = Math.max(0, Math.ceil((last - ofDay) / DAY));
  return { seconds: ofDay + days * DAY, clock: 'table' };
}
