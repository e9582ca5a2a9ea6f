import { describe, expect, it } from 'vitest';
import { countersOf, makeSnapshot, runRule, type Kib } from '../../../testkit/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { kernelBeyondCaches } from './kernel-beyond-caches.ts';
import { userProcesses } from './processes.ts';

const smem = (noncache: number, more: Kib = {}): Snapshot =>
  makeSnapshot({
    counters: countersOf({
      MemTotal: 8e6,
      MemFree: 3e5,
      AnonPages: 4.6e6,
      KernelNoncache: noncache,
      KernelCache: 4e5,
      ...more,
    }),
  });

describe('kernel memory that is no cache, as smem adds it up', () => {
  it('is large: what it is, meminfo would tell, and processes are not the explanation', () => {
    const snapshot = smem(2.4e6);
    expect(runRule(kernelBeyondCaches, [snapshot])[0]).toMatchObject({
      verdict: 'inconclusive',
      layer: 'page-allocator',
    });
    expect(runRule(userProcesses, [snapshot])).toEqual([]);
  });

  it('is no finding where it is small, or where meminfo tells its parts', () => {
    expect(runRule(kernelBeyondCaches, [smem(6e5)])).toEqual([]);
    expect(runRule(kernelBeyondCaches, [smem(2.4e6, { SUnreclaim: 2e6 })])).toEqual([]);
    expect(runRule(userProcesses, [smem(6e5)])[0]).toMatchObject({ verdict: 'not-a-leak', layer: 'user' });
  });
});
