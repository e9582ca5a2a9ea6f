import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import type { CacheSpec } from '../../../testkit/kernel/heap-spec.ts';
import { readHeap } from '../../../testkit/kernel/read-heap.ts';
import { addressOfObject, objectAt } from './slab-heap.ts';

/** One cache of each kind of trouble: none free, some, all; large slabs; sizes that do not divide; a pad before objects. */
const CACHES: readonly CacheSpec[] = [
  { name: 'kmalloc-64', size: 64, slabs: ['A'.repeat(64), `${'Af'.repeat(30)}AAAA`, 'f'.repeat(64)] },
  { name: 'kmalloc-2k', size: 2048, order: 3, slabs: ['AAfAfAAAAAAffAAA', 'AAAAAAAAAAAAAAAA'] },
  { name: 'dentry', size: 192, reclaimable: true, freeOffset: 96, slabs: ['AAAAAfAAAAAAAAAAAAAAA', 'fAAf'] },
  { name: 'task_struct', size: 7744, order: 3, freeOffset: 3872, slabs: ['AfAA', 'AAAf'] },
  { name: 'one object', size: 4096, slabs: ['A', 'f', 'A'] },
  { name: 'never used', size: 32, slabs: [] },
];
const WITH_CPUS: readonly CacheSpec[] = [
  ...CACHES,
  { name: 'active', size: 256, freeOffset: 128, slabs: ['AA0A0AAA0AAAAAAA', 'A1f1fAAA', 'AAAAAAAA'] },
  {
    name: 'partial',
    size: 512,
    slabs: [{ objects: 'AfAfAAAA', partialOf: 0 }, { objects: 'ffffAAAA', partialOf: 1 }, 'A0000000'],
  },
  { name: 'active and full', size: 1024, slabs: [{ objects: 'AAAA', activeOn: 1 }, 'AffA'] },
];

