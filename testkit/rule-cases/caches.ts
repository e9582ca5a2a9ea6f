import { countersOf, GIB, makeCache, makeSnapshot, usualCaches } from '../facts.ts';
import { HOURS, at, host, more, series, twins, withCaches, type RuleCase, sawTooth } from './hosts.ts';
import { bytes } from '../../src/base/units.ts';

/** Rules about slab caches, by id: what makes each speak, and what must not. The pairs are as near to each other as they can be. */
export const cacheCases: Readonly<Record<string, RuleCase>> = {
  'slab-pinned-sockets': {
    fires: {
      'inodes of sockets and dentries, nearly all in use, and few files': withCaches(
        makeCache('sock_inode_cache', 300_000, 832, { reclaimable: true }),
        makeCache('dentry(5:x)', 300_000, 192, { reclaimable: true }),
      ),
    },
    rests: {
      'as many open files as sockets: a busy proxy': host({
        caches: [
          ...usualCaches().filter((c) => c.name !== 'filp'),
          makeCache('filp', 320_000, 256),
          makeCache('sock_inode_cache', 300_000, 832, { reclaimable: true }),
          makeCache('dentry(5:x)', 300_000, 192, { reclaimable: true }),
        ],
      }),
      'a few hundred sockets': withCaches(makeCache('sock_inode_cache', 800, 832, { reclaimable: true })),
    },
  },
  'open-sockets': {
    fires: {
      'inodes of sockets that are open': series((i) => ({
        caches: [...usualCaches(), makeCache('sock_inode_cache', 1000 + i * 60_000, 832, { reclaimable: true })],
        more: { sockets: { used: { count: 1000 + i * 60_000, at } } },
      })),
    },
    rests: {
      'inodes of sockets that are closed': series((i) => ({
        caches: [...usualCaches(), makeCache('sock_inode_cache', 1000 + i * 60_000, 832, { reclaimable: true })],
        more: { sockets: { used: { count: 400, at } } },
      })),
    },
  },
  'slab-cache-growth': {
    fires: {
      'a cache that grows 38 MiB an hour': series((i) => ({
        caches: [...usualCaches(), makeCache('kmalloc-192', 5000 + i * 208_000, 192)],
      })),
      'a saw-tooth whose floor rises': sawTooth(20_000),
    },
    rests: {
      'a cache that rests': series(() => ({})),
      'a saw-tooth that comes back': sawTooth(0),
      'warm-up below the gate': series((i) => ({
        caches: [...usualCaches(), makeCache('kmalloc-64', 5000 + i * 1000, 64)],
      })),
      'records of kmemleak': series((i) => ({
        caches: [...usualCaches(), makeCache('kmemleak_object', i * 400_000, 256)],
      })),
      'one snapshot': withCaches(makeCache('kmalloc-192', 5_000_000, 192)),
    },
  },
  'slab-lockstep': {
    fires: {
      'two caches of as many objects, and large': withCaches(
        makeCache('kmalloc-cg-1k', 900_000, 1024),
        makeCache('kmalloc-cg-96', 905_000, 96),
      ),
    },
    rests: {
      'areas and their chains': withCaches(
        makeCache('anon_vma', 3_000_000, 104),
        makeCache('anon_vma_chain', 3_050_000, 64),
      ),
      'inodes and their security blobs': withCaches(
        makeCache('ext4_inode_cache(1:a)', 2_000_000, 1096, { reclaimable: true }),
        makeCache('lsm_inode_cache', 2_000_000, 32),
      ),
      'small numbers': withCaches(makeCache('kmalloc-cg-1k', 60_000, 1024), makeCache('kmalloc-cg-96', 60_000, 96)),
    },
  },
  'slab-cache-outsized': {
    fires: { 'a general cache that holds most of slab': withCaches(makeCache('kmalloc-128', 8_000_000, 128)) },
    rests: {
      'a cache that is reclaimable': withCaches(makeCache('xfs_inode', 1_000_000, 1024, { reclaimable: true })),
      'slots that are mostly free': withCaches(
        makeCache('kmalloc-128', 800_000, 128, { slots: 8_000_000, bytes: bytes(GIB) }),
      ),
      'records of kmemleak': withCaches(makeCache('kmemleak_object', 8_000_000, 256)),
      'a general cache of usual size': withCaches(makeCache('kmalloc-128', 80_000, 128)),
    },
  },
  'slab-listed-difference': {
    fires: {
      'one cache gained far more than all others': [
        makeSnapshot({
          caches: {
            caches: [makeCache('kmalloc-192', 200_000, 192), makeCache('filp', 9000, 256)],
            whole: false,
            difference: true,
          },
        }),
      ],
    },
    rests: {
      'many gained alike': [
        makeSnapshot({
          caches: {
            caches: ['a', 'b', 'c'].map((name) => makeCache(name, 200_000, 192)),
            whole: false,
            difference: true,
          },
        }),
      ],
    },
  },
  'slab-questioned': {
    fires: {
      'one row cut out of a table': [
        makeSnapshot({ caches: { caches: [makeCache('kmalloc-192', 400_000, 192)], whole: false } }),
      ],
    },
    rests: { 'a whole table': host() },
  },
  'large-kmalloc': {
    fires: {
      'a gigabyte of slab that no cache holds': host({ largeKmalloc: 1000 }),
      'a little of it that grows': series((i) => ({ largeKmalloc: 5 + 30 * i })),
    },
    rests: {
      'a few buffers': host({ largeKmalloc: 20 }),
      'a table that is cut': host({ largeKmalloc: 1000, more: { caches: { caches: usualCaches(), whole: false } } }),
    },
  },
  'negative-dentries': {
    fires: {
      'millions more dentries than inodes': withCaches(makeCache('dentry(5:x)', 8_000_000, 192, { reclaimable: true })),
    },
    rests: {
      'as many inodes': withCaches(
        makeCache('dentry(5:x)', 8_000_000, 192, { reclaimable: true }),
        makeCache('xfs_inode', 8_000_000, 200, { reclaimable: true }),
      ),
      'few dentries': host(),
    },
  },
  'slab-reclaimable-large': {
    fires: { 'a third of RAM in inodes': withCaches(makeCache('xfs_inode', 2_700_000, 1024, { reclaimable: true })) },
    rests: { 'the usual': host() },
  },
  'slab-fragmentation': {
    fires: {
      'a gigabyte of free slots': withCaches(
        makeCache('kmalloc-512', 200_000, 512, { slots: 2_000_000, bytes: bytes(1_024_000_000) }),
      ),
    },
    rests: {
      'slots in use': withCaches(
        makeCache('kmalloc-512', 1_900_000, 512, { slots: 2_000_000, bytes: bytes(1_024_000_000) }),
      ),
    },
  },
  'cgroup-remnants': {
    fires: {
      'all memory cgroups there can be': more({ cgroups: [{ name: 'memory', groups: 65_535, at }] }),
      'descriptors of caches by the ten thousand': withCaches(
        makeCache('kmem_cache', 40_000, 256),
        makeCache('kmem_cache_node', 40_000, 64),
      ),
    },
    rests: {
      'two hundred cgroups': more({ cgroups: [{ name: 'memory', groups: 200, at }] }),
      'descriptors of a host’s own caches': withCaches(
        makeCache('kmem_cache', 300, 256),
        makeCache('kmem_cache_node', 300, 64),
      ),
    },
  },
  'twin-difference': {
    fires: { 'a cache that the other host hardly has': twins(makeCache('kmalloc-128', 1_770_000, 128)) },
    rests: { 'hosts that are alike': twins(), 'a few objects more': twins(makeCache('kmalloc-128', 10_000, 128)) },
  },
  'slab-total-growth': {
    fires: {
      'SUnreclaim that rises, no table of caches': HOURS.map((s, i) =>
        makeSnapshot({ counters: countersOf({ SUnreclaim: 100_000 + i * 40_000 }), label: String(s) }),
      ),
    },
    rests: {
      'a table that names what grows': series((i) => ({
        caches: [...usualCaches(), makeCache('kmalloc-192', i * 900_000, 192)],
      })),
      'a table in which only the detector’s records grow': series((i) => ({
        caches: [...usualCaches(), makeCache('kmemleak_object', i * 900_000, 256)],
      })),
      'SUnreclaim that rests': HOURS.map(() => makeSnapshot({ counters: countersOf({ SUnreclaim: 100_000 }) })),
    },
  },
};
