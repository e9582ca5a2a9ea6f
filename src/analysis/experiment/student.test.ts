import { describe, expect, test } from 'vitest';
import { studentCdf, studentQuantile } from './student.ts';

describe('Student’s t', () => {
  // From the printed tables of the distribution.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
    [1e6, 1.96],
  ])('%i degrees of freedom: 97.5 %% lie below %f', (freedom, t) => {
    expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 2);
    expect(studentCdf(t, freedom)).toBeCloseTo(0.975, 4);
  });

  test('is symmetric, and goes from 0 to 1', () => {
    expect(studentQuantile(0.025, 7)).toBeCloseTo(-studentQuantile(0.975, 7), 9);
    expect(studentCdf(0, 3)).toBe(0.5);
    expect([studentCdf(-Infinity, 3), studentCdf(Infinity, 3)]).toEqual([0, 1]);
  });
});
