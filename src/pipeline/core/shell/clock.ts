import { ifThere } from '../../../model/memory/memory-fault.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';

/** The kernel's clocks, in seconds, as they were last updated. */
export interface Clock {
  /** Since 1970. */
  readonly now: number;
  /** On the monotonic clock, which does not count suspension. */
  readonly uptime: number;
}

/** `tk_core` holds a sequence count and the timekeeper behind it, aligned to eight bytes (kernel/time/timekeeping.c). */
export function readClock({ symbols, memory, layouts }: Kernel): Clock | undefined {
  // Since 6.17 one of several clocks, the first of an array.
  const core = symbols.find('tk_core') ?? symbols.find('timekeeper_data');
  const [seconds, offset] = [
    layouts.member('timekeeper', 'xtime_sec'),
    layouts.member('timekeeper', 'wall_to_monotonic.tv_sec'),
  ];
  if (core === undefined || !seconds || !offset) return undefined;
  return ifThere(() => {
    const now = Number(BigInt.asIntN(64, memory.u64(core + 8n + BigInt(seconds.offset))));
    const uptime = now + Number(BigInt.asIntN(64, memory.u64(core + 8n + BigInt(offset.offset))));
    return now > 0 && now < 1e11 && uptime >= 0 && uptime < 1e10 ? { now, uptime } : undefined;
  });
}

/** When the machine was started, in seconds since 1970. */
export function bootTime(kernel: Kernel): number | undefined {
  const clock = readClock(kernel);
  return clock && clock.now - clock.uptime;
}
