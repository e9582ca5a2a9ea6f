import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cacheFamily, isDetectorOverhead, isInodeCache, isReclaimableCache, kmallocSize } from './slab-names.ts';

const read = (path: string): string => readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8');

test('the names agree with the flags that a kernel shows for its merged caches', () => {
  const links = [...read('proc/slab-links/6.1-slub.txt').matchAll(/^(\S+) -> :([A-Za-z]*)-?\d+/gm)];
  expect(links.length).toBeGreaterThan(100);
  const wrong = links.filter(([, name = '', flags = '']) => flags.includes('a') !== isReclaimableCache(name));
  // The context of reads that are verified got the flag in a later release.
  expect(wrong.map(([, name]) => name)).toEqual([]);
});

test.each(['healthy', 'path-references', 'negative-dentries', 'sequence-file', 'sequence-file-6.12'])(
  'in the capture %s the caches that are reclaimable by name add up to SReclaimable',
  (capture) => {
    const stated = Number(/^SReclaimable:\s+(\d+) kB/m.exec(read(`captures/${capture}/end/meminfo`))?.[1]);
    const rows = read(`captures/${capture}/end/slabinfo`)
      .split('\n')
      .map((row) => row.split(/\s+/));
    const kib = rows
      .filter(([name = '', ...rest]) => rest.length > 14 && isReclaimableCache(name))
      .reduce((sum, row) => sum + Number(row[14]) * Number(row[5]) * 4, 0);
    expect(Math.abs(kib - stated)).toBeLessThanOrEqual(stated * 0.01);
  },
);

test.each([
  // Inodes that are no cache, blobs beside inodes, and helpers of file systems: made without the flag.
  'shmem_inode_cache',
  'hugetlbfs_inode_cache',
  'mqueue_inode_cache',
  'lsm_inode_cache',
  'selinux_inode_security',
  'iint_cache',
  'jbd2_inode',
  'xfs_ifork',
  'btrfs_path',
  'btrfs_extent_buffer',
  'btrfs_extent_map',
  'btrfs_delayed_node',
  'nfsd_file',
  'ceph_cap',
  'kernfs_node_cache',
  'inotify_inode_mark',
  'vm_area_struct',
  'kmalloc-cg-32',
  'kmalloc-64',
  'ext4_system_zone',
  'ext4_io_end_vec',
  'names_cache',
  'filp',
  'fscache_cookie_jar',
])('%s is no reclaimable cache', (name) => {
  expect(isReclaimableCache(name)).toBe(false);
});

test.each([
  'dentry',
  'dentry_cache',
  'inode_cache',
  'proc_inode_cache',
  'sock_inode_cache',
  'ext3_inode_cache',
  'xfs_inode',
  'xfs_ili',
  'xfs_buf',
  'btrfs_inode',
  'fuse_inode',
  'ovl_inode',
  'erofs_inode',
  'nfs_inode_cache',
  'rpc_inode_cache',
  'v9fs_inode_cache',
  'f2fs_extent_node',
  'gfs2_glock(aspace)',
  'bdev_cache',
  'dquot',
  'buffer_head',
  'radix_tree_node',
  'kmalloc-rcl-96',
  'jbd2_journal_head',
  'ext4_groupinfo_4k',
  'tracefs_inode_cache',
  'ubifs_inode_slab',
])('%s is a reclaimable cache', (name) => {
  expect(isReclaimableCache(name)).toBe(true);
});

test('dentries can only belong to inodes; blobs and journal entries are none', () => {
  for (const name of [
    'ext4_inode_cache',
    'shmem_inode_cache',
    'sock_inode_cache',
    'xfs_inode',
    'fuse_inode',
    'hfsplus_icache',
    'ubifs_inode_slab',
    'jfs_ip',
    'bdev_cache',
    'inode_cache',
  ]) {
    expect(isInodeCache(name)).toBe(true);
  }
  for (const name of [
    'lsm_inode_cache',
    'selinux_inode_security',
    'jbd2_inode',
    'inotify_inode_mark',
    'dentry',
    'xfs_ili',
  ]) {
    expect(isInodeCache(name)).toBe(false);
  }
});

test('general caches tell their size by name, whatever the release calls them', () => {
  expect(kmallocSize('kmalloc-128')).toBe(128);
  expect(kmallocSize('kmalloc-cg-1k')).toBe(1024);
  expect(kmallocSize('kmalloc-rnd-07-96')).toBe(96);
  expect(kmallocSize('dma-kmalloc-8192')).toBe(8192);
  expect(kmallocSize('size-4096(DMA)')).toBe(4096);
  expect(kmallocSize('kmalloc-4M')).toBe(4 * 1024 * 1024);
  expect(kmallocSize('kmalloc')).toBeUndefined();
  expect(kmallocSize('dentry')).toBeUndefined();
});

test('random copies and copies for cgroups are one family; accounted and reclaimable ones are families of their own', () => {
  expect(cacheFamily('kmalloc-rnd-15-2k')).toBe('kmalloc-2k');
  expect(cacheFamily('kmalloc-1024(1793:pod-1.slice)')).toBe('kmalloc-1024');
  expect(cacheFamily('dentry(12:machine)')).toBe('dentry');
  expect(cacheFamily('size-64(DMA)')).toBe('size-64');
  expect(cacheFamily('kmalloc-cg-64')).toBe('kmalloc-cg-64');
  expect(cacheFamily('kmalloc-rcl-64')).toBe('kmalloc-rcl-64');
});

test('what detectors spend on themselves is overhead', () => {
  expect(['kmemleak_object', 'kmemleak_scan_area', 'page_owner_stack'].every(isDetectorOverhead)).toBe(true);
  expect(['kmalloc-64', 'page->ptl'].some(isDetectorOverhead)).toBe(false);
});

test('a hostile name takes no time', () => {
  const started = performance.now();
  for (const name of [
    'a_inode'.repeat(20_000),
    `${'('.repeat(100_000)}1:`,
    `kmalloc-${'9'.repeat(100_000)}x`,
    '_'.repeat(100_000),
  ]) {
    isReclaimableCache(name);
    isInodeCache(name);
    cacheFamily(name);
    kmallocSize(name);
  }
  expect(performance.now() - started).toBeLessThan(500);
});
