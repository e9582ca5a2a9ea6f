import type { TrendEvent, TrendMoment, TrendQuantity } from '../../findings/trend.ts';
import { spellBytes, spellHours, spellRate, spellTime } from '../amounts.ts';
import { rateSlope } from '../rate-words.ts';

/** `module loaded: i40e (2.3.6 → 2.4.10)` */
export function eventWords({ kind, name, detail }: TrendEvent): string {
  const what = kind === name || kind === 'boot' ? kind : `${kind.replaceAll('-', ' ')}: ${name}`;
  return detail === undefined ? what : `${what} (${detail})`;
}

/** `jumps by 300 MiB`, `rate from 0 B/h to 4.2 MiB/h` */
export function momentWords(moment: TrendMoment): string {
  if (moment.kind === 'step') {
    const bytes = moment.bytes ?? 0;
    return `${bytes < 0 ? 'falls' : 'jumps'} by ${spellBytes(Math.abs(bytes))}`;
  }
  return `from ${spellRate(moment.beforeBytesPerHour ?? 0)} to ${spellRate(moment.afterBytesPerHour ?? 0)}`;
}

/** What changed on the host then; says so where nothing that was recorded did. */
export const coincidingWords = ({ coincides }: TrendMoment): string =>
  coincides.length === 0 ? 'nothing else was seen to change then' : coincides.map(eventWords).join('; ');

/** `12:30 UTC on Nov 26, ± 8 min` */
export function whenWords({ at, withinSeconds }: TrendMoment, wallClock: boolean): string {
  const within = withinSeconds >= 60 ? ` ± ${spellHours(withinSeconds / 3600)}` : '';
  return wallClock ? `${spellTime(at)}${within}` : `+${spellHours(Date.parse(at) / 3_600_000)}${within}`;
}

/** The rate that decides: of a saw-tooth its floor's. */
export function rateLine({ rate, rateUnknown = '', teeth, floor, floorUnknown = '' }: TrendQuantity): string {
  if (!teeth) return rate ? rateSlope(rate) : `not known: ${rateUnknown}`;
  const shape = `a saw-tooth, ${teeth.count} falls of about ${spellBytes(teeth.heightBytes)}`;
  return floor ? `${shape}; its floor ${rateSlope(floor)}` : `${shape}; its floor is not known: ${floorUnknown}`;
}

/** Lowest values over the recording, oldest first. */
export const floorLine = ({ floor }: TrendQuantity): string | undefined =>
  floor && floor.points.map(([, bytes]) => spellBytes(bytes)).join(', ');

/** `in 9 days (8 to 11), about 2026-12-05 14:00 UTC`, or why that is not told. */
export function endLine({ end, endRefused }: TrendQuantity): string | undefined {
  if (!end) return endRefused === undefined ? undefined : `not told: ${endRefused}`;
  const [low, high] = [spellHours(end.low), end.high === undefined ? undefined : spellHours(end.high)];
  const band = high === undefined ? ` (${low} at the earliest)` : low === high ? '' : ` (${low} to ${high})`;
  return `memory is used up in about ${spellHours(end.hours)}${band}${end.at === undefined ? '' : `, ${spellTime(end.at)}`}`;
}
