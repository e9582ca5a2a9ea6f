import { describe, expect, it } from 'vitest';
import { GIB, makeCache, makeSnapshot, runRule, somewhere } from '../../../testkit/facts.ts';
import { bytes } from '../../base/units.ts';
import type { SlabCache, Snapshot } from '../../model/snapshot.ts';
import { halfEmptySlab } from './half-empty-slab.ts';

const holes = (name: string, size: number): SlabCache => makeCache(name, 9e5, size, { slots: 2e6 });
const table = (caches: readonly SlabCache[], used: number, held: number): Snapshot =>
  makeSnapshot({
    caches: { caches, whole: false, stated: { used: bytes(used), held: bytes(held), at: somewhere() } },
  });
const scattered = [holes('dentry', 192), holes('kmalloc-192', 192), holes('kmalloc-96', 96), holes('cred_jar', 192)];

describe('slabs that are half empty over many caches', () => {
  it('are said to be so, with what may have done it', () => {
    expect(runRule(halfEmptySlab, [table(scattered, 1.5 * GIB, 3 * GIB)])[0]).toMatchObject({
      verdict: 'inconclusive',
      layer: 'slab-unreclaimable',
      bytes: 1.5 * GIB,
    });
  });

  it('are no finding where they are full, where it is little, or where one cache has the holes', () => {
    expect(runRule(halfEmptySlab, [table(scattered, 2.5 * GIB, 3 * GIB)])).toEqual([]);
    expect(runRule(halfEmptySlab, [table(scattered, GIB / 8, GIB / 4)])).toEqual([]);
    expect(runRule(halfEmptySlab, [table([holes('kmalloc-1k', 1024)], 1.5 * GIB, 3 * GIB)])).toEqual([]);
    expect(runRule(halfEmptySlab, [makeSnapshot({ caches: { caches: scattered, whole: true } })])).toEqual([]);
  });
});
