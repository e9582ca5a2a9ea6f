import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import type { CacheSpec } from '../../../testkit/kernel/heap-spec.ts';
import { readHeap, type ReadHeap } from '../../../testkit/kernel/read-heap.ts';
import { memberOf } from '../../../testkit/kernel/struct-spec.ts';

/** Where CPU 0 keeps its sheaves of cache a: main behind the lock, spare, rcu_free. */
const sheavesOf = (built: ReadHeap['built']): bigint => built.cpus.at(built.cache('a').cpuSheaves ?? 0n, 0);
const mainSheaf = (built: ReadHeap['built']): bigint => built.machine.peek(sheavesOf(built) + 8n);

type Damage = (built: ReadHeap['built']) => void;

const NOWHERE = 0xffffc90000000000n;

/** An address whose page is not in the dump. */
function lost({ machine }: ReadHeap['built']): bigint {
  const { pagesAt } = machine.plan;
  machine.physical.take(pagesAt + 2 ** 24, 4096, 'lost');
  return machine.virtual(pagesAt + 2 ** 24);
}

/** Where cache a points to its first node, and that node. */
const nodePointer = (built: ReadHeap['built']): bigint =>
  built.cache('a').address + BigInt(memberOf(built.types.cache, 'node').at);
const nodeOf = (built: ReadHeap['built']): bigint => built.machine.peek(nodePointer(built));

const CACHES: readonly CacheSpec[] = [
  { name: 'vm_area_struct', size: 168, freeOffset: 80, slabs: ['AmAmAsAsArArAbAb', 'AAAAMAMSSARRAbbf', 'ffAA'] },
  { name: 'maple_node', size: 256, slabs: ['mmmmAAAAffff', 'AAAAbbbbbbbb', 'BBAA'] },
  { name: 'without', size: 64, slabs: ['AfAf', 'AAAA'] },
];
const NEW: KernelOptions = { pages: { style: 'byte', wrappedFlags: true }, slub: { sheaves: true, reclaimBit: 9 } };

