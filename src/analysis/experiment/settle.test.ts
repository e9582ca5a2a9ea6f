import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import { every, noiseOf } from '../../../testkit/sample-simulator.ts';
import type { Point } from '../slope.ts';
import { detectableChange, settledFrom } from './settle.ts';

const KIB = 1024;
const RESOLUTION = 4096;

function series(count: number, level: (t: number) => number, scale = 40 * KIB, seed = 4): readonly Point[] {
  const next = noiseOf({ noise: 'white', scale }, seededRandom(seed));
  return every(1, count, 0).map((t): Point => [t, 1e9 + level(t) + next()]);
}

describe('when memory is at rest again', () => {
  test('at once, where nothing moved', () => {
    expect(
      settledFrom(
        series(30, () => 0),
        0,
        RESOLUTION,
      ),
    ).toBe(0);
  });

  test('when most of what comes back slowly has come back', () => {
    const start = settledFrom(
      series(60, (t) => 20e6 * Math.exp(-t / 4)),
      0,
      RESOLUTION,
    );
    expect(start).toBeGreaterThanOrEqual(12);
    expect(start).toBeLessThanOrEqual(30);
  });

  test('not while it still falls', () => {
    expect(
      settledFrom(
        series(30, (t) => -1e6 * t),
        0,
        RESOLUTION,
      ),
    ).toBeUndefined();
  });

  test('a leak that goes on at the rate it had before is rest', () => {
    expect(
      settledFrom(
        series(30, (t) => 1e6 * t),
        1e6,
        RESOLUTION,
      ),
    ).toBe(0);
  });

  test('not said of a few samples', () => {
    expect(
      settledFrom(
        series(4, () => 0),
        0,
        RESOLUTION,
      ),
    ).toBeUndefined();
  });
});

describe('the change that would be seen', () => {
  test('is not known of a few samples', () => {
    expect(
      detectableChange(
        series(8, () => 0),
        RESOLUTION,
      ),
    ).toBeUndefined();
  });

  test('is some times the noise, and grows with it', () => {
    const [quiet = 0, loud = 0] = [20 * KIB, 200 * KIB].map((scale) =>
      detectableChange(
        series(30, () => 0, scale),
        RESOLUTION,
      ),
    );
    expect(quiet).toBeGreaterThan(10 * KIB);
    expect(quiet).toBeLessThan(200 * KIB);
    expect(loud / quiet).toBeGreaterThan(5);
    expect(loud / quiet).toBeLessThan(20);
  });
});
