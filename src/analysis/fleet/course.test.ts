import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../testkit/seeded-random.ts';
import type { FleetGrid } from '../../model/fleet.ts';
import { courseOf } from './course.ts';
import { fitHinge } from './hinge.ts';
import { measureHostTrend } from './host-trend.ts';
import { divideHosts } from './leaking-hosts.ts';

const GIB = 2 ** 30;
const grid: FleetGrid = { start: 0, step: 86_400, count: 30 };
const random = seededRandom(5);
const rough = (values: readonly number[], by: number): number[] => values.map((value) => value + by * (random() - 0.5));
const series = (shape: (day: number) => number, by = 0.1): number[] =>
  rough(
    Array.from({ length: 30 }, (_, day) => shape(day)),
    by,
  );
const course = (values: readonly number[], boots: readonly number[] = [], changes: readonly number[] = []): string => {
  const days = values.map((value, day) => ({ day, value, run: boots.filter((boot) => boot <= day).length }));
  const hinge = fitHinge(days);
  return hinge ? courseOf(days, hinge, changes) : 'none';
};

describe('what a rise comes to', () => {
  it('a cache that fills for ten days and then rests is none', () => {
    expect(course(series((day) => 10 + Math.min(day, 10)))).toBe('rests');
    expect(course(series((day) => 10 + 10 * (1 - Math.exp(-day / 4))))).toBe('rests');
  });

  it('a leak that a boot, or a new version, ended is one', () => {
    expect(
      course(
        series((day) => (day < 15 ? 10 + day : 10)),
        [15],
      ),
    ).toBe('ended');
    expect(
      course(
        series((day) => 10 + Math.min(day, 12)),
        [],
        [12],
      ),
    ).toBe('ended');
  });

  it('caches that fill after a boot to where they were are none; a leak that goes past it is one', () => {
    const refill = (steep: number) => (day: number) => (day < 20 ? 20 : 10 + steep * (day - 20));
    expect(course(series(refill(0.9)), [20])).toBe('rests');
    expect(course(series(refill(2.5)), [20])).toBe('rises');
  });

  it('a leak that begins again after each boot, and one that pauses over a week-end, is one', () => {
    expect(
      course(
        series((day) => 10 + (day % 10)),
        [10, 20],
      ),
    ).toBe('rises');
    expect(course(series((day) => 10 + Math.min(day, 27)))).toBe('rises');
  });
});

describe('a host of which more than one quantity moves', () => {
  const host = (name: string, signals: Readonly<Record<string, readonly number[]>>) => ({
    name,
    totalBytes: 64 * GIB,
    boots: [],
    attributes: new Map(),
    signals: new Map(
      Object.entries(signals).map(([key, values]) => [key, Float64Array.from(values, (v) => v * 0.05 * GIB)]),
    ),
  });

  it('is told by the one that matters, not by one that rises surely and by next to nothing', () => {
    const drift = series((day) => 1 + day * 1e-4, 1e-6);
    const trend = measureHostTrend(
      host('a', { 'kernel stacks': drift, unexplained: series((day) => 20 + 3 * day, 4) }),
      grid,
    );
    expect(trend.strongest?.signal).toBe('unexplained');
    expect(divideHosts([trend]).leaking).toHaveLength(1);
  });

  it('is leaking where the leak is uneven, so that its days follow each other', () => {
    let level = 20;
    const uneven = Array.from({ length: 30 }, (_, day) => {
      level = day % 15 === 0 ? 20 : level + 2 * random() * (Math.floor(day / 4) % 2 === 0 ? 1.6 : 0.7);
      return level;
    });
    const leak = { ...host('leaks', { 'slab, unreclaimable': uneven }), boots: [15] };
    const quiet = Array.from({ length: 39 }, (_, i) =>
      host(`quiet-${i}`, { 'slab, unreclaimable': series(() => 20, 2) }),
    );
    const { leaking } = divideHosts([leak, ...quiet].map((one) => measureHostTrend(one, grid)));
    expect(leaking.map(({ name }) => name)).toEqual(['leaks']);
  });

  it('is not leaking when what it holds swings far, without a direction', () => {
    let level = 50;
    const walk = (): number[] => Array.from({ length: 30 }, () => (level = level * 0.9 + 5 + 12 * (random() - 0.5)));
    const hosts = Array.from({ length: 60 }, (_, i) => host(`host-${i}`, { unexplained: walk() }));
    const { leaking } = divideHosts(hosts.map((one) => measureHostTrend(one, grid)));
    expect(leaking.length).toBeLessThanOrEqual(1);
  });
});
