import type { Rate, Verdict } from '../findings/finding.ts';
import { spellBytesBetween, spellHours, spellRate, spellTime } from './amounts.ts';

/**
 * `grows by 4.2 MiB/h, 95 % sure: between 3.9 and 4.5 MiB; memory is used up in about 12 days (2026-09-26 16:00 UTC)`.
 * What is no leak uses nothing up: the kernel takes it back before.
 */
export function rateWords(rate: Rate, verdict: Verdict): string {
  return rateSlope(rate) + (verdict === 'not-a-leak' ? '' : rateEnd(rate));
}

/** How fast, and how sure that is. */
export function rateSlope(rate: Rate): string {
  const verb = rate.bytesPerHour < 0 ? 'shrinks by' : 'grows by';
  return `${verb} ${spellRate(Math.abs(rate.bytesPerHour))}${rateBounds(rate)}`;
}

/** Of a shrinking quantity the bounds are spelled as it is said: without the sign. */
function rateBounds({ bytesPerHour, low, high }: Rate): string {
  if (low === undefined || high === undefined) return '';
  const sign = bytesPerHour < 0 ? -1 : 1;
  const scale = sign * (Math.abs(bytesPerHour) < 1024 ** 2 ? 24 : 1);
  const [from = 0, to = 0] = [low * scale, high * scale].toSorted((a, b) => a - b);
  return `, 95 % sure: ${spellBytesBetween(from, to)}`;
}

function rateEnd({ hoursLeft, exhaustion }: Rate): string {
  const at = exhaustion === undefined ? '' : spellTime(exhaustion);
  if (hoursLeft === undefined) return at === '' ? '' : `; memory is used up at ${at}`;
  return `; memory is used up in about ${spellHours(hoursLeft)}${at === '' ? '' : ` (${at})`}`;
}
