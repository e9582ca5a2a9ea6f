import { describe, expect, it } from 'vitest';
import { GIB, makeCache, makeHost, makeSnapshot, runRule, somewhere, usualCaches } from '../../../testkit/facts.ts';
import { bytes } from '../../base/units.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { zfsCaches } from './zfs-caches.ts';

const own = [
  makeCache('dnode_t', 3e6, 900),
  makeCache('zio_buf_comb_16384', 9e4, 16384),
  makeCache('sa_cache', 2e6, 248),
];
const arc = (size: number): Snapshot['pools'] => [
  { id: 'zfs-arc', name: 'ZFS ARC', bytes: bytes(size), owner: 'zfs', at: somewhere() },
];

describe('slab caches of ZFS', () => {
  it('are named, and left open, where the size of the ARC was not seen', () => {
    const [finding] = runRule(zfsCaches, [makeSnapshot({ caches: { caches: own, whole: false } })]);
    expect(finding).toMatchObject({ verdict: 'inconclusive', subject: { cache: 'dnode_t' }, owner: { name: 'zfs' } });
  });

  it('are explained by an ARC of their size, not by one much smaller', () => {
    const host = (size: number): Snapshot =>
      makeHost({ ram: 16384, caches: [...usualCaches(), ...own], more: { pools: arc(size) } });
    expect(runRule(zfsCaches, [host(5 * GIB)])[0]).toMatchObject({ verdict: 'not-a-leak' });
    expect(runRule(zfsCaches, [host(GIB)])[0]).toMatchObject({ verdict: 'inconclusive' });
  });

  it('are no finding where they are small', () => {
    const few = own.map((c) => ({ ...c, bytes: bytes(c.bytes / 40) }));
    expect(runRule(zfsCaches, [makeHost({ ram: 16384, caches: [...usualCaches(), ...few] })])).toEqual([]);
  });
});
