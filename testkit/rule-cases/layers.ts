import { countersOf, GIB, makeCache, makeHost, makeSnapshot, makeVmallocUser, MIB, usualCaches } from '../facts.ts';
import { at, host, more, series, withCaches, type RuleCase, sawTooth } from './hosts.ts';
import { bytes } from '../../src/base/units.ts';

/** Rules about layers of memory, by id: what makes each speak, and what must not. The pairs are as near to each other as they can be. */
export const layerCases: Readonly<Record<string, RuleCase>> = {
  'unexplained-pages': {
    fires: {
      'a third of RAM that no counter names': host({ lost: 2700 }),
      'a slow and steady rise on a large host': series((i) => ({ lost: 655 + 290 * i }), 131_072),
      'pages beside an ARC that is small': host({
        lost: 2700,
        more: { pools: [{ id: 'zfs-arc', name: 'ZFS ARC', owner: 'zfs', bytes: bytes(300 * MIB), at }] },
      }),
    },
    rests: {
      'the half per cent that every host has': host(),
      'rings and tables of drivers': host({ lost: 300 }),
      'noise up and down': series((i) => ({ lost: 300 + (i % 2) * 60 })),
      'a container’s view': [
        makeHost({ ram: 8192, lost: 4000, kib: { Slab: 0, SReclaimable: 0, SUnreclaim: 0, KReclaimable: 500_000 } }),
      ],
    },
  },
  'layer-growth': {
    fires: {
      'per-CPU memory that rises': series((i) => ({ percpu: 20 + 60 * i })),
      'page tables that rise': series((i) => ({ pageTables: 20 + 60 * i })),
      'secondary page tables that rise': series((i) => ({ secPageTables: 60 * i })),
      'kernel stacks that rise': series((i) => ({ stacks: 8 + 60 * i })),
      'vmalloc memory that rises': series((i) => ({ vmalloc: 20 + 60 * i })),
      'tmpfs that fills': series((i) => ({ shmem: 300 * i })),
      'processes that grow': series((i) => ({ anon: 800 + 300 * i })),
    },
    rests: {
      'page cache that fills': series((i) => ({ cached: 800 + 300 * i })),
      'processes that come and go': series((i) => ({ anon: 800 + 600 * (i % 2) })),
      'a little more of each': series((i) => ({ percpu: 20 + i, pageTables: 16 + i, stacks: 8 + i })),
    },
  },
  'layer-large': {
    fires: {
      'per-CPU memory that is a sixth of RAM': host({ percpu: 1400 }),
      'stacks of tens of thousands of threads': host({ stacks: 400 }),
      'vmalloc memory without names': host({ vmalloc: 1500 }),
      'page tables of a database without huge pages': host({ shmem: 3000, pageTables: 1500 }),
      'unreclaimable slab without a table': [
        makeSnapshot({ counters: makeHost({ ram: 8192, largeKmalloc: 2500 }).counters }),
      ],
    },
    rests: {
      'a healthy host': host(),
      'a large host with much of everything, in proportion': [
        makeHost({
          ram: 1_572_864,
          anon: 900_000,
          percpu: 6000,
          vmalloc: 9000,
          stacks: 900,
          pageTables: 4000,
          caches: usualCaches(400),
        }),
      ],
      'slab that one cache explains': withCaches(makeCache('kmalloc-128', 16_000_000, 128)),
      'old kernels with one sum for all slab': [
        makeSnapshot({
          counters: countersOf({
            MemTotal: 4e6,
            MemFree: 1e6,
            Cached: 1.2e6,
            Active: 2e6,
            Inactive: 1e6,
            AnonPages: 8e5,
            Slab: 1e6,
          }),
        }),
      ],
    },
  },
  'vmalloc-user': {
    fires: {
      'a module that holds a tenth of RAM': more({
        vmalloc: { users: [makeVmallocUser('foo_alloc', GIB, { module: 'foo' })], stackBytes: bytes(0) },
      }),
    },
    rests: {
      'kernel stacks': more({ vmalloc: { users: [makeVmallocUser('dup_task_struct', GIB)], stackBytes: bytes(GIB) } }),
      'a few MiB': more({
        vmalloc: { users: [makeVmallocUser('foo_alloc', 20 * MIB, { module: 'foo' })], stackBytes: bytes(0) },
      }),
    },
  },
  'huge-pages-reserved': { fires: { 'half of RAM in huge pages': host({ hugetlb: 4096 }) }, rests: { none: host() } },
  'managed-pool': {
    fires: {
      'an ARC of two gigabytes': more({
        pools: [{ id: 'zfs-arc', name: 'ZFS ARC', owner: 'zfs', bytes: bytes(2 * GIB), at }],
      }),
    },
    rests: {
      'an ARC of fifty megabytes': more({
        pools: [{ id: 'zfs-arc', name: 'ZFS ARC', owner: 'zfs', bytes: bytes(50 * MIB), at }],
      }),
    },
  },
  'unevictable-large': {
    fires: { 'half of RAM unevictable': host({ anon: 5000, unevictable: 4000 }) },
    rests: { 'a few locked pages': host({ unevictable: 30, mlocked: 30 }) },
  },
  'user-memory': {
    fires: { 'processes that hold most of RAM': host({ anon: 6500, cached: 500 }) },
    rests: { 'a host at rest': host() },
  },
  'used-beyond-processes': {
    fires: {
      'free and a sum over processes that is far below': [
        makeSnapshot({
          counters: countersOf({ MemTotal: 8_000_000, MemFree: 500_000, BuffCache: 1_000_000 }),
          processSum: { pss: { bytes: bytes(2 * GIB), at } },
        }),
      ],
    },
    rests: {
      'processes that hold what is used': [
        makeSnapshot({
          counters: countersOf({ MemTotal: 8_000_000, MemFree: 500_000, BuffCache: 1_000_000 }),
          processSum: { pss: { bytes: bytes(6 * GIB), at } },
        }),
      ],
    },
  },
  'page-cache-large': {
    fires: { 'RAM full of files': host({ anon: 500, cached: 7000 }) },
    rests: { 'RAM mostly free': host({ cached: 400 }) },
  },
  'shared-memory-large': {
    fires: { 'a tmpfs of half of RAM': host({ shmem: 4096 }) },
    rests: { 'a small one': host({ shmem: 50 }) },
  },
  'all-accounted': {
    fires: {
      'a host that adds up': host(),
      'a saw-tooth that comes back': sawTooth(0),
      'records of kmemleak that grow': series((i) => ({
        caches: [...usualCaches(), makeCache('kmemleak_object', i * 90_000, 256)],
      })),
    },
    rests: {
      'a cache that grows': series((i) => ({ caches: [...usualCaches(), makeCache('kmalloc-192', i * 900_000, 192)] })),
      'a layer that grows': series((i) => ({ percpu: 20 + 60 * i })),
      'a tenth of RAM that is not named': host({ lost: 900 }),
      'counters that add up to far more than RAM': host({ kib: { AnonPages: 12 * 1024 * 1024 } }),
    },
  },
};
