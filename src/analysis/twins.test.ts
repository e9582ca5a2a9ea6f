import { expect, test } from 'vitest';
import { makeCache, makeHost, makeSeries, makeSnapshot, MIB, somewhere, usualCaches } from '../../testkit/facts.ts';
import { seconds } from '../base/units.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { measureRelation } from './relation.ts';
import { chooseSick, measureDifferences } from './twins.ts';

const healthy = makeHost({ ram: 8192, more: { label: 'healthy' } });
const sick = makeHost({
  ram: 8192,
  caches: [...usualCaches(), makeCache('kmalloc-128', 1_770_000, 128)],
  more: { label: 'sick' },
});
const timed = (n: number, clock: 'boot' | 'epoch' = 'boot', more: Partial<Snapshot> = {}): Snapshot =>
  makeHost({ ram: 8192, more: { time: { seconds: seconds(n), clock, at: somewhere() }, label: String(n), ...more } });

test('one snapshot, a series, moments without a clock and different hosts are told apart', () => {
  expect(measureRelation([healthy])).toEqual({ kind: 'one' });
  expect(measureRelation([timed(1), timed(2)]).kind).toBe('series');
  expect(measureRelation([healthy, sick]).kind).toBe('moments');
  expect(measureRelation([makeHost({ ram: 8192 }), makeHost({ ram: 16_384 })])).toMatchObject({ kind: 'twins' });
  expect(
    measureRelation([timed(1, 'boot', { host: { name: 'a' } }), timed(2, 'boot', { host: { name: 'b' } })]),
  ).toMatchObject({
    kind: 'twins',
    because: ['their host names differ: a, b'],
  });
});

test('a series in the wrong order is put in order', () => {
  const relation = measureRelation([timed(300), timed(100), timed(200)]);
  expect(relation.kind === 'series' ? relation.snapshots.map((s) => s.label) : []).toEqual(['100', '200', '300']);
});

test('moments that have times are the series, one without stands beside it', () => {
  const relation = measureRelation([timed(1), healthy, timed(9)]);
  expect(relation.kind === 'series' ? relation.snapshots.length : 0).toBe(2);
});

test('memory that is plugged in by and by is still one host', () => {
  expect(measureRelation(makeSeries([0, 60, 120], (_, i) => ({ ram: 30_720 + i * 1024 }))).kind).toBe('series');
});

test('the one that holds more of what leaks is examined, whichever was given first', () => {
  expect(chooseSick(sick, healthy)[0].label).toBe('sick');
  expect(chooseSick(healthy, sick)[0].label).toBe('sick');
});

test('the largest surplus stands first, with objects of both', () => {
  const { differences, unlike } = measureDifferences(sick, healthy, 'twins');
  const cache = differences.find((d) => d.kind === 'cache');
  expect(cache).toMatchObject({ name: 'kmalloc-128', here: 1_770_000 * 128, there: 0, objectsHere: 1_770_000 });
  expect(
    differences.every(
      (d, i) => i === 0 || d.here - d.there <= (differences[i - 1]?.here ?? 0) - (differences[i - 1]?.there ?? 0),
    ),
  ).toBe(true);
  expect(unlike).toEqual([]);
});

test('a name that the other lacks is none of it only where the other lists everything', () => {
  const part = { ...healthy, caches: { caches: usualCaches(), whole: false } };
  expect(measureDifferences(sick, part, 'twins').differences.some((d) => d.name === 'kmalloc-128')).toBe(false);
  const { caches: _, ...none } = healthy;
  expect(measureDifferences(sick, none, 'twins').differences.some((d) => d.kind === 'cache')).toBe(false);
});

test('another kernel is told, because it may explain the difference', () => {
  const other = { ...healthy, host: { ...healthy.host, release: '5.10.0' } };
  expect(measureDifferences(sick, other, 'twins').unlike.join()).toMatch(/kernels differ/);
});

test('nothing seen on either side is no difference', () => {
  expect(measureDifferences(makeSnapshot(), makeSnapshot(), 'moments').differences).toEqual([]);
  expect(
    measureDifferences(sick, healthy, 'twins').differences.find((d) => d.name === 'unexplained')?.here,
  ).toBeLessThan(64 * MIB);
});
