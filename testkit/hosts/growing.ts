import { makeCache, makeSeries, makeVmallocUser, MIB, usualCaches } from '../facts.ts';
import { hours, plus, type Made } from './made.ts';
import { bytes } from '../../src/base/units.ts';

/** Series of made-up hosts, as real ones are. */
export const growingHosts: readonly Made[] = [
  ['a healthy host over hours', hours((i) => ({ ram: 8192, anon: 900 + 30 * (i % 2) })), ['not-a-leak'], ['none']],
  [
    'a fresh boot, caches warm up',
    makeSeries([60, 120, 180, 240, 300], (_, i) => ({ ram: 8192, caches: usualCaches(0.3 + 0.17 * i) })),
    ['not-a-leak', 'inconclusive'],
  ],
  [
    'the same losing 190 MiB an hour',
    makeSeries(
      [0, 1, 2, 3].map((d) => d * 86_400),
      (_, i) => ({
        ram: 1_572_864,
        anon: 716_800,
        caches: [...usualCaches(400), makeCache('kmalloc-192', 5e6 + i * 25e6, 192)],
      }),
    ),
    ['growth'],
    ['slab-unreclaimable'],
  ],
  [
    'three minutes in which terminals began to pile up',
    makeSeries([600, 780], (_, i) => ({
      ram: 972,
      caches: [
        ...usualCaches(0.1),
        makeCache('kmalloc-cg-1k', 32 + 3328 * i, 1024),
        makeCache('kmalloc-512', 320 + 3328 * i, 512),
      ],
    })),
    ['inconclusive'],
    ['slab-unreclaimable'],
  ],
  [
    'threads that pile up',
    hours((i) => ({ ram: 32_768, stacks: 16 + 200 * i, ...plus(makeCache('task_struct', 1000 + 12_500 * i, 9792)) })),
    ['growth'],
    ['kernel-stack', 'slab-unreclaimable'],
  ],
  [
    'an NFS client whose inodes grow',
    hours((i) => ({ ram: 65_536, ...plus(makeCache('nfs_inode_cache', 1e6 * (i + 1), 1080, { reclaimable: true })) })),
    ['inconclusive', 'not-a-leak'],
    ['slab-reclaimable'],
  ],
  [
    'cgroups that die and stay',
    hours((i) => ({ ram: 32_768, percpu: 100 + 500 * i, ...plus(makeCache('kmalloc-4k', 1000 + 10_000 * i, 4096)) })),
    ['growth'],
    ['percpu', 'slab-unreclaimable'],
  ],
  ['per-CPU memory that grows', hours((i) => ({ ram: 32_768, percpu: 100 + 700 * i })), ['growth'], ['percpu']],
  ['page tables that grow', hours((i) => ({ ram: 32_768, pageTables: 100 + 900 * i })), ['growth'], ['page-tables']],
  [
    'page tables of the IOMMU that grow',
    hours((i) => ({ ram: 65_536, secPageTables: 10 + 600 * i })),
    ['growth'],
    ['page-tables'],
  ],
  [
    'vmalloc memory that grows, seen in meminfo alone',
    hours((i) => ({ ram: 32_768, vmalloc: 100 + 600 * i })),
    ['growth'],
    ['vmalloc'],
  ],
  [
    'BPF maps that grow',
    hours((i) => ({
      ram: 32_768,
      vmalloc: 100 + 600 * i,
      more: {
        vmalloc: { users: [makeVmallocUser('bpf_map_area_alloc', (100 + 600 * i) * MIB)], stackBytes: bytes(8 * MIB) },
      },
    })),
    ['growth'],
    ['vmalloc'],
  ],
  [
    'pages that nobody names, more each hour',
    hours((i) => ({ ram: 131_072, lost: 655 + 290 * i })),
    ['growth'],
    ['page-allocator'],
  ],
  ['page cache that fills', hours((i) => ({ ram: 32_768, cached: 2000 + 4000 * i })), ['not-a-leak'], ['page-cache']],
  ['a tmpfs that fills', hours((i) => ({ ram: 32_768, shmem: 100 + 2000 * i })), ['growth'], ['shmem']],
  ['a process that grows', hours((i) => ({ ram: 32_768, anon: 2000 + 4000 * i })), ['growth'], ['user']],
  [
    'network buffers that are not freed',
    hours((i) => ({
      ram: 8192,
      ...plus(makeCache('skbuff_head_cache', 1000 + 3e5 * i, 256), makeCache('kmalloc-cg-1k', 4000 + 3e5 * i, 1024)),
    })),
    ['growth'],
    ['slab-unreclaimable'],
  ],
  [
    'credentials that are not freed',
    hours((i) => ({ ram: 8192, ...plus(makeCache('cred_jar', 15_000 + 9e5 * i, 192)) })),
    ['growth'],
    ['slab-unreclaimable'],
  ],
  [
    'kmemleak’s own records',
    hours((i) => ({ ram: 8192, ...plus(makeCache('kmemleak_object', 3e5 + 4e5 * i, 256)) })),
    ['not-a-leak'],
  ],
  [
    'large kmalloc that grows',
    hours((i) => ({ ram: 16_384, largeKmalloc: 20 + 300 * i })),
    ['growth'],
    ['slab-unreclaimable'],
  ],
  ['memory that is plugged in', hours((i) => ({ ram: i < 3 ? 30_720 : 32_768 })), ['not-a-leak']],
  [
    'a minute in which a process started',
    makeSeries([1000, 1060], (_, i) => ({ ram: 8192, anon: 1000 + 500 * i })),
    ['inconclusive', 'not-a-leak'],
    ['user'],
  ],
  [
    'a minute in which five thousand threads started',
    makeSeries([1000, 1060], (_, i) => ({ ram: 8192, stacks: 8 + 80 * i })),
    ['inconclusive'],
    ['kernel-stack'],
  ],
  [
    'a week of half a MiB an hour in a large cache',
    makeSeries(
      Array.from({ length: 168 }, (_, i) => i * 3600),
      (_, i) => ({ ram: 65_536, ...plus(makeCache('kmalloc-1k', 1e6 + 500 * i, 1024)) }),
    ),
    ['growth'],
    ['slab-unreclaimable'],
  ],
  [
    'the load of a day, up and down',
    makeSeries(
      Array.from({ length: 48 }, (_, i) => i * 1800),
      (_, i) => ({ ram: 8192, anon: 2000 + Math.round(1500 * Math.sin((i / 48) * 2 * Math.PI)) }),
    ),
    ['not-a-leak'],
    ['none'],
  ],
];
