import { describe, expect, it } from 'vitest';
import { clockEvents, type ClockReading } from './host-clock.ts';

const START = 1_800_000_000_000;
const before: ClockReading = { at: START, boot: 'a', uptime: 1000, awake: 500_000 };
const later = (more: Partial<ClockReading>): ClockReading => ({
  at: START + 10_000,
  boot: 'a',
  uptime: 1010,
  awake: 510_000,
  ...more,
});
const told = (now: ClockReading): readonly string[] =>
  clockEvents(before, now).map((e) => `${e.kind} ${e.detail ?? ''}`);

describe('what the clocks say about the time between two samples', () => {
  it('is nothing where all went on alike, or drifted as clocks do', () => {
    expect(told(later({}))).toEqual([]);
    expect(told(later({ at: START + 10_400 }))).toEqual([]);
    const day = { at: START + 86_400_000 + 40_000, uptime: 1000 + 86_400, awake: 500_000 + 86_400_000 };
    expect(told(later(day))).toEqual([]);
  });

  it('is that the clock was set, forward or back', () => {
    expect(told(later({ at: START + 3_610_000 }))).toEqual(['clock-jumped +3600 s']);
    expect(told(later({ at: START - 7_190_000 }))).toEqual(['clock-jumped −7200 s']);
  });

  it('is that the host slept: time since boot went on, the clock that stands still in sleep did not', () => {
    expect(told(later({ at: START + 600_000, uptime: 1600 }))).toEqual(['suspended for 590 s']);
  });

  it('is a boot, at the time of it, with how long nothing was recorded', () => {
    const now = later({ at: START + 130_000, boot: 'b', uptime: 10, awake: 1000 });
    expect(clockEvents(before, now)).toEqual([
      { at: START + 120_000, boot: 'b', kind: 'boot', name: 'boot', detail: '120 s after the last sample' },
    ]);
  });
});
