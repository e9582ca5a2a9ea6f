import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MADE_RAM, makeSeries, TREND_KINDS } from '../../../testkit/trend-simulator.ts';
import type { Measured } from '../../model/measured.ts';
import type { Trend, TrendPoint } from '../../model/trend.ts';
import { measureTrend } from './trend.ts';

const MIB = 2 ** 20;
const HOUR = 3600;

/** A reading a minute, `hours` long. */
const series = (hours: number, value: (hour: number) => number, boot?: (hour: number) => string): TrendPoint[] =>
  Array.from({ length: hours * 60 }, (_, i) => ({
    at: 1_800_000_000 + i * 60,
    value: value(i / 60),
    ...(boot ? { boot: boot(i / 60) } : {}),
  }));
const measure = (points: readonly TrendPoint[], room?: number): Trend =>
  measureTrend(points, { totalBytes: MADE_RAM, ...(room === undefined ? {} : { room }) });
/** Uneven, the same each time. */
const noise = (hour: number): number => Math.sin(hour * 997) * 3 * MIB;
function valueOf<T>(fact: Measured<T>): T {
  if (fact.state === 'missing') throw new Error(fact.because);
  return fact.value;
}
const rate = ({ slope }: Trend): number => valueOf(slope).perHour;

describe('a trend', { timeout: 60_000 }, () => {
  it('of a steady leak is its rate, with an interval around it', () => {
    const trend = measure(series(24, (h) => 500 * MIB + h * 10 * MIB + noise(h)));
    expect(trend).toMatchObject({ direction: 'rising', changes: [], samples: 1440 });
    expect(rate(trend) / MIB).toBeCloseTo(10, 0);
    expect(valueOf(trend.slope).low).toBeLessThan(10 * MIB);
    expect(valueOf(trend.slope).high).toBeGreaterThan(10 * MIB);
  });

  it('of what stands still is steady, and of what shrinks falling', () => {
    expect(measure(series(24, (h) => 500 * MIB + noise(h))).direction).toBe('steady');
    expect(measure(series(24, (h) => 900 * MIB - h * 20 * MIB + noise(h))).direction).toBe('falling');
  });

  it('tells a jump from growth, and when it was', () => {
    const trend = measure(series(48, (h) => (h < 20 ? 500 : 900) * MIB + noise(h)));
    expect(trend.direction).toBe('steady');
    expect(trend.changes).toHaveLength(1);
    const [change] = trend.changes;
    expect(change).toMatchObject({ kind: 'step' });
    expect(Math.abs((change?.at ?? 0) - 1_800_000_000 - 20 * HOUR)).toBeLessThanOrEqual((change?.within ?? 0) + 60);
    expect(change?.kind === 'step' ? change.bytes / MIB : 0).toBeCloseTo(400, -1);
  });

  it('tells when growth began; the rate is that of since then', () => {
    const trend = measure(series(72, (h) => 500 * MIB + Math.max(0, h - 30) * 20 * MIB + noise(h)));
    expect(trend.direction).toBe('rising');
    expect(rate(trend) / MIB).toBeCloseTo(20, 0);
    const [bend, ...others] = trend.changes;
    expect(others).toEqual([]);
    expect(bend).toMatchObject({ kind: 'bend' });
    expect(Math.abs(((bend?.at ?? 0) - 1_800_000_000) / HOUR - 30)).toBeLessThan(2);
  });

  it('of a saw-tooth is that of its floor: at rest where it always comes back to it, rising where it does not', () => {
    const tooth = (h: number): number => (h % 5) * 100 * MIB + noise(h);
    const rests = measure(series(72, (h) => 500 * MIB + tooth(h)));
    const rises = measure(series(72, (h) => 500 * MIB + h * 10 * MIB + tooth(h)));
    expect([rests.direction, rises.direction]).toEqual(['steady', 'rising']);
    expect(rises.teeth?.count).toBeGreaterThanOrEqual(12);
    expect(valueOf(rises.floor).perHour / MIB).toBeCloseTo(10, 0);
  });

  it('has the swing of the day taken out where there are two', () => {
    const trend = measure(
      series(72, (h) => 2000 * MIB + Math.sin((h / 24) * 2 * Math.PI) * 500 * MIB + h * 8 * MIB + noise(h)),
    );
    expect(trend.rhythm?.height).toBeGreaterThan(900 * MIB);
    expect(rate(trend) / MIB).toBeCloseTo(8, 0);
  });

  it('goes on over reboots, which give back what leaked', () => {
    const boot = (h: number): string => (h < 25 ? 'a' : h < 50 ? 'b' : 'c');
    const trend = measure(series(72, (h) => 300 * MIB + (h % 25) * 20 * MIB + noise(h), boot));
    expect(trend.stretches.map((s) => s.boot)).toEqual(['a', 'b', 'c']);
    expect([trend.direction, trend.changes]).toEqual(['rising', []]);
    expect(rate(trend) / MIB).toBeCloseTo(20, 0);
  });

  it('says when room is used up, within a band, and refuses where it cannot', () => {
    const leak = series(24, (h) => 500 * MIB + h * 10 * MIB + noise(h));
    const end = valueOf(measure(leak, 1000 * MIB).exhaustion);
    expect(end.hours).toBeGreaterThan(95);
    expect(end.hours).toBeLessThan(105);
    expect(end.low).toBeLessThan(end.hours);
    expect(end.high ?? 0).toBeGreaterThan(end.hours);
    const refusals = [
      measure(leak),
      measure(leak, 1e13),
      measure(
        series(24, noise).map((p) => ({ ...p, value: 1e9 })),
        1e9,
      ),
    ];
    expect(refusals.map(({ exhaustion }) => (exhaustion.state === 'missing' ? exhaustion.because : 'told'))).toEqual([
      'how much memory is left is not known',
      'it is more than 30 times as far away as what was recorded reaches back',
      'it does not grow',
    ]);
  });

  it('of a few readings is not told', () => {
    const trend = measure(series(24, (h) => h).slice(0, 5));
    expect(trend).toMatchObject({
      direction: 'unclear',
      slope: { state: 'missing', because: '5 readings; 8 are needed' },
    });
    expect(measure([])).toMatchObject({ samples: 0, direction: 'unclear' });
  });

  it('is finite for any readings, in whatever order they come', () => {
    const reading = fc.record({
      at: fc.double({ min: 0, max: 1e10, noNaN: true }),
      value: fc.double({ min: 0, max: 1e14, noNaN: true }),
      boot: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), (points) => {
        const { slope, floor, gate } = measureTrend(points, { room: 1e9 });
        const told = [slope, floor].flatMap((e) => (e.state === 'measured' ? [e.value] : []));
        expect(told.flatMap((e) => [e.perHour, e.low, e.high]).filter(Number.isNaN)).toEqual([]);
        expect(gate).toBe(512 * 1024);
      }),
      { numRuns: 200 },
    );
  });
});

/** A part of `node bench/trend.ts`; docs/trend.md has the figures of all of it. */
describe('made series of three days with known truth', () => {
  it.each(TREND_KINDS)(
    '%s: leaks above half a per cent of RAM a day are found, and nothing where there is none',
    (kind) => {
      const each = 10;
      const verdicts = Array.from({ length: each }, (_, seed) => ({
        leaking: measure(makeSeries(kind, true, seed).points).direction,
        healthy: measure(makeSeries(kind, false, seed).points).direction,
      }));
      expect(verdicts.filter((v) => v.leaking === 'rising').length).toBeGreaterThanOrEqual(each - 1);
      expect(verdicts.filter((v) => v.healthy === 'rising')).toEqual([]);
    },
    60_000,
  );
});
