import type { HostEvent } from '../../model/sample.ts';

/** Three clocks, read at once. */
export interface ClockReading {
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly boot: string;
  /** Seconds since boot, time asleep included (CLOCK_BOOTTIME, /proc/uptime). */
  readonly uptime: number;
  /** Milliseconds that stand still while the host sleeps (CLOCK_MONOTONIC). */
  readonly awake: number;
}

/** Milliseconds. /proc/uptime has hundredths of a second, and the clocks are read a moment apart. */
const NOTICEABLE = 2000;
/** What a clock may drift in a second, in milliseconds; NTP slews by 0.5 at most. */
const DRIFT = 1;

/** What two readings, one after another, say about the time between: a boot, a clock that was set, a host that slept. */
export function clockEvents(
  before: Omit<ClockReading, 'awake'> & { readonly awake?: number },
  now: ClockReading,
): readonly HostEvent[] {
  const { at, boot } = now;
  if (boot !== before.boot)
    return [{ at: Math.round(at - now.uptime * 1000), boot, kind: 'boot', name: 'boot', ...offFor(before.at, now) }];
  const events: HostEvent[] = [];
  const passed = (now.uptime - before.uptime) * 1000;
  const allowed = NOTICEABLE + (passed / 1000) * DRIFT;
  const jump = at - before.at - passed;
  if (Math.abs(jump) > allowed)
    events.push({
      at,
      boot,
      kind: 'clock-jumped',
      name: 'clock',
      detail: `${jump > 0 ? '+' : '−'}${inSeconds(Math.abs(jump))}`,
    });
  const asleep = before.awake === undefined ? 0 : passed - (now.awake - before.awake);
  if (asleep > allowed) events.push({ at, boot, kind: 'suspended', name: 'host', detail: `for ${inSeconds(asleep)}` });
  return events;
}

const inSeconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;

/** How long nothing was recorded, where the clock did not go back meanwhile. */
function offFor(before: number, { at, uptime }: ClockReading): { readonly detail?: string } {
  const off = at - uptime * 1000 - before;
  return off > 0 ? { detail: `${inSeconds(off)} after the last sample` } : {};
}
