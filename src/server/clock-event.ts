import type { PushedEvent, PushedSample } from '../pipeline/serve/ledger.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What stands on a host's page, at most once an hour, where the newest of its samples is more than a day ahead of this clock. */
export function clockEvent(samples: readonly PushedSample[], now: number): readonly PushedEvent[] {
  const newest = samples.reduce((most, { at }) => Math.max(most, at), 0);
  if (newest <= now + DAY) return [];
  const hours = Math.round((newest - now) / HOUR);
  const name = `is ${hours} h ahead of the server’s: such samples are not kept; set one of the two`;
  return [{ at: Math.floor(now / HOUR) * HOUR, kind: 'clock', name }];
}
