import { expect, test } from 'vitest';
import { countersOf, makeCache, makeHost, makeSnapshot, MIB, somewhere } from '../../testkit/facts.ts';
import { bytes } from '../base/units.ts';
import type { CacheFacts } from '../model/facts.ts';
import type { CacheTable, SlabCache, Snapshot } from '../model/snapshot.ts';
import { measureCaches } from './caches.ts';

function factsOf(snapshot: Snapshot): CacheFacts {
  const facts = measureCaches(snapshot);
  if (facts.state === 'missing') throw new Error(facts.because);
  return facts.value;
}
const ofTable = (caches: readonly SlabCache[], slabKib: number, more: Partial<CacheTable> = {}): CacheFacts =>
  factsOf(makeSnapshot({ counters: countersOf({ Slab: slabKib }), caches: { caches, whole: true, ...more } }));

test('the ranking is by bytes, with shares of all slab', () => {
  const { ranking } = ofTable([makeCache('a', 1024, 1024), makeCache('b', 3 * 1024, 1024)], 8 * 1024);
  expect(ranking.map((c) => [c.name, c.share])).toEqual([
    ['b', 3 / 8],
    ['a', 1 / 8],
  ]);
});

test('random copies and copies for cgroups are added up', () => {
  const copies = Array.from({ length: 16 }, (_, i) =>
    makeCache(`kmalloc-rnd-${String(i).padStart(2, '0')}-128`, 1000, 128),
  );
  const groups = [makeCache('dentry', 10, 192), makeCache('dentry(7:a)', 20, 192), makeCache('dentry(9:b)', 30, 192)];
  const { ranking } = ofTable([...copies, ...groups], 10_000);
  expect(ranking.map(({ name, objects, copies: n }) => [name, objects, n])).toEqual([
    ['kmalloc-128', 16_000, 16],
    ['dentry', 60, 3],
  ]);
});

test('a family with an unknown count has none, rather than a wrong one', () => {
  const { objects: _, ...uncounted } = makeCache('dentry(7:a)', 20, 192);
  expect(ofTable([makeCache('dentry', 10, 192), uncounted], 10_000).ranking[0]?.objects).toBeUndefined();
});

test('slab that no cache holds is large kmalloc, only where the table is whole', () => {
  const caches = [makeCache('kmalloc-64', 16_384, 64)];
  expect(ofTable(caches, 5 * 1024).largeKmalloc?.bytes).toBe(4 * MIB);
  expect(ofTable(caches, 5 * 1024, { whole: false }).largeKmalloc).toBeUndefined();
  expect(ofTable(caches, 10).largeKmalloc?.bytes).toBe(0);
});

test('what the detectors spend is told apart and not ranked', () => {
  const facts = ofTable([makeCache('kmemleak_object', 1000, 256), makeCache('kmalloc-64', 10, 64)], 1000);
  expect(facts.overhead).toBe(256_000);
  expect(facts.ranking.map((c) => c.name)).toEqual(['kmalloc-64']);
});

test('the flag that sysfs shows outweighs the name', () => {
  const { ranking } = ofTable(
    [makeCache('dentry', 1, 192, { reclaimable: false }), makeCache('inode_cache', 1, 64)],
    10,
  );
  expect(ranking.map((c) => c.reclaimable)).toEqual([false, true]);
});

test('without Slab in meminfo the sum that the table states stands for it', () => {
  const stated = { used: bytes(MIB), held: bytes(2 * MIB), at: somewhere() };
  const facts = factsOf(makeSnapshot({ caches: { caches: [makeCache('a', 1, MIB)], whole: false, stated } }));
  expect(facts.slab.bytes).toBe(2 * MIB);
});

test('no table and an empty table are missing, with the reason', () => {
  expect(measureCaches(makeSnapshot())).toMatchObject({ state: 'missing' });
  expect(measureCaches(makeSnapshot({ caches: { caches: [], whole: true } }))).toMatchObject({ state: 'missing' });
});

test('tables of nonsense add up to something that can be handled', () => {
  const huge = Array.from({ length: 40 }, (_, i) => makeCache(`c${i}`, 1, 2 ** 52));
  expect(() =>
    measureCaches(makeHost({ ram: 1024, caches: [], more: { caches: { caches: huge, whole: true } } })),
  ).not.toThrow();
});
