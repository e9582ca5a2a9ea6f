import { expect, test } from 'vitest';
import {
  GIB,
  makeCache,
  makeHost,
  makeSeries,
  makeSnapshot,
  makeVmallocUser,
  MIB,
  somewhere,
  usualCaches,
} from '../../testkit/facts.ts';
import { bytes, seconds } from '../base/units.ts';
import type { Growth, GrowthFacts } from '../model/facts.ts';
import type { Snapshot, VmallocUse } from '../model/snapshot.ts';
import { clockOf, measureGrowth } from './growth.ts';

const HOURS = [0, 1, 2, 3, 4, 5].map((h) => 1000 + h * 3600);

function growthOf(snapshots: readonly Snapshot[]): GrowthFacts {
  const growth = measureGrowth(snapshots);
  if (growth.state === 'missing') throw new Error(growth.because);
  return growth.value;
}
const named = (list: readonly Growth[], name: string): Growth | undefined => list.find((g) => g.name === name);

test('a cache’s rate is bytes per hour, with an interval and a floor that rises', () => {
  const growth = growthOf(
    makeSeries(HOURS, (_, i) => ({
      ram: 8192,
      caches: [...usualCaches(), makeCache('kmalloc-64', 1000 + i * 163_840, 64)],
    })),
  );
  const cache = growth.caches[0];
  expect(cache).toMatchObject({ name: 'kmalloc-64', reclaimable: false, samples: 6, trend: 1, objectSize: 64 });
  expect(cache?.perHour?.value).toBeCloseTo(10 * MIB, -3);
  expect(cache?.perHour?.low).toBeLessThanOrEqual(cache?.perHour?.value ?? 0);
  expect(cache?.floor).toHaveLength(6);
  expect(growth.spanSeconds).toBe(5 * 3600);
});

test('caches that fall, and what detectors spend, are not among those that grow', () => {
  const growth = growthOf(
    makeSeries(HOURS, (_, i) => ({
      ram: 8192,
      caches: [
        makeCache('falls', 10_000 - i, 64),
        makeCache('kmemleak_object', i * 1e6, 256),
        makeCache('rests', 5, 64),
      ],
    })),
  );
  expect(growth.caches).toEqual([]);
});

test('a cache that a whole table lacks at first did not exist: it grew from nothing', () => {
  const growth = growthOf(
    makeSeries([1000, 4600], (_, i) => ({
      ram: 8192,
      caches: [...usualCaches(), ...(i === 0 ? [] : [makeCache('nf_conntrack', 400_000, 256)])],
    })),
  );
  expect(growth.caches[0]).toMatchObject({ name: 'nf_conntrack', first: 0, objects: { first: 0, last: 400_000 } });
});

test('a cache that only a part of a table lacks is not taken for new', () => {
  const part = { caches: [makeCache('dentry', 5000, 192)], whole: false };
  const growth = growthOf(
    makeSeries([1000, 4600], (_, i) => ({
      ram: 8192,
      ...(i === 0 ? { more: { caches: part } } : { caches: [makeCache('nf_conntrack', 400_000, 256)] }),
    })),
  );
  expect(named(growth.caches, 'nf_conntrack')).toBeUndefined();
});

test('buckets and the unexplained part have their growth', () => {
  const growth = growthOf(makeSeries(HOURS, (_, i) => ({ ram: 32_768, percpu: 10 + 100 * i, lost: 160 + 50 * i })));
  expect(named(growth.buckets, 'percpu')?.perHour?.value).toBeCloseTo(100 * MIB, -4);
  expect(named(growth.buckets, 'unexplained')?.perHour?.value).toBeCloseTo(50 * MIB, -6);
});

test('slab that no cache holds has its growth where every table is whole', () => {
  const growth = growthOf(makeSeries(HOURS, (_, i) => ({ ram: 32_768, largeKmalloc: 5 + 100 * i })));
  expect(growth.largeKmalloc?.perHour?.value).toBeCloseTo(100 * MIB, -5);
  const unseen = makeSeries(HOURS, () => ({ ram: 32_768 })).map((s) => makeSnapshot({ counters: s.counters }));
  expect(growthOf(unseen).largeKmalloc).toBeUndefined();
});

test('vmalloc users of one caller in several modules are added up', () => {
  const users = (n: number): VmallocUse => ({
    users: [
      makeVmallocUser('setup_ring', n * MIB, { module: 'a' }),
      makeVmallocUser('setup_ring', n * MIB, { module: 'b' }),
    ],
    stackBytes: bytes(0),
  });
  const growth = growthOf(makeSeries(HOURS, (_, i) => ({ ram: 32_768, more: { vmalloc: users(1 + i) } })));
  expect(growth.vmalloc[0]).toMatchObject({ name: 'setup_ring', first: 2 * MIB, last: 12 * MIB });
});

test('the gate is 0.4 % of RAM and 64 MiB at most, so that a slow leak on a large host is seen', () => {
  const gate = (gib: number): number => growthOf(makeSeries([0, 10], () => ({ ram: gib * 1024 }))).gate;
  expect(gate(1)).toBe(Math.round(GIB * 0.004));
  expect(gate(1024)).toBe(64 * MIB);
  const bare = makeSnapshot({ caches: { caches: [makeCache('a', 1, 64)], whole: false } });
  expect(growthOf([bare, bare]).gate).toBe(512 * 1024);
});

test('one snapshot has no growth, and clocks that differ or stand still have no rate', () => {
  expect(measureGrowth([makeHost({ ram: 8192 })])).toMatchObject({ state: 'missing' });
  const at = (n: number, clock: 'boot' | 'epoch'): Snapshot =>
    makeSnapshot({ time: { seconds: seconds(n), clock, at: somewhere() } });
  expect(clockOf([at(5, 'boot'), at(5, 'boot')])).toBeUndefined();
  expect(clockOf([at(5, 'boot'), at(9, 'epoch')])).toBeUndefined();
  expect(clockOf([at(5, 'boot'), at(9, 'boot')])).toEqual([5, 9]);
  const timeless = [1, 2, 3].map((n) => makeHost({ ram: 8192, caches: [makeCache('kmalloc-64', n * 1e6, 64)] }));
  expect(growthOf(timeless).caches[0]?.perHour).toBeUndefined();
  expect(growthOf(timeless).caches[0]?.trend).toBe(1);
});
