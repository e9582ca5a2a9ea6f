import type { AttributeSpan, FleetGrid } from './fleet.ts';

/** A series laid on the grid; samples that lie between two places go to the nearer, NaN where there is none. */
export function layOnGrid(grid: FleetGrid, times: Float64Array, values: Float64Array): Float64Array {
  const column = new Float64Array(grid.count).fill(Number.NaN);
  for (let i = 0; i < times.length; i++) {
    const place = Math.round(((times[i] ?? 0) - grid.start) / grid.step);
    if (place >= 0 && place < grid.count) column[place] = values[i] ?? Number.NaN;
  }
  return column;
}

/** What two series of the same quantity say together, such as before and after a label changed. The first one wins. */
export function joinColumns(a: Float64Array | undefined, b: Float64Array): Float64Array {
  return a ? a.map((value, i) => (Number.isNaN(value) ? (b[i] ?? Number.NaN) : value)) : b;
}

/** Seconds by which one boot's time is told differently. */
export const CLOCK_DRIFT = 120;

/** Places where the time of the boot is another than before by more than clocks drift. */
export function findBoots(bootTimes: Float64Array): readonly number[] {
  const boots: number[] = [];
  let before = Number.NaN;
  for (const [i, time] of bootTimes.entries()) {
    if (Number.isNaN(time)) continue;
    if (!Number.isNaN(before) && Math.abs(time - before) > CLOCK_DRIFT) boots.push(i);
    before = time;
  }
  return boots;
}

/** When each value of an attribute was seen; a value that is seen again behind a gap was there in between. */
export function spansOf(seen: ReadonlyMap<string, Float64Array>): readonly AttributeSpan[] {
  const spans: { value: string; from: number; to: number }[] = [];
  const columns = [...seen];
  const count = Math.max(0, ...columns.map(([, column]) => column.length));
  for (let i = 0; i < count; i++) {
    const value = columns.find(([, column]) => !Number.isNaN(column[i] ?? Number.NaN))?.[0];
    if (value === undefined) continue;
    const last = spans.at(-1);
    if (last?.value === value) last.to = i;
    else spans.push({ value, from: last ? i : 0, to: i });
  }
  const last = spans.at(-1);
  if (last) last.to = count - 1;
  return spans;
}
