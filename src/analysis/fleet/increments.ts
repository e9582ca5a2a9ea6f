import { aboveStudent } from './chance.ts';
import type { Day } from './daily.ts';

/** Fewer changes from day to day show nothing. */
const FEWEST = 7;

/**
 * How often changes from day to day would go up so, were each as likely to go down. Where noise adds up, as a leak that is
 * uneven does, the levels follow each other and tell little; their changes do not. 1 where there are too few.
 */
export function chanceOfIncrements(days: readonly Day[]): number {
  const rates: number[] = [];
  for (const [i, { day, value, run }] of days.entries()) {
    const before = days[i - 1];
    if (before?.run === run && day > before.day) rates.push((value - before.value) / (day - before.day));
  }
  const n = rates.length;
  if (n < FEWEST) return 1;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / n;
  const spread = Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (n - 1));
  if (mean <= 0) return 1;
  if (spread === 0) return 0;
  return aboveStudent((mean * Math.sqrt(n)) / spread, n - 1);
}
