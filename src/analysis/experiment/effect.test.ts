import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import { every, noiseOf, type NoiseKind } from '../../../testkit/sample-simulator.ts';
import type { Point } from '../slope.ts';
import { measureEffect, standTogether, type Effect } from './effect.ts';

const KIB = 1024;

/** 30 samples, an act that takes three seconds, 30 samples; the quantity drifts and gives back `back` bytes. */
function effectOf(noise: NoiseKind, seed: number, back: number, drift = 0): Effect {
  const random = seededRandom(seed);
  const next = noiseOf({ noise, scale: 100 * KIB }, random);
  const points = every(1, 63).map((t): Point => [t, 1e9 + next() + drift * t - (t >= 1030 ? back : 0)]);
  const effect = measureEffect(points.slice(0, 30), points.slice(33), 1029, 4096);
  if (!effect) throw new Error('not measured');
  return effect;
}

const RUNS = 80;
const count = (of: (seed: number) => boolean): number =>
  Array.from({ length: RUNS }, (_, i) => of(i + 1)).filter(Boolean).length / RUNS;

describe('the effect of an act', () => {
  // The larger run, with more kinds and more seeds, is bench/experiments.ts.
  test.each(['white', 'lasting', 'walk', 'walk-and-white'] as const)(
    'in %s noise with a drift, the interval holds the truth in at least 88 of 100 runs, and nothing is claimed of nothing in more than 8',
    (noise) => {
      const drift = 20 * KIB;
      const held = count((seed) => {
        const { change } = effectOf(noise, seed, 0, drift);
        return change.low <= 0 && change.high >= 0;
      });
      const claimed = count((seed) => effectOf(noise, seed + 1000, 0, drift).probability < 0.05);
      expect(held).toBeGreaterThanOrEqual(0.88);
      expect(claimed).toBeLessThanOrEqual(0.08);
    },
    60_000,
  );

  test('twenty times the noise is seen, and told with an interval that holds it', () => {
    const seen = count((seed) => effectOf('white', seed, 2000 * KIB).probability < 0.001);
    const held = count((seed) => {
      const { step } = effectOf('white', seed, 2000 * KIB);
      return step.low <= -2000 * KIB && step.high >= -2000 * KIB;
    });
    expect(seen).toBeGreaterThan(0.96);
    expect(held).toBeGreaterThanOrEqual(0.93);
  }, 60_000);

  test('a leak that ends is no memory that came back: the change is against the drift, the step is against the level', () => {
    const leak = 500 * KIB;
    const points = every(1, 60).map((t): Point => [t, 1e9 + leak * Math.min(t, 1030) + ((t * 7919) % 13) * KIB]);
    const effect = measureEffect(points.slice(0, 30), points.slice(33), 1029, 4096);
    expect(effect?.change.high).toBeLessThan(-5 * leak);
    expect(effect?.step.high).toBeGreaterThan(-2 * leak);
    expect(effect?.driftBefore.low).toBeGreaterThan(0.9 * leak);
    expect(effect?.driftChange.high).toBeLessThan(-0.9 * leak);
    expect(effect?.probability).toBe(1);
  });

  test('what stands still is known to the resolution, not better', () => {
    const flat = (t: number): Point => [t, 5e8];
    const effect = measureEffect(every(1, 20).map(flat), every(1, 20, 1022).map(flat), 1020, 32_768);
    expect(effect?.change.value).toBe(0);
    expect(effect?.change.high).toBeGreaterThan(0);
    expect(effect?.change.low).toBeLessThan(0);
  });

  test('a jump of which several were seen before may have come by chance; one of a size never seen has not', () => {
    const jumpy = (t: number): number => Math.floor(t / 10) * 300 * KIB;
    const before = every(1, 40).map((t): Point => [t, jumpy(t)]);
    const after = (jump: number): Point[] => every(1, 30, 1043).map((t) => [t, jumpy(1039) + jump]);
    expect(measureEffect(before, after(-300 * KIB), 1040, 4096)?.chance).toBeGreaterThan(0.05);
    expect(measureEffect(before, after(-9000 * KIB), 1040, 4096)?.chance).toBeLessThan(0.05);
  });

  test('too few samples give no effect', () => {
    const points = every(1, 20).map((t): Point => [t, t]);
    expect(measureEffect(points.slice(0, 5), points.slice(5), 1005, 1)).toBeUndefined();
    expect(measureEffect(points.slice(0, 17), points.slice(17), 1017, 1)).toBeUndefined();
  });
});

describe('several quantities together', () => {
  test('one of a hundred that is improbable by itself does not stand', () => {
    const probabilities = Array.from({ length: 100 }, (_, i) => (i === 40 ? 0.01 : 0.5));
    expect(standTogether(probabilities).filter(Boolean)).toEqual([]);
  });

  test('what is improbable beside a hundred others stands, and in its shadow less is asked of the next', () => {
    const stands = standTogether([0.0001, 0.024, 0.6]);
    expect(stands).toEqual([true, true, false]);
  });
});
