import { describe, expect, it } from 'vitest';
import { Spread, thin } from './spread.ts';

describe('a few of many numbers', () => {
  it('are all of them as long as they are few', () => {
    const spread = new Spread(8);
    for (let i = 0; i < 8; i++) spread.add(i);
    expect(spread.items).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('are spread over all that were added, and bounded', () => {
    const spread = new Spread(8);
    for (let i = 0; i < 100_000; i++) spread.add(i);
    expect(spread.seen).toBe(100_000);
    expect(spread.items.length).toBeGreaterThanOrEqual(4);
    expect(spread.items.length).toBeLessThanOrEqual(8);
    const gaps = spread.items.slice(1).map((item, i) => item - (spread.items[i] ?? 0));
    expect(new Set(gaps).size).toBe(1);
    expect(100_000 - (spread.items.at(-1) ?? 0)).toBeLessThanOrEqual(gaps[0] ?? 0);
  });

  it('are thinned without leaving an end out', () => {
    expect(thin([1, 2, 3], 8)).toEqual([1, 2, 3]);
    expect(thin([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6]);
  });
});
