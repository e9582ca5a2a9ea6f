import { expect, test } from 'vitest';
import { makeCache, makeSeries, makeSnapshot, somewhere } from '../../testkit/facts.ts';
import type { DentryFacts } from '../model/facts.ts';
import type { SlabCache, Snapshot } from '../model/snapshot.ts';
import { measureDentries } from './dentries.ts';
import { measureGrowth } from './growth.ts';

function factsOf(caches: readonly SlabCache[], more: Partial<Snapshot> = {}): DentryFacts {
  const facts = measureDentries(makeSnapshot({ caches: { caches, whole: true }, ...more }));
  if (facts.state === 'missing') throw new Error(facts.because);
  return facts.value;
}
const state = (negative?: number): Partial<Snapshot> => ({
  dentryState: {
    dentries: { count: 1e6, at: somewhere() },
    unused: { count: 9e5, at: somewhere() },
    ...(negative === undefined ? {} : { negative: { count: negative, at: somewhere() } }),
  },
});
const INODES = [makeCache('ext4_inode_cache', 100_000, 1096), makeCache('xfs_inode', 50_000, 1024)];

test('dentries beyond all inodes are negative, as an estimate', () => {
  const facts = factsOf([makeCache('dentry', 1_000_000, 192), ...INODES]);
  expect(facts.inodes).toMatchObject({ count: 150_000, caches: ['ext4_inode_cache', 'xfs_inode'] });
  expect(facts.negative).toMatchObject({ count: 850_000, counted: false });
});

test('what the kernel counts outweighs the estimate', () => {
  const facts = factsOf([makeCache('dentry', 1_000_000, 192), ...INODES], state(700_000));
  expect(facts.negative).toMatchObject({ count: 700_000, counted: true });
  expect(facts.unused?.count).toBe(900_000);
});

test('kernels before 5.0 print 0 there, which says nothing', () => {
  expect(factsOf([makeCache('dentry', 1_000_000, 192), ...INODES], state(0)).negative).toMatchObject({
    counted: false,
  });
});

test('copies for cgroups are added up on both sides', () => {
  const facts = factsOf([
    makeCache('dentry', 10, 192),
    makeCache('dentry(5:pod)', 90, 192),
    makeCache('inode_cache(5:pod)', 30, 600),
  ]);
  expect(facts.dentries.count).toBe(100);
  expect(facts.inodes.count).toBe(30);
});

test('security blobs and journal entries are no inodes', () => {
  expect(
    factsOf([makeCache('dentry', 100, 192), makeCache('lsm_inode_cache', 70, 32), makeCache('jbd2_inode', 9, 64)])
      .inodes.count,
  ).toBe(0);
});

test('a part of a table does not allow the estimate, nor do more inodes than dentries', () => {
  const caches = [makeCache('dentry', 1_000_000, 192), ...INODES];
  expect(factsOf(caches, { caches: { caches, whole: false } }).negative).toBeUndefined();
  expect(factsOf([makeCache('dentry', 1000, 192), ...INODES]).negative).toBeUndefined();
});

test('over a series what was added is compared', () => {
  const series = makeSeries([0, 3600], (_, i) => ({
    ram: 8192,
    caches: [makeCache('dentry', 1000 + i * 90_000, 192), makeCache('ext4_inode_cache', 500 + i * 5000, 1096)],
  }));
  const growth = measureGrowth(series);
  const [, last] = series;
  if (growth.state === 'missing' || !last) throw new Error('no growth');
  const facts = measureDentries(last, growth.value);
  expect(facts.state === 'measured' ? facts.value.added : undefined).toEqual({
    dentries: 90_000,
    inodes: 5000,
    negative: 85_000,
  });
});

test('without the dentry cache there is nothing to say', () => {
  expect(measureDentries(makeSnapshot())).toMatchObject({ state: 'missing' });
});

test('rows of dentries alone do not say how many inodes were added', () => {
  const series = makeSeries([0, 3600], (_, i) => ({
    ram: 8192,
    caches: [makeCache('dentry', 1000 + i * 90_000, 192)],
  }));
  const cut = series.map((s) => ({ ...s, caches: { caches: s.caches?.caches ?? [], whole: false } }));
  const growth = measureGrowth(cut);
  const [, last] = cut;
  if (growth.state === 'missing' || !last) throw new Error('no growth');
  const facts = measureDentries(last, growth.value);
  expect(facts.state).toBe('measured');
  expect(facts).not.toHaveProperty('value.added');
});
