import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import type { CacheSpec } from '../../../testkit/kernel/heap-spec.ts';
import { readHeap, type ReadHeap } from '../../../testkit/kernel/read-heap.ts';

type Damage = (built: ReadHeap['built']) => void;

/** Index arrays before, behind and outside of the objects; colours; large slabs; arrays of CPUs and nodes. */
const CACHES: readonly CacheSpec[] = [
  { name: 'kmalloc-32', size: 32, slabs: ['A'.repeat(124), 'AfAf'.repeat(31), 'f'.repeat(124)] },
  { name: 'dentry', size: 192, index: 'end', reclaimable: true, slabs: ['AAfAAfAAAAAAAAAAAAAAA', 'A'.repeat(21)] },
  { name: 'size-8192', size: 8192, order: 1, index: 'off', slabs: ['A', 'f', 'A'] },
  { name: 'task_struct', size: 3264, order: 3, index: 'off', colour: 192, slabs: ['AfAAfAAAAA', 'AAAAAAAAAA'] },
  { name: 'coloured', size: 256, colour: 64, slabs: ['AfAAAAAAAAAAAA', 'fAAAAAAAAAAAAA'] },
  { name: 'arrays', size: 512, slabs: ['A0A1Ahf', 'AA0f1hh', '0000111', 'AAAAAAA'] },
  { name: 'never used', size: 64, slabs: [] },
];

describe('a SLAB heap', () => {
  it.each<readonly [string, KernelOptions]>([
    ['slabs in struct page, as to 4.17', { slab: { struct: 'page' }, pages: { style: 'mapcount' } }],
    ['slabs in struct page (4.18 to 5.16)', { slab: { struct: 'page' }, pages: { style: 'kmemcg' } }],
    ['struct slab that begins with its list (5.17)', { slab: { struct: 'slab-5.17' } }],
    ['struct slab', { slab: {} }],
    ['indices of two bytes', { slab: { indexBytes: 2 } }],
    ['struct pages of 56 bytes', { slab: { struct: 'page' }, pages: { style: 'kmemcg', size: 56 } }],
    ['pages of 16 KiB', { slab: { indexBytes: 2 }, machine: { machine: 'aarch64', arm64: { pageSize: 16384, vaBits: 47 } } }], // prettier-ignore
  ])('is read with %s', (_, options) => {
    const { built, heap, states, problems } = readHeap({ ...options, caches: CACHES });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
    expect(heap.allocator).toBe('SLAB');
    expect(heap.caches.map(({ order }) => order)).toEqual(CACHES.map(({ order = 0 }) => order));
    expect(heap.caches[1]?.reclaimable).toBe(true);
  });

  it.each([true, false])('is read with arrays for other nodes, a lock before them: %s', (alienLock) => {
    const caches = [{ name: 'nodes', size: 256, slabs: ['AxAxfA0', 'hhAxxAA'] }];
    const { built, states, problems } = readHeap({ slab: { alienLock }, nodes: 2, caches });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  describe('that is damaged', () => {
    const caches: readonly CacheSpec[] = [
      { name: 'a', size: 512, index: 'off', slabs: ['AfAfAA0', 'AAAAfff'] },
      { name: 'b', size: 512, slabs: ['AfAAAAA'] },
    ];
    const index = (built: ReadHeap['built'], slab: number): bigint => {
      const { frame } = built.cache('a').slabs[slab] ?? { frame: 0 };
      return built.machine.peek(built.machine.virtual(built.memmap.physicalOf(frame) + 32));
    };

    it.each<readonly [string, Damage, string, string]>([
      [
        'an index that leads out of the slab',
        (built) => built.machine.poke(index(built, 0) + 5n, 1, 7),
        '1 slab: its free index leads out of it',
        '??????f',
      ],
      [
        'an index that names an object twice',
        (built) =>
          built.machine.poke(index(built, 0) + 5n, 1, Number(built.machine.peek(index(built, 0) + 6n) & 0xffn)),
        '1 slab: its free index names an object twice',
        '?f????f',
      ],
      [
        'an index that the dump lacks',
        (built) => pointIndex(built, 0, lost(built)),
        '1 slab: its free index is not in the dump',
        '??????f',
      ],
      [
        'a count in use that is wider than any count of objects',
        (built) => setActive(built, 0, 0x10003),
        '1 slab: it counts 65535 objects in use and has room for 7',
        '??????f',
      ],
      [
        'an index that lies nowhere',
        (built) => pointIndex(built, 0, 0xffffc90000000000n),
        '1 slab: its free index is not in the dump',
        '??????f',
      ],
      [
        'more objects in use than there are',
        (built) => setActive(built, 0, 8),
        '1 slab: it counts 8 objects in use and has room for 7',
        '??????f',
      ],
    ])('knows no more of a slab with %s', (_, damage, problem, state) => {
      const { built, states, problems } = readHeap({ slab: {}, caches }, damage);
      expect(problems).toEqual([`a: ${problem}`]);
      expect(states['a']?.[0]).toSatisfy(
        (text: string) => text.length === 7 && text.includes('?') && !text.includes('a'),
      );
      expect(states['a']?.[0]?.at(-1)).toBe(state.at(-1));
      expect(states['a']?.[1]).toBe(built.expected['a']?.[1]);
      expect(states['b']).toEqual(built.expected['b']);
    });

    it.each<readonly [string, Damage, string]>([
      [
        'claims more than it has room for',
        (built) => built.machine.poke(arrayOf(built), 4, 65),
        'the array of CPU 0 claims 65 objects and has room for 64',
      ],
      [
        'holds what is no object',
        (built) => built.machine.poke(arrayOf(built) + 16n, 8, 0xffff888002000001n),
        'the array of CPU 0 holds ffff888002000001, which is no object of the cache',
      ],
    ])('says of an array of a CPU that it %s', (_, damage, problem) => {
      const { states, built, problems } = readHeap({ slab: {}, caches }, damage);
      expect(problems).toEqual([`a: ${problem}`]);
      expect(states['b']).toEqual(built.expected['b']);
    });

    it('says that the memory of a CPU or a node is not there', () => {
      const { problems } = readHeap({ slab: {}, caches: caches.slice(0, 1) }, (built) => {
        const node = built.cache('a').address + BigInt(built.types.cache.members['node']?.at ?? 0);
        built.machine.poke(node, 8, 0xffffc90000000000n);
        built.machine.physical.take(built.machine.physicalOf(arrayOf(built)), 8);
      });
      expect(problems).toEqual(['a: the array of CPU 0 cannot be read', 'a: what node 0 keeps free cannot be read']);
    });
  });
});

const arrayOf = (built: ReadHeap['built']): bigint => built.cpus.at(built.cache('a').cpuCache ?? 0n, 0);

function pointIndex(built: ReadHeap['built'], slab: number, to: bigint): void {
  const { frame } = built.cache('a').slabs[slab] ?? { frame: 0 };
  built.machine.physical.poke(built.memmap.physicalOf(frame) + 32, 8, to);
}

function setActive(built: ReadHeap['built'], slab: number, active: number): void {
  const { frame } = built.cache('a').slabs[slab] ?? { frame: 0 };
  built.machine.physical.poke(built.memmap.physicalOf(frame) + 48, 4, active);
}

function lost({ machine }: ReadHeap['built']): bigint {
  const { pagesAt } = machine.plan;
  machine.physical.take(pagesAt + 2 ** 24, 4096, 'lost');
  return machine.virtual(pagesAt + 2 ** 24);
}
