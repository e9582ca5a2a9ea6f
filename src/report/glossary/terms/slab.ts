import { slabPicture } from '../pictures/slab.ts';
import type { GlossaryTerm } from '../term.ts';

/** Slab caches and their tools. */
export const slabTerms: readonly GlossaryTerm[] = [
  {
    id: 'slab',
    title: 'Slab',
    also: ['slab allocator', 'slub', 'slabs'],
    short: 'A few pages cut into objects of one size, and the allocator that works this way.',
    text: [
      'The kernel needs millions of small objects: names, files, sockets, messages. Giving each a page would waste memory, so slabs hold many of one kind.',
      'A slab goes back to the page allocator when none of its objects is in use. One object that is never freed keeps its whole slab.',
    ],
    see: ['slab-cache', 'sunreclaim', 'fragmentation'],
    picture: slabPicture([8, 3, 0], 8),
  },
  {
    id: 'slab-cache',
    title: 'Slab cache',
    also: ['cache', 'kmem_cache', 'slabinfo', 'slabtop'],
    short: 'All slabs for one kind or one size of object, under one name.',
    text: [
      'Caches such as dentry or ext4_inode_cache hold one type. The kmalloc caches hold whatever has about the same size.',
      '/proc/slabinfo lists them with the objects in use. A cache that grows and never shrinks is where to look; its name says what the objects are, or at least how large.',
    ],
    see: ['slab', 'kmalloc', 'merged-caches'],
  },
  {
    id: 'sunreclaim',
    title: 'SUnreclaim',
    also: ['unreclaimable slab', 'unreclaimable'],
    short: 'The part of slab that the kernel cannot take back by itself.',
    text: [
      'Somebody holds each of these objects and has to free it. On a quiet host this figure stays about level.',
      'Steady growth here that stopping services does not end is the usual picture of a leak in the kernel. Pages of large kmalloc count here too, though no cache shows them.',
    ],
    see: ['sreclaimable', 'slab', 'large-kmalloc'],
  },
  {
    id: 'sreclaimable',
    title: 'SReclaimable',
    also: ['reclaimable slab', 'reclaimable'],
    short: 'The part of slab that holds caches which the kernel may drop when memory gets short.',
    text: [
      'Mostly dentries and inodes: memories of files that were looked at. Large figures are normal on file servers and after backups.',
      'It is reclaimable by kind, not for certain: an object that is still in use stays. Growth that dropping caches does not bring down deserves a second look.',
    ],
    see: ['dentry', 'inode', 'drop-caches', 'sunreclaim'],
  },
  {
    id: 'kmalloc',
    title: 'kmalloc',
    also: ['kmalloc-128', 'kmalloc caches', 'size-128', 'kmalloc-cg'],
    short: "The kernel's general request for a small piece of memory of any type.",
    text: [
      'Requests are rounded up to sizes such as 32, 64, 96, 128 and served from caches of these names. kmalloc-cg-128 holds those that are charged to a memory cgroup.',
      'A growing kmalloc cache says how large the lost objects are, not what they are. A crash dump, kmemleak or slab traces tell that.',
    ],
    see: ['slab-cache', 'large-kmalloc', 'slab-traces', 'kmemleak'],
  },
  {
    id: 'large-kmalloc',
    title: 'Large kmalloc',
    also: ['kmalloc_large', 'large allocations'],
    short: 'kmalloc requests above 8 KiB (with SLUB), which get pages directly and stand in no slab cache.',
    text: [
      '/proc/slabinfo does not list them. Newer kernels count them in SUnreclaim, old ones such as 3.10 nowhere.',
      'SUnreclaim above the sum of the caches is a sign of them.',
    ],
    see: ['kmalloc', 'sunreclaim', 'unexplained-memory'],
  },
  {
    id: 'merged-caches',
    title: 'Merged caches',
    also: ['aliases', 'alias', 'slab_nomerge', 'slab merging'],
    short: 'Several slab caches of like size that the kernel keeps as one, under one of their names.',
    text: [
      'With SLUB the name in /proc/slabinfo may be that of another user of the same cache. /sys/kernel/slab shows which names lead to the same place.',
      'Booting with slab_nomerge keeps them apart, which makes the guilty one stand out.',
    ],
    see: ['slab-cache', 'slub-debug'],
  },
  {
    id: 'slub-debug',
    title: 'slub_debug',
    also: ['slab_debug', 'red zone', 'poisoning'],
    short: 'A boot option that makes the slab allocator remember who allocated each object, and check for damage.',
    text: [
      'slub_debug=U,kmalloc-128 records the user of each object of one cache; alloc_traces under debugfs then lists the callers by count. It costs memory and time, so name one cache.',
      'With it, objects look larger: kmalloc-128 may show 384 bytes each.',
    ],
    see: ['slab-traces', 'kmalloc'],
  },
  {
    id: 'slab-traces',
    title: 'Slab traces',
    also: ['alloc_traces', 'alloc_calls', 'free_traces'],
    short: 'A list of functions that allocated the objects of a cache, with how many each and how old.',
    text: [
      'Written by kernels with slub_debug=U, in /sys/kernel/debug/slab/CACHE/alloc_traces (alloc_calls under /sys/kernel/slab on older ones).',
      'The caller with many old objects is the suspect. It is who allocated, not who forgot to free: that may be another function of the same driver.',
    ],
    see: ['slub-debug', 'kmalloc'],
  },
];
