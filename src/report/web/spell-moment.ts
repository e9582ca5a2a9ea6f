import { spellHours } from '../amounts.ts';

/** `2026-11-26 16:00`, in UTC, of milliseconds since 1970. */
export const spellMoment = (at: number): string =>
  Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().slice(0, 16).replace('T', ' ') : 'at no time';

/** `4 minutes ago`; what is to come, by a clock that is ahead, is now. */
export const spellAge = (at: number, now: number): string =>
  now - at < 60_000 ? 'just now' : `${spellHours((now - at) / 3_600_000)} ago`;
