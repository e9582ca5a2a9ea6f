import { describe, expect, it } from 'vitest';
import {
  countersOf,
  GIB,
  makeCache,
  makeHost,
  makeSnapshot,
  runRule,
  somewhere,
  usualCaches,
} from '../../../testkit/facts.ts';
import { bytes } from '../../base/units.ts';
import type { SlabCache, Snapshot } from '../../model/snapshot.ts';
import { networkBuffers } from './network-buffers.ts';

const packets = (count: number, each = 'kmalloc-1k', size = 1024): readonly SlabCache[] => [
  makeCache('skbuff_head_cache', count, 256),
  makeCache(each, count * 0.97, size),
];
const host = (caches: readonly SlabCache[], kib = {}): Snapshot =>
  makeHost({ ram: 16384, kib, caches: [...usualCaches().filter((c) => c.name !== 'kmalloc-1k'), ...caches] });

describe('network packets that pile up', () => {
  it('are one finding for the heads and the data they point to', () => {
    expect(runRule(networkBuffers, [host(packets(1.5e6))])[0]).toMatchObject({
      verdict: 'growth',
      layer: 'slab-unreclaimable',
      subject: { cache: 'skbuff_head_cache', together: ['kmalloc-1k'] },
    });
  });

  it('are told from a table alone, where they are a good part of slab', () => {
    const stated = { used: bytes(GIB), held: bytes(GIB), at: somewhere() };
    const table = { caches: packets(6e5), whole: false, stated };
    expect(runRule(networkBuffers, [makeSnapshot({ caches: table })])).toHaveLength(1);
  });

  it('leave out kmalloc caches that hold something else', () => {
    const [finding] = runRule(networkBuffers, [
      host([makeCache('skbuff_head_cache', 5e6, 256), makeCache('kmalloc-4k', 9e4, 4096)]),
    ]);
    expect(finding?.subject).toEqual({ cache: 'skbuff_head_cache', type: 'struct sk_buff' });
  });

  it('are no finding where they are few, wait in TCP queues, or left a cache half empty', () => {
    expect(runRule(networkBuffers, [host(packets(3e4))])).toEqual([]);
    expect(runRule(networkBuffers, [host(packets(1.5e6), { TcpMem: 1.6e6 })])).toEqual([]);
    const left = makeCache('skbuff_head_cache', 5e6, 256, { slots: 9e6 });
    expect(runRule(networkBuffers, [host([left])])).toEqual([]);
    expect(runRule(networkBuffers, [makeSnapshot({ counters: countersOf({ MemTotal: 1 }) })])).toEqual([]);
  });
});
