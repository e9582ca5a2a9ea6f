import { expect, test } from 'vitest';
import { MIB, somewhere } from '../../testkit/facts.ts';
import { bytes } from '../base/units.ts';
import type { Finding } from '../findings/finding.ts';
import { joinSeries } from './join-series.ts';

const finding = (id: string, more: Partial<Finding>): Finding => ({
  id,
  title: id,
  summary: `${id}.`,
  verdict: 'growth',
  layer: 'slab-unreclaimable',
  confidence: 0.8,
  evidence: [{ text: `seen by ${id}`, source: somewhere() }],
  next: [],
  ...more,
});
const rate = { bytesPerHour: 4 * MIB, low: 3 * MIB, high: 5 * MIB, hoursLeft: 90 };
const proof = finding('unreachable-objects', {
  verdict: 'leak',
  bytes: bytes(40 * MIB),
  subject: { cache: 'kmalloc-32', aliases: ['names_32'], together: ['dentry'] },
  terms: ['unreachable'],
});

test('the proof of a dump takes the rate of the same cache, and the growth is not told again', () => {
  const growth = finding('slab-cache-growth', { bytes: bytes(41 * MIB), rate, subject: { cache: 'kmalloc-32' } });
  const [joined, ...others] = joinSeries([growth, proof]);
  expect(others).toEqual([]);
  expect(joined).toMatchObject({ id: 'unreachable-objects', rate, terms: ['unreachable', 'growth rate'] });
  expect(joined?.evidence.at(-1)?.text).toBe('over time: seen by slab-cache-growth');
});

test('a cache under its other name, and one that holds another part, are the same story', () => {
  const alias = finding('slab-cache-growth', { subject: { cache: 'names_32' } });
  const part = finding('slab-cache-growth', { rate, subject: { cache: 'dentry' } });
  expect(joinSeries([proof, alias, part])).toHaveLength(1);
});

test('growth of another cache, or of far more than was proven, stays', () => {
  const other = finding('slab-cache-growth', { rate, subject: { cache: 'filp' } });
  const more = finding('slab-cache-growth', { bytes: bytes(400 * MIB), rate, subject: { cache: 'kmalloc-32' } });
  const joined = joinSeries([proof, other, more]);
  expect(joined).toEqual([proof, other, more]);
});

test('pages that no counter explains are explained by lost pages of about that size', () => {
  const pages = finding('unreferenced-pages', { verdict: 'leak', layer: 'page-allocator', bytes: bytes(90 * MIB) });
  const rest = finding('unexplained-pages', { layer: 'page-allocator', bytes: bytes(96 * MIB), rate });
  expect(joinSeries([rest, pages]).map(({ id, rate: r }) => [id, r])).toEqual([['unreferenced-pages', rate]]);
});

test('what is no leak has no end, and "it adds up" is said only where nothing is lost', () => {
  const names = finding('negative-names', { verdict: 'not-a-leak', subject: { cache: 'dentry' } });
  const grown = finding('negative-dentries', { verdict: 'not-a-leak', rate, subject: { cache: 'dentry' } });
  const sums = finding('all-accounted', { verdict: 'not-a-leak', layer: 'none' });
  const [first, second] = joinSeries([names, grown, sums]);
  expect(first?.rate).toEqual({ bytesPerHour: 4 * MIB, low: 3 * MIB, high: 5 * MIB });
  expect(second?.id).toBe('all-accounted');
  expect(joinSeries([proof, sums])).toEqual([proof]);
  expect(joinSeries([sums])).toEqual([sums]);
});

test('who holds what grows is the story of every cache that it is made of; its own rate stays', () => {
  const own = { bytesPerHour: 9 * MIB };
  const held = finding('held-growth', {
    bytes: bytes(10 * MIB),
    rate: own,
    subject: { cache: 'kmalloc-64', together: ['dentry'] },
  });
  const list = finding('slab-cache-growth', { bytes: bytes(MIB), rate, subject: { cache: 'kmalloc-64' } });
  const dentries = finding('slab-cache-growth', { verdict: 'inconclusive', rate, subject: { cache: 'dentry' } });
  const other = finding('slab-cache-growth', { rate, subject: { cache: 'filp' } });
  expect(joinSeries([held, list, dentries, other]).map(({ id, rate: r }) => [id, r])).toEqual([
    ['held-growth', own],
    ['slab-cache-growth', rate],
  ]);
});

test('what processes have open is no leak although counters took it for one, unless a detector named who made it', () => {
  const open = finding('process-holds', {
    verdict: 'not-a-leak',
    bytes: bytes(20 * MIB),
    subject: { cache: 'signal_cache', together: ['sock_inode_cache'] },
  });
  const counted = finding('slab-cache-growth', { verdict: 'leak', subject: { cache: 'signal_cache' } });
  const sockets = finding('open-sockets', { subject: { cache: 'sock_inode_cache', together: ['lsm_inode_cache'] } });
  const named = finding('slab-cache-growth', {
    verdict: 'leak',
    subject: { cache: 'signal_cache', function: 'foo_open' },
  });
  expect(joinSeries([open, counted, sockets, named]).map(({ id, subject }) => [id, subject?.function])).toEqual([
    ['process-holds', undefined],
    ['slab-cache-growth', 'foo_open'],
  ]);
});
