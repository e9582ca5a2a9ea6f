import { describe, expect, it } from 'vitest';
import { countersOf, GIB, makeCache, makeHost, makeSnapshot, MIB, runRule, somewhere } from '../../../testkit/facts.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { SlabCache, Snapshot } from '../../model/snapshot.ts';
import { negativeDentries } from './negative-dentries.ts';
import { reclaimableSlab } from './reclaimable-slab.ts';

/** The first rows of a slabtop, its head stating `held` for all caches. */
function makeSlabtop(caches: readonly SlabCache[], held: number): Snapshot {
  const stated = { used: bytes(held), held: bytes(held), at: somewhere(1, 'slabtop') };
  return makeSnapshot({ caches: { caches, whole: false, stated } });
}

const first = (snapshot: Snapshot): Finding | undefined => runRule(reclaimableSlab, [snapshot])[0];

const inodes = (name: string, count: number): SlabCache => makeCache(name, count, 1000);
const dentries = (count: number): SlabCache => makeCache('dentry', count, 192);

describe('slab flagged reclaimable', () => {
  it('is a cache where inodes of a file system on disk are most of it, also without meminfo', () => {
    const table = [
      inodes('xfs_inode', 4e6),
      dentries(4e6),
      makeCache('xfs_ili', 1e6, 192),
      makeCache('filp', 9e4, 256),
    ];
    expect(first(makeSlabtop(table, 5 * GIB))).toMatchObject({
      verdict: 'not-a-leak',
      layer: 'slab-reclaimable',
      subject: { cache: 'xfs_inode' },
    });
  });

  it('proves nothing where inodes of sockets are most of it', () => {
    const table = [makeCache('sock_inode_cache', 3e6, 640), dentries(3e6), inodes('ext4_inode_cache', 3e4)];
    expect(first(makeSlabtop(table, 3 * GIB))).toMatchObject({ verdict: 'inconclusive' });
  });

  it('is spoken of where only the two lines of meminfo were given', () => {
    const counters = countersOf({ Slab: 2_200_000, SReclaimable: 2_100_000 });
    expect(first(makeSnapshot({ counters }))).toMatchObject({ verdict: 'inconclusive', layer: 'slab-reclaimable' });
  });

  it('is no finding on a host of usual size, nor in a table of which it is the smaller part', () => {
    expect(first(makeHost({ ram: 8192 }))).toBeUndefined();
    expect(first(makeSlabtop([makeCache('kmalloc-64', 9e7, 64), dentries(3e6)], 7 * GIB))).toBeUndefined();
    expect(first(makeSlabtop([inodes('ext4_inode_cache', 1e5), dentries(1e5)], 200 * MIB))).toBeUndefined();
  });
});

describe('negative dentries in the first rows of slabtop', () => {
  const rows = (last: SlabCache): Snapshot =>
    makeSlabtop([dentries(9e6), inodes('btrfs_inode', 2e5), makeCache('kmalloc-512', 5e4, 512), last], 3 * GIB);

  it('are told where the rows are sorted and what is not shown cannot hold their inodes', () => {
    const [finding] = runRule(negativeDentries, [rows(makeCache('filp', 5e4, 256))]);
    expect(finding).toMatchObject({ verdict: 'not-a-leak', layer: 'slab-reclaimable' });
    expect(finding?.summary).toContain('negative');
  });

  it('are not told where rows are in no order: the inodes may be in any that is not shown', () => {
    expect(runRule(negativeDentries, [rows(makeCache('kmalloc-2k', 4e5, 2048))])).toEqual([]);
  });
});
