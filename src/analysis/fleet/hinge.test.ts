import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import { fitHinge } from './hinge.ts';

const days = (values: readonly number[], runs: readonly number[] = []) =>
  values.map((value, day) => ({ day, value, run: runs.filter((boot) => boot <= day).length }));
const noise = (seed: number): (() => number) => {
  const random = seededRandom(seed);
  return () => random() - 0.5;
};

describe('a rise in the days of a host', () => {
  it('is told from noise', () => {
    const random = noise(1);
    const rest = fitHinge(days(Array.from({ length: 30 }, () => 100 + random())));
    const rise = fitHinge(days(Array.from({ length: 30 }, (_, i) => 100 + 0.5 * i + random())));
    expect(rest?.chance).toBeGreaterThan(0.01);
    expect(rise?.chance).toBeLessThan(1e-6);
    expect(rise?.slope).toBeCloseTo(0.5, 1);
  });

  it('is told from a step', () => {
    const random = noise(2);
    const step = fitHinge(days(Array.from({ length: 30 }, (_, i) => (i < 14 ? 100 : 110) + random())));
    expect(step?.chance).toBeGreaterThan(0.001);
  });

  it('has its day of onset, and of its end', () => {
    const random = noise(3);
    const later = fitHinge(days(Array.from({ length: 30 }, (_, i) => 100 + Math.max(0, i - 12) + random())));
    expect(later?.onset).toBeGreaterThanOrEqual(11);
    expect(later?.onset).toBeLessThanOrEqual(13);
    const ended = fitHinge(days(Array.from({ length: 30 }, (_, i) => 100 + Math.min(i, 12) + random())));
    expect(ended?.end).toBeGreaterThanOrEqual(11);
    expect(ended?.end).toBeLessThanOrEqual(13);
  });

  it('begins again with each boot', () => {
    const random = noise(4);
    const saw = Array.from({ length: 30 }, (_, i) => 100 + (i % 10) + random());
    expect(fitHinge(days(saw, [10, 20]))?.slope).toBeCloseTo(1, 1);
  });

  it('needs four days', () => {
    expect(fitHinge(days([1, 2, 3]))).toBeUndefined();
  });
});
