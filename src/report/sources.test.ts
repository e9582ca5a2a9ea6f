import { expect, it } from 'vitest';
import { pageAllocatorGrowth, slabLeak } from '../../testkit/sample-diagnosis.ts';
import type { Provenance } from '../base/provenance.ts';
import { placesOf, sharedDirectory, spellSource } from './sources.ts';

const line = (file: string, number: number): Provenance => ({ kind: 'line', file, line: number });
const derived = (...from: readonly Provenance[]): Provenance => ({ kind: 'derived', by: 'sum', from });

it('joins lines to ranges and groups them by file, without the shared directory', () => {
  const source = derived(line('a/b/meminfo', 3), line('a/b/meminfo', 1), line('a/b/meminfo', 2), line('a/b/x', 9));
  expect(spellSource(source, 'a/b/')).toBe('meminfo:1-3, x:9');
});

it('spells a place in a dump by its offset', () => {
  expect(spellSource({ kind: 'bytes', file: 'vmcore', offset: 4104, length: 4 }, '')).toBe('vmcore@0x1008');
});

it('says what computed a value that has no place', () => {
  expect(spellSource(derived(), '')).toBe('by sum');
});

it('counts a place once, and stops at a thousand', () => {
  expect(placesOf(derived(line('a', 1), derived(line('a', 1), line('a', 2))))).toHaveLength(2);
  expect(
    placesOf({ kind: 'derived', by: 'sum', from: Array.from({ length: 200_000 }, (_, i) => line('a', i)) }),
  ).toHaveLength(1000);
});

it('stands any depth', () => {
  let deep = line('a', 1);
  for (let i = 0; i < 100_000; i++) deep = derived(deep);
  expect(placesOf(deep)).toEqual([line('a', 1)]);
});

it('finds the directory that all inputs share', () => {
  expect(sharedDirectory(pageAllocatorGrowth)).toBe('captures/node7/');
  expect(sharedDirectory(slabLeak)).toBe('field/');
  expect(sharedDirectory({ ...slabLeak, inputs: [] })).toBe('');
  expect(sharedDirectory({ ...slabLeak, inputs: ['/a/x', '/b/x'].map((file) => ({ kind: 'x', file })) })).toBe('');
});
