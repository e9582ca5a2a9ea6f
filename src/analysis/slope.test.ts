import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureFloor, measureSlope, thin, type Point } from './slope.ts';

/** A generator of the same numbers every time (mulberry32). */
function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normally distributed, by Box and Muller. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const line = (n: number, at: (i: number) => number): Point[] => Array.from({ length: n }, (_, i) => [i * 60, at(i)]);

test('a straight line has its own slope, exactly', () => {
  const slope = measureSlope(line(20, (i) => 1000 + 60 * i * 7));
  expect(slope?.perSecond).toBe(7);
  expect(slope?.low).toBe(7);
  expect(slope?.high).toBe(7);
  expect(slope?.trend).toBe(1);
});

test('noise and bursts do not carry the slope away', () => {
  const random = seeded(5);
  const points = line(60, (i) => 60 * i * 100 + 5000 * normal(random) + (i % 13 === 0 ? 10_000_000 : 0));
  expect(measureSlope(points)?.perSecond).toBeGreaterThan(90);
  expect(measureSlope(points)?.perSecond).toBeLessThan(115);
});

test('a saw-tooth that always comes back has no slope to speak of', () => {
  const slope = measureSlope(line(96, (i) => 1e6 + (i % 8) * 1e6));
  expect(Math.abs(slope?.perSecond ?? 9)).toBeLessThan(50);
  expect(slope?.low).toBeLessThanOrEqual(0);
  expect(slope?.high).toBeGreaterThanOrEqual(0);
});

test('a saw-tooth whose floor rises has the slope of its floor', () => {
  const slope = measureSlope(line(96, (i) => 60 * i * 500 + (i % 8) * 1e5));
  expect(slope?.perSecond).toBeGreaterThan(400);
  expect(slope?.perSecond).toBeLessThan(600);
});

test.each([6, 12, 40])(
  'the 95 per cent interval of %i samples covers the truth in nine tenths of 300 draws and more',
  (n) => {
    const random = seeded(n);
    const covered = Array.from({ length: 300 }, () => {
      const slope = measureSlope(line(n, (i) => 60 * i * 10 + 3000 * normal(random)));
      return slope?.low !== undefined && slope.high !== undefined && slope.low <= 10 && slope.high >= 10;
    });
    expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(270);
  },
);

test('the interval holds the estimate, whatever the samples', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e12 }));
  fc.assert(
    fc.property(fc.array(point, { minLength: 3, maxLength: 30 }), (points) => {
      const slope = measureSlope(points);
      if (!slope || slope.low === undefined || slope.high === undefined) return;
      expect(slope.low).toBeLessThanOrEqual(slope.perSecond);
      expect(slope.high).toBeGreaterThanOrEqual(slope.perSecond);
      expect(Math.abs(slope.trend)).toBeLessThanOrEqual(1);
    }),
  );
});

test('two samples have a slope and no interval', () => {
  const slope = measureSlope([
    [0, 100],
    [10, 200],
  ]);
  expect(slope).toEqual({ perSecond: 10, samples: 2, trend: 1 });
});

test('samples of one time have no slope, and pairs of one time are left out', () => {
  expect(
    measureSlope([
      [5, 1],
      [5, 2],
    ]),
  ).toBeUndefined();
  expect(measureSlope([])).toBeUndefined();
  expect(
    measureSlope([
      [0, 0],
      [0, 1e9],
      [10, 10],
      [20, 20],
    ])?.samples,
  ).toBe(4);
});

test('thinning keeps the first and the last, in order, and no more than asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 2, max: 300 }), (n, most) => {
      const all = Array.from({ length: n }, (_, i) => i);
      const kept = thin(all, most);
      expect(kept.length).toBe(Math.min(n, most));
      expect(kept[0]).toBe(0);
      expect(kept.at(-1)).toBe(n - 1);
      expect(kept.every((x, i) => i === 0 || x > (kept[i - 1] ?? x))).toBe(true);
    }),
  );
});

test('a thinned series keeps its slope and tells how many samples there were', () => {
  const slope = measureSlope(line(5000, (i) => 60 * i * 3));
  expect(slope?.perSecond).toBeCloseTo(3, 9);
  expect(slope?.samples).toBe(5000);
});

test('the floor of a saw-tooth rests, that of a leak rises', () => {
  expect(measureFloor(line(32, (i) => 10 + (i % 8)))).toEqual([10, 10, 10, 10]);
  const rising = measureFloor(line(32, (i) => i * 5 + (i % 4) * 10));
  expect(rising.every((v, i) => i === 0 || v > (rising[i - 1] ?? v))).toBe(true);
});

test('the floor of a short series is the series, and every window has a sample', () => {
  expect(measureFloor(line(3, (i) => i))).toEqual([0, 1, 2]);
  for (let n = 8; n < 40; n++) expect(measureFloor(line(n, () => 1)).every(Number.isFinite)).toBe(true);
});
