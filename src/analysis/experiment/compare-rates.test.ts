import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import { noiseOf, type NoiseKind } from '../../../testkit/sample-simulator.ts';
import type { TrendPoint } from '../../model/trend.ts';
import { compareRates, joinRates, probabilityOfGrowth, rateInterval, type JoinedRate } from './compare-rates.ts';
import { measureGrowthRate, type GrowthRate } from './growth-rate.ts';

const MIB = 2 ** 20;

/** A sample every ten minutes of something that grows by `rate` MiB/h. */
function points(hours: number, rate: number, seed: number, noise: NoiseKind = 'white', scale = 0.5): TrendPoint[] {
  const next = noiseOf({ noise, scale: scale * MIB }, seededRandom(seed));
  return Array.from({ length: hours * 6 }, (_, i) => ({
    at: i * 600,
    value: 200 * MIB + (rate * MIB * i) / 6 + next(),
  }));
}

function rateOf(...given: Parameters<typeof points>): GrowthRate {
  const rate = measureGrowthRate(points(...given), 8 * 2 ** 30);
  if (!rate) throw new Error('not measured');
  return rate;
}

function join(rates: readonly GrowthRate[]): JoinedRate {
  const joined = joinRates(rates);
  if (!joined) throw new Error('nothing to join');
  return joined;
}

const RUNS = 40;
const share = (of: (seed: number) => boolean): number =>
  Array.from({ length: RUNS }, (_, i) => of(i + 1)).filter(Boolean).length / RUNS;
const compared = (left: number, hours: number, seed: number, noise?: NoiseKind): ReturnType<typeof compareRates> =>
  compareRates(join([rateOf(48, 4, seed, noise)]), join([rateOf(hours, 4 * left, seed + 500, noise)]), 0.2);

describe('the rate of one host', () => {
  test('is that of the truth, with an interval that holds it', () => {
    const held = share((seed) => {
      const { low, high } = rateInterval(join([rateOf(24, 4, seed)]));
      return low <= 4 * MIB && 4 * MIB <= high;
    });
    expect(held).toBeGreaterThanOrEqual(0.95);
  }, 30_000);

  test('noise that wanders is hardly ever taken for growth', () => {
    const wrong = share((seed) => probabilityOfGrowth(join([rateOf(48, 0, seed, 'walk')])) < 0.025);
    expect(wrong).toBeLessThanOrEqual(0.1);
  }, 30_000);

  test('its error falls with time, the faster the less the noise lasts', () => {
    const fall = (noise: NoiseKind): number => {
      const { errorAfter } = rateOf(24, 4, 7, noise);
      return errorAfter(24) / errorAfter(96);
    };
    expect(fall('white')).toBeGreaterThan(3);
    expect(fall('walk')).toBeGreaterThan(1.3);
    expect(fall('walk')).toBeLessThan(fall('white'));
  });

  test('boots are not compared by level', () => {
    const first = points(24, 4, 1).map((p) => ({ ...p, boot: 'a' }));
    const second = points(24, 4, 2).map((p) => ({ ...p, at: p.at + 25 * 3600, value: p.value - 90 * MIB, boot: 'b' }));
    const rate = measureGrowthRate([...first, ...second], 8 * 2 ** 30);
    expect((rate?.perHour ?? 0) / MIB).toBeCloseTo(4, 0);
  });

  test('three copies of /proc make a rate with a wide interval; two make none', () => {
    const three = [0, 4.2, 7.9].map((grown, i) => ({ at: i * 3600, value: (100 + grown) * MIB }));
    const rate = measureGrowthRate(three, 8 * 2 ** 30);
    expect((rate?.perHour ?? 0) / MIB).toBeCloseTo(3.95, 1);
    expect(rate?.freedom).toBe(1);
    expect(measureGrowthRate(three.slice(0, 2), 8 * 2 ** 30)).toBeUndefined();
  });
});

describe('a fix', () => {
  test('that leaves nothing is shown within a day, and never called not fixed', () => {
    const outcomes = Array.from({ length: RUNS }, (_, i) => compared(0, 24, i + 1).outcome);
    expect(outcomes.filter((o) => o === 'fixed').length).toBeGreaterThanOrEqual(0.95 * RUNS);
    expect(outcomes).not.toContain('not-fixed');
  }, 30_000);

  test('that changes nothing is found out in hours', () => {
    const outcomes = Array.from({ length: RUNS }, (_, i) => compared(1, 6, i + 1).outcome);
    expect(outcomes.filter((o) => o === 'not-fixed').length).toBeGreaterThanOrEqual(0.95 * RUNS);
    expect(outcomes).not.toContain('fixed');
  }, 30_000);

  test('that leaves half is not fixed', () => {
    expect(compared(0.5, 72, 3).outcome).toBe('not-fixed');
    expect(compared(0.5, 72, 3).left.value).toBeCloseTo(0.5, 1);
  });

  test('at the limit neither is claimed more often than it is allowed to be wrong', () => {
    const claimed = share((seed) => compared(0.2, 48, seed).outcome !== 'not-enough-data');
    expect(claimed).toBeLessThanOrEqual(0.1);
  }, 30_000);

  test('too little data says for how many hours more, and after those it is shown four times out of five', () => {
    let [asked, shown] = [0, 0];
    for (let seed = 1; seed <= RUNS; seed++) {
      const { outcome, moreHours } = compared(0, 3, seed);
      if (outcome !== 'not-enough-data' || moreHours === undefined) continue;
      asked++;
      if (compared(0, Math.ceil(3 + moreHours), seed + 2000).outcome === 'fixed') shown++;
    }
    expect(asked).toBeGreaterThan(RUNS / 2);
    expect(shown / asked).toBeGreaterThanOrEqual(0.7);
  }, 60_000);
});

describe('a cohort', () => {
  const hosts = (rates: readonly number[], seed: number): JoinedRate =>
    join(rates.map((rate, i) => rateOf(24, rate, seed + i)));

  test('of like hosts knows its rate better than one of them', () => {
    const many = hosts([4, 4, 4, 4, 4], 1);
    expect(many.error).toBeLessThan(rateOf(24, 4, 1).error);
    expect([many.hosts, many.perHour / MIB]).toEqual([5, expect.closeTo(4, 0)]);
  });

  test('of hosts that differ is only as sure as their number', () => {
    const unlike = hosts([1, 3, 5, 7], 1);
    expect(unlike.freedom).toBe(3);
    expect(unlike.between / MIB).toBeCloseTo(2.6, 0);
    expect(unlike.error / MIB).toBeGreaterThan(1);
  });

  test('that differs too much asks for hosts, not for hours', () => {
    const after = hosts([-3, 4, -4, 3], 1);
    const result = compareRates(hosts([4, 4.2, 3.9, 4.1], 50), after, 0.2);
    expect(result.outcome).toBe('not-enough-data');
    expect(result.moreHours).toBeUndefined();
    expect(result.moreHosts).toBeGreaterThan(10);
  });

  test('no host has no rate', () => {
    expect(joinRates([])).toBeUndefined();
  });
});
