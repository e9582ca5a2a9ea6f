import { expect, test } from 'vitest';
import { makeCache, makeSeries, makeSnapshot, usualCaches, countersOf } from '../../testkit/facts.ts';
import type { LockstepGroup } from '../model/facts.ts';
import type { SlabCache } from '../model/snapshot.ts';
import { measureCaches } from './caches.ts';
import { measureGrowth } from './growth.ts';
import { measureCountLockstep, measureGrowthLockstep } from './lockstep.ts';

function grown(caches: (step: number) => readonly SlabCache[]): readonly LockstepGroup[] {
  const growth = measureGrowth(makeSeries([0, 3600, 7200], (_, i) => ({ ram: 8192, caches: caches(i) })));
  return growth.state === 'measured' ? measureGrowthLockstep(growth.value) : [];
}
function counted(caches: readonly SlabCache[]): readonly LockstepGroup[] {
  const facts = measureCaches(makeSnapshot({ counters: countersOf({ Slab: 1e6 }), caches: { caches, whole: true } }));
  return facts.state === 'measured' ? measureCountLockstep(facts.value.ranking) : [];
}

test('caches that grew by as many objects are one group, largest first', () => {
  const groups = grown((i) => [
    ...usualCaches(),
    makeCache('kmalloc-cg-1k', 5000 + i * 50_000, 1024),
    makeCache('kmalloc-cg-512', 9000 + i * 49_500, 512),
    makeCache('kmalloc-96', 9000 + i * 20_000, 96),
  ]);
  expect(groups.map((g) => g.caches.map((c) => c.name))).toEqual([['kmalloc-cg-1k', 'kmalloc-cg-512']]);
  expect(groups[0]).toMatchObject({ from: 'growth', objects: 99_000 });
});

test('growth below the gate is no group', () => {
  expect(grown((i) => [makeCache('a', i * 1000, 64), makeCache('b', i * 1000, 64)])).toEqual([]);
});

test('equal numbers in one snapshot count only where they are large', () => {
  const pair = (n: number): readonly SlabCache[] => [
    makeCache('a', n, 64),
    makeCache('b', n * 1.01, 128),
    makeCache('c', n * 2, 64),
  ];
  expect(counted(pair(1_000_000)).map((g) => g.caches.map((c) => c.name))).toEqual([['b', 'a']]);
  expect(counted(pair(50_000))).toEqual([]);
});
