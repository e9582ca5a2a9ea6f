import type { FleetGrid } from '../../model/fleet.ts';

/** One value a day, so that the rhythm of a day is not in it; `run` counts boots, and steps that were told apart. */
export interface Day {
  /** Days since the grid's start. */
  readonly day: number;
  readonly value: number;
  readonly run: number;
}

const DAY = 86_400;
/** A day of fewer samples than this share may have seen the quiet hours only. */
const ENOUGH = 0.5;

/**
 * Medians of the days between boots. The day of a boot is left out: caches fill then. Steps of a day or more are taken as
 * they are.
 */
export function dailyMedians(values: Float64Array, boots: readonly number[], { step }: FleetGrid): readonly Day[] {
  const perDay = Math.max(1, Math.round(DAY / step));
  const days: Day[] = [];
  const starts = [0, ...boots];
  for (const [run, start] of starts.entries()) {
    const end = starts[run + 1] ?? values.length;
    const warm = run === 0 ? start : start + perDay;
    for (let from = warm; from < end; from += perDay) {
      const seen = [...values.subarray(from, Math.min(end, from + perDay))].filter((value) => !Number.isNaN(value));
      if (seen.length === 0 || seen.length < ENOUGH * perDay) continue;
      days.push({ day: (from * step) / DAY, value: median(seen), run });
    }
  }
  return days;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