describe('a SLUB heap', () => {
  it.each<readonly [string, KernelOptions]>([
    ['slabs in struct page (before 5.17)', { slub: { struct: 'page' } }],
    ['slabs in struct page, as to 4.17', { slub: { struct: 'page' }, pages: { style: 'mapcount' } }],
    ['slabs in struct page, as to 3.5', { slub: { struct: 'page' }, pages: { style: 'mapcount', tailFlag: true } }],
    ['slabs in struct page, with a page type for kmemcg', { slub: { struct: 'page' }, pages: { style: 'kmemcg' } }],
    ['struct slab that begins with its list (5.17)', { slub: { struct: 'slab-5.17' } }],
    ['struct slab', {}],
    ['struct pages of 56 bytes', { pages: { size: 56 } }],
    ['no partial lists of CPUs', { slub: { cpuPartial: false } }],
    ['no debugging, so no red zones', { slub: { redZones: false } }],
    ['hardened free lists', { slub: { hardened: 'swapped' } }],
    ['hardened free lists of before 5.7', { slub: { hardened: 'plain' } }],
    ['hardened free lists in struct page', { slub: { struct: 'page', hardened: 'plain' } }],
    ['a page type for slab, cleared bits (6.10)', { pages: { style: 'cleared-slab' } }],
    ['a page type for slab, bits of an enum (6.11)', { pages: { style: 'enum-flags' }, slub: { reclaimBit: 9 } }],
    ['a page type for slab in the top byte (6.12)', { pages: { style: 'byte' }, slub: { reclaimBit: 9 } }],
    ['flags in a struct (6.18)', { pages: { style: 'byte', wrappedFlags: true } }],
    ['per-CPU symbols that are linked at an address (6.15)', { perCpuBase: 0xffffffff83000000n }],
    ['one CPU', { cpus: 1 }],
    ['64 CPUs', { cpus: 64 }],
    ['two nodes', { nodes: 2 }],
    ['five levels of page tables', { machine: { x86: { levels: 5 } } }],
    ['arm64', { machine: { machine: 'aarch64' } }],
    [
      'arm64 with 52 bits on a machine of 48',
      { machine: { machine: 'aarch64', arm64: { vaBits: 52, actualBits: 48 } } },
    ],
    ['a dump in pages of 64 KiB', { machine: { framePageSize: 65_536 } }],
    ['a memory map without sections', { memmap: { sections: 'flat' } }],
  ])('is read with %s', (_, options) => {
    const { built, states, problems } = readHeap({ ...options, caches: options.cpus === 1 ? CACHES : WITH_CPUS });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  it.each<readonly [string, KernelOptions]>([
    ['SLUB_TINY', { slub: { cpuSlab: false, redZones: false }, pages: { size: 56 } }],
    ['hardened SLUB_TINY', { slub: { cpuSlab: false, hardened: 'swapped' } }],
    ['sheaves alone and none in use', { slub: { cpuSlab: false, sheaves: true }, pages: { style: 'byte' } }],
  ])('is read without a CPU’s own slab: %s', (_, options) => {
    const { built, states, problems } = readHeap({ ...options, caches: CACHES });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  it.each(['swapped', 'plain', undefined] as const)(
    'is read with pages of 64 KiB, free lists hardened: %s',
    (hardened) => {
      const slabs = ['A'.repeat(512), 'Af'.repeat(256), '0'.repeat(100) + 'A'.repeat(412)];
      const { built, states, problems } = readHeap({
        machine: { machine: 'aarch64', arm64: { pageSize: 65_536 } },
        slub: hardened ? { hardened } : {},
        caches: [{ name: 'kmalloc-128', size: 128, freeOffset: 64, slabs }],
      });
      expect(states).toEqual(built.expected);
      expect(problems).toEqual([]);
    },
  );

  it('has objects behind the red zone on their left', () => {
    const caches = [
      { name: 'zoned', size: 96, objectSize: 64, redLeftPad: 16, freeOffset: 64, slabs: ['AfAf', 'A0A0'] },
    ];
    const { built, heap, states } = readHeap({ slub: { hardened: 'swapped' }, caches });
    const walk = { ...heap, kernel: built.open(), directMap: built.machine.plan.directMap };
    expect(states).toEqual(built.expected);
    const [slab] = built.cache('zoned').slabs;
    expect((slab?.objects[0] ?? 0n) % 4096n).toBe(16n);
    for (const [i, object] of (slab?.objects ?? []).entries()) {
      expect(addressOfObject(walk, 0, i)).toBe(object);
      expect(objectAt(walk, object)).toEqual({ object: i, slab: 0, offset: 0 });
      expect(objectAt(walk, object + 95n)).toEqual({ object: i, slab: 0, offset: 95 });
    }
    expect(objectAt(walk, (slab?.objects[0] ?? 0n) - 1n)).toBeUndefined();
  });

  it.each(['swapped', 'plain'] as const)('is read where only CPUs have lists, which are hardened: %s', (hardened) => {
    const caches = [{ name: 'active', size: 256, freeOffset: 128, slabs: ['A0A0AA0A', 'AAAA', '11AAA1'] }];
    const { built, states, problems } = readHeap({ slub: { hardened }, caches });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  it('tells a slab that is active on a CPU, with a list there and one of its own', () => {
    // What other CPUs free goes to the slab's list, while its own CPU goes on with the one that it took.
    const { built, states, problems } = readHeap({
      slub: { hardened: 'swapped' },
      caches: [{ name: 'both', size: 64, slabs: ['A0f0fA0fAA', 'f1A1fA1fAA'] }],
    });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  it('has what a cache says of itself', () => {
    const { built, heap } = readHeap({
      slub: { hardened: 'swapped' },
      caches: [
        { name: 'inode_cache', size: 640, objectSize: 608, order: 2, reclaimable: true, freeOffset: 304, slabs: ['A'] },
        { name: 'kmalloc-8', size: 8, slabs: ['A'] },
      ],
    });
    const [inodes, small] = heap.caches;
    expect(inodes).toMatchObject({ name: 'inode_cache', size: 640, objectSize: 608, order: 2, reclaimable: true });
    expect(inodes?.address).toBe(built.cache('inode_cache').address);
    expect(inodes?.slub).toMatchObject({ freeOffset: 304, redLeftPad: 0 });
    expect(small?.reclaimable).toBe(false);
  });

  it('knows the caches of memory cgroups by the cache that they belong to (before 5.9)', () => {
    const { built, heap, states } = readHeap({
      slub: { struct: 'page', memcgCaches: true },
      caches: [
        { name: 'dentry', size: 192, slabs: ['AAAf'] },
        { name: 'dentry(7:job)', size: 192, root: 'dentry', slabs: ['AfAf', 'A0A0'] },
      ],
    });
    expect(states).toEqual(built.expected);
    expect(heap.caches.map(({ root }) => root)).toEqual([undefined, built.cache('dentry').address]);
  });

  it('leaves other pages out of it: a page table, a free block, large allocations', () => {
    const { built, heap, states } = readHeap({
      pages: { style: 'byte' },
      caches: [{ name: 'kmalloc-64', size: 64, slabs: ['AAfA'] }],
      blocks: [{ use: 'table' }, { use: 'buddy', order: 3 }, { use: 'large_kmalloc', order: 2 }, { use: 'guard' }],
    });
    expect(heap.table.count).toBe(1);
    expect(states).toEqual(built.expected);
  });
});