describe('sheaves of free objects', () => {
  it.each<readonly [string, KernelOptions]>([
    ['where a cache asks for them (6.18)', NEW],
    ['beside CPUs’ own slabs, hardened', { ...NEW, slub: { ...NEW.slub, hardened: 'swapped' } }],
    ['alone (7.0)', { ...NEW, slub: { ...NEW.slub, cpuSlab: false } }],
    ['with barns beside nodes (7.1)', { ...NEW, slub: { ...NEW.slub, cpuSlab: false, perNode: true } }],
    ['with heads of compound pages as 7.1 names them', { ...NEW, pages: { ...NEW.pages, compoundInfo: true } }],
    ['on arm64', { ...NEW, machine: { machine: 'aarch64', arm64: { pageSize: 16384, vaBits: 47 } } }],
  ])('are read %s: main, spare, those for RCU, and full ones of the barn of each node', (_, options) => {
    const { built, states, problems, heap } = readHeap({ ...options, nodes: 2, caches: CACHES });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
    expect(heap.arrays.length).toBeGreaterThan(8);
  });

  it('are read together with the slab that a CPU allocates from', () => {
    const caches = [{ name: 'both', size: 128, slabs: ['A0m0fAs', 'A1MfRAA', 'bbbAAAA'] }];
    const { built, states, problems } = readHeap({ ...NEW, caches });
    expect(states).toEqual(built.expected);
    expect(problems).toEqual([]);
  });

  it('may be fewer than CPUs: one that never ran has none', () => {
    const { built, states, problems } = readHeap({ ...NEW, cpus: 4, caches: CACHES });
    expect(states).toEqual({
      ...built.expected,
      maple_node: [...(built.expected['maple_node'] ?? []).slice(0, 2), 'aaaa'],
    });
    expect(problems).toEqual([]);
  });

  describe('that are damaged', () => {
    const caches: readonly CacheSpec[] = [
      { name: 'a', size: 128, slabs: ['AmAmAsAs', 'AAbbAAbb'] },
      { name: 'b', size: 64, slabs: ['AAmA'] },
    ];

    it('claim no more objects than they have room for', () => {
      const { states, problems } = readHeap({ ...NEW, caches }, (built) => built.machine.poke(mainSheaf(built) + 24n, 4, 33)); // prettier-ignore
      expect(problems).toEqual(['a: the main sheaf of a CPU claims 33 objects and has room for 32']);
      expect(states).toEqual({ a: ['aaaaafaf', 'aaffaaff'], b: ['aafa'] });
    });

    it('hold what is no object of their cache, and say so', () => {
      const { states, problems } = readHeap({ ...NEW, caches }, (built) =>
        built.machine.poke(mainSheaf(built) + 32n, 8, built.cache('b').slabs[0]?.objects[0] ?? 0n),
      );
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(
        /^a: the main sheaf of a CPU holds ffff[0-9a-f]{12}, which is no object of the cache$/,
      );
      expect(states['b']).toEqual(['aafa']);
    });

    it('hold a great deal that is no object: some of it is told, the rest counted', () => {
      const all = [{ name: 'a', size: 64, slabs: ['m'.repeat(20)] }];
      const { problems } = readHeap({ ...NEW, caches: all }, (built) => {
        for (let i = 0; i < 15; i++) built.machine.poke(mainSheaf(built) + BigInt(32 + i * 8), 8, NOWHERE);
      });
      expect(problems).toHaveLength(4);
      expect(problems[3]).toBe('a: 12 more problems of the kind');
    });

    it('hold an object that is on a free list too, and say so', () => {
      const both = [{ name: 'a', size: 128, slabs: ['AmAmAfAf'] }];
      const { states, problems } = readHeap({ ...NEW, caches: both }, (built) =>
        built.machine.poke(mainSheaf(built) + 32n, 8, built.cache('a').slabs[0]?.objects[5] ?? 0n),
      );
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^a: the main sheaf of a CPU holds ffff[0-9a-f]{12}, which is free already$/);
      // One object of the sheaf is lost for good and counts as allocated: the problem says that there is doubt.
      expect(states['a']?.[0]?.replaceAll('a', '')).toBe('fff');
    });

    it.each<readonly [string, Damage, string]>([
      [
        'that points nowhere',
        (built) => built.machine.poke(sheavesOf(built) + 8n, 8, NOWHERE),
        'the main sheaf of a CPU cannot be read',
      ],
      [
        'whose pages the dump lacks',
        (built) => built.machine.poke(sheavesOf(built) + 8n, 8, lost(built)),
        'the main sheaf of a CPU cannot be read',
      ],
      [
        'in a barn that points nowhere',
        (built) => built.machine.poke(nodeOf(built) + 48n, 8, NOWHERE),
        'a list of sheaves breaks off: ffffc90000000008 is not mapped',
      ],
      [
        'in a barn of a node that the dump lacks',
        (built) => built.machine.poke(nodePointer(built), 8, lost(built)),
        'the sheaves of node 0 cannot be read',
      ],
    ])('of which there is one %s: it says so', (_, damage, problem) => {
      const { states, problems } = readHeap({ ...NEW, caches }, damage);
      expect(problems[0]).toBe(`a: ${problem}`);
      expect(states['b']).toEqual(['aafa']);
    });

    it('of a CPU whose memory the dump lacks, and say so of each cache', () => {
      const slub = { ...NEW.slub, cpuSlab: false };
      const { problems } = readHeap({ ...NEW, slub, caches }, (built) =>
        built.machine.physical.take(built.machine.physicalOf(sheavesOf(built)), 8, 'lost'),
      );
      expect(problems).toEqual(['a: the sheaves of CPU 0 cannot be read', 'b: the sheaves of CPU 0 cannot be read']);
    });

    it('in a barn whose list goes round, and say so', () => {
      const { states, problems } = readHeap({ ...NEW, caches }, (built) => {
        const barn = built.machine.peek(nodeOf(built) + 48n);
        const first = built.machine.peek(barn + 8n);
        built.machine.poke(built.machine.peek(first), 8, first);
      });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^a: a list of sheaves goes round in a circle at ffff[0-9a-f]{12}$/);
      expect(states['a']).toEqual(['afafafaf', 'aaffaaff']);
    });
  });
});
