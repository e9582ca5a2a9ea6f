import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../../../testkit/kernel/build-kernel.ts';
import type { CacheSpec } from '../../../testkit/kernel/heap-spec.ts';
import { readHeap, type ReadHeap } from '../../../testkit/kernel/read-heap.ts';
import { memberOf } from '../../../testkit/kernel/struct-spec.ts';

type Built = ReadHeap['built'];
type Damage = (built: Built) => void;

const NOWHERE = 0xffffc90000000000n;
const CACHES: readonly CacheSpec[] = [
  { name: 'a', size: 512, freeOffset: 256, slabs: ['AfAfAfAf', 'AAff00AA', 'AAAAAAAA', 'AfAAAAAA'] },
  { name: 'b', size: 192, slabs: ['AAfA'] },
  { name: 'c', size: 4096, order: 3, slabs: ['AfAfAAAA'] },
];

const object = (built: Built, slab: number, i: number): bigint => built.cache('a').slabs[slab]?.objects[i] ?? 0n;
const frameOf = (built: Built, slab: number): number => built.cache('a').slabs[slab]?.frame ?? 0;

/** Sets members of the struct slab of a slab of cache a, as it stands in memory. */
function setSlab(built: Built, slab: number, values: Readonly<Record<string, bigint | number>>): void {
  const { machine, memmap, types } = built;
  const spec = types.structs.find(({ name }) => name === 'slab');
  if (spec) machine.fill(spec, machine.virtual(memmap.physicalOf(frameOf(built, slab))), values);
}

/** Sets members of the struct kmem_cache of cache a. */
const setCache = (built: Built, values: Readonly<Record<string, bigint | number>>): void =>
  built.machine.fill(built.types.cache, built.cache('a').address, values);

const listOf = (built: Built, cache: string): bigint =>
  built.cache(cache).address + BigInt(memberOf(built.types.cache, 'list').at);
const head = (built: Built): bigint => built.machine.symbols.get('slab_caches') ?? 0n;
const cpuSlab = (built: Built, cpu: number): bigint => built.cpus.at(built.cache('a').cpuSlab ?? 0n, cpu);
/** The place of the pointer to the next in a free object of cache a. */
const nextOf = (built: Built, slab: number, i: number): bigint => object(built, slab, i) + 256n;

describe('a slab whose free list is damaged', () => {
  // The list of the first slab is 3, 7, 5, 1: later ones first, as `marked` has them.
  it.each<readonly [string, Damage, string, string]>([
    [
      'goes round',
      (built) => built.machine.poke(nextOf(built, 0, 5), 8, object(built, 0, 3)),
      'its free list holds an object twice',
      '???f?f?f',
    ],
    [
      'leads to itself',
      (built) => built.machine.poke(nextOf(built, 0, 3), 8, object(built, 0, 3)),
      'its free list holds an object twice',
      '???f????',
    ],
    [
      'leads into another slab',
      (built) => built.machine.poke(nextOf(built, 0, 7), 8, object(built, 3, 1)),
      'its free list leads out of it',
      '???f???f',
    ],
    [
      'leads into the middle of an object',
      (built) => built.machine.poke(nextOf(built, 0, 7), 8, object(built, 0, 1) + 8n),
      'its free list leads out of it',
      '???f???f',
    ],
    [
      'leads nowhere',
      (built) => built.machine.poke(nextOf(built, 0, 7), 8, 0x6b6b6b6b6b6b6b6bn),
      'its free list leads out of it',
      '???f???f',
    ],
    [
      'ends early',
      (built) => built.machine.poke(nextOf(built, 0, 7), 8, 0),
      '2 objects are on the free list of a slab that counts 4 as free',
      '???f???f',
    ],
    [
      'begins nowhere',
      (built) => setSlab(built, 0, { freelist: 0xdead000000000100n }),
      'its free list leads out of it',
      '????????',
    ],
    [
      'is longer than the slab counts',
      (built) => setSlab(built, 0, { inuse: 5 }),
      '4 objects are on the free list of a slab that counts 3 as free',
      '?f?f?f?f',
    ],
    [
      'is there although the slab counts itself full',
      (built) => setSlab(built, 0, { inuse: 8 }),
      '4 objects are on the free list of a slab that counts 0 as free',
      '?f?f?f?f',
    ],
    [
      'is not there although some are free',
      (built) => setSlab(built, 0, { freelist: 0 }),
      '0 objects are on the free list of a slab that counts 4 as free',
      '????????',
    ],
    [
      'counts more in use than it has',
      (built) => setSlab(built, 0, { inuse: 60_000 }),
      '4 objects are on the free list of a slab that counts -59992 as free',
      '?f?f?f?f',
    ],
  ])('has unknown objects where it %s', (_, damage, why, state) => {
    const { built, heap, states, problems } = readHeap({ caches: CACHES }, damage);
    expect(problems).toEqual([`a: 1 slab: ${why}`]);
    expect(states).toEqual({ ...built.expected, a: [state, ...(built.expected['a']?.slice(1) ?? [])] });
    expect([...heap.unknownSlabs]).toEqual([[0, 1]]);
  });

  it.each(['swapped', 'plain'] as const)('is noticed where lists are hardened: %s', (hardened) => {
    const { states, problems } = readHeap({ slub: { hardened }, caches: CACHES }, (built) =>
      built.machine.poke(nextOf(built, 0, 7), 8, 0x1234),
    );
    expect(problems).toEqual(['a: 1 slab: its free list leads out of it']);
    expect(states['a']?.[0]).toBe('???f???f');
  });

  it('does not turn all others into nonsense where the first lists are the damaged ones', () => {
    const slabs = Array.from({ length: 90 }, () => 'AfAfAfAf');
    const { built, states } = readHeap(
      { slub: { hardened: 'plain' }, caches: [{ name: 'a', size: 512, freeOffset: 256, slabs }] },
      (b) => {
        for (let slab = 0; slab < 25; slab++) b.machine.poke(nextOf(b, slab, 3), 8, 0x5a5a5a5a);
      },
    );
    expect(states['a']?.slice(25)).toEqual(built.expected['a']?.slice(25));
  });

  it.each(['excluded', 'lost'] as const)(
    'has unknown objects where its pages are %s, though not where none is free',
    (state) => {
      const { built, states, problems } = readHeap({ caches: CACHES }, (b) => {
        for (const slab of [0, 2]) b.machine.physical.take(frameOf(b, slab) * 4096, 4096, state);
      });
      expect(problems).toEqual([
        state === 'lost'
          ? '2 pages of slabs are missing from the dump'
          : '2 pages of slabs were left out of the dump: the program that wrote it does not know this kernel',
        'a: 1 slab: its pages are not in the dump',
      ]);
      expect(states).toEqual({ ...built.expected, a: ['????????', ...(built.expected['a']?.slice(1) ?? [])] });
    },
  );

  it('has unknown objects where one page of several is lost', () => {
    const { states, problems } = readHeap({ caches: CACHES }, (b) => {
      b.machine.physical.take(((b.cache('c').slabs[0]?.frame ?? 0) + 5) * 4096, 4096, 'lost');
    });
    expect(problems).toContain('c: 1 slab: its pages are not in the dump');
    expect(states['c']).toEqual(['????????']);
  });
});

describe('a slab that a CPU allocates from', () => {
  it.each<readonly [string, Damage, string]>([
    [
      'has a list that goes round',
      (built) => built.machine.poke(nextOf(built, 1, 4), 8, object(built, 1, 5)),
      '1 slab: its free list holds an object twice',
    ],
    [
      'has a list that leads out',
      (built) => built.machine.poke(nextOf(built, 1, 4), 8, NOWHERE),
      '1 slab: its free list leads out of it',
    ],
    [
      'has objects on both lists',
      (built) => built.machine.poke(nextOf(built, 1, 4), 8, object(built, 1, 3)),
      '1 slab: its free list holds an object twice',
    ],
    [
      'counts what is not on its own list',
      (built) => setSlab(built, 1, { inuse: 3 }),
      '1 slab: 2 objects are on the free list of a slab that counts 5 as free',
    ],
  ])('has unknown objects where it %s', (_, damage, problem) => {
    const { built, states, problems } = readHeap({ caches: CACHES }, damage);
    expect(problems).toEqual([`a: ${problem}`]);
    expect(states['a']?.[1]).toMatch(/^\?\?[f?]{4}\?\?$/);
    expect({ ...states, a: [] }).toEqual({ ...built.expected, a: [] });
  });

  it.each<readonly [string, Damage, RegExp]>([
    [
      'is none',
      (built) => built.machine.poke(cpuSlab(built, 0) + 16n, 8, built.memmap.pageOf(100)),
      /^a: CPU 0 allocates from ffffea0000001900, no slab of the cache$/,
    ],
    [
      'is one of another cache',
      (built) => built.machine.poke(cpuSlab(built, 0) + 16n, 8, built.cache('b').slabs[0]?.page ?? 0n),
      /^a: CPU 0 allocates from ffffea[0-9a-f]{10}, no slab of the cache$/,
    ],
    ['lies nowhere', (built) => setCache(built, { cpu_slab: NOWHERE }), /^a: what CPU [01] keeps free cannot be read$/],
  ])('%s: it is said', (_, damage, problem) => {
    const { built, states, problems } = readHeap({ caches: CACHES }, damage);
    for (const p of problems) expect(p).toMatch(problem);
    expect(problems.length).toBeGreaterThan(0);
    expect({ ...states, a: [] }).toEqual({ ...built.expected, a: [] });
  });

  it('is not known where the offsets of per-CPU memory are not in the dump: it is said', () => {
    const { problems } = readHeap({ caches: CACHES }, ({ machine }) =>
      machine.symbols.set('__per_cpu_offset', NOWHERE),
    );
    expect(problems).toEqual(['the per-CPU memory of 2 CPUs cannot be found: what they keep free counts as allocated']);
  });
});

describe('counts of a slab that are torn', () => {
  it.each<readonly [string, number]>([
    ['one more than there is room for', 9],
    ['as many as there are bits for', 32_767],
  ])('give it no more objects than fit in its pages: %s', (_, objects) => {
    const { built, heap, states, problems } = readHeap({ caches: CACHES }, (b) =>
      setSlab(b, 2, { objects, inuse: objects }),
    );
    expect(problems).toEqual([`a: 1 slab: it claims ${objects} objects and has room for 8`]);
    expect(heap.table.objects).toBe(8 * 4 + 4 + 8);
    expect(states).toEqual({ ...built.expected, a: built.expected['a']?.with(2, '????????') });
  });

  it('give it as many as fit where they are zero, none of them known', () => {
    const { states, problems } = readHeap({ caches: CACHES }, (b) => setSlab(b, 2, { objects: 0, inuse: 0 }));
    expect(states['a']?.[2]).toBe('????????');
    expect(problems).toEqual(['a: 1 slab: it claims 0 objects and has room for 8']);
  });
});

describe('a cache that is damaged', () => {
  it.each([0, 3, 0xffffffff])('with objects of %i bytes is no cache, and its slabs belong to none', (size) => {
    const { built, heap, states, problems } = readHeap({ caches: CACHES }, (b) => setCache(b, { size }));
    const at = built.cache('a').address.toString(16);
    expect(problems).toEqual([
      `the slab cache at ${at} is damaged: objects of ${size} bytes in 2^0 pages`,
      '4 slabs belong to no cache that is listed',
    ]);
    expect(heap.caches.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(states).toEqual({ b: built.expected['b'], c: built.expected['c'] });
  });

  it('with larger objects than its slabs were made for has unknown ones, as many as fit', () => {
    const { states, problems } = readHeap({ caches: CACHES }, (built) => setCache(built, { size: 4096 }));
    expect(problems).toEqual(['a: 4 slabs: it claims 8 objects and has room for 1']);
    expect(states['a']?.join('')).toMatch(/^[f?]{4}$/);
  });

  it('with smaller objects than its slabs were made for has unknown ones where some are free', () => {
    const { states, problems } = readHeap({ caches: CACHES }, (built) => setCache(built, { size: 320 }));
    expect(problems).toEqual(['a: 3 slabs: its free list leads out of it']);
    expect(states['a']?.map((text) => /a/.test(text))).toEqual([false, false, true, false]);
  });

  it('with a pointer to the next outside of its objects has unknown ones where some are free', () => {
    const { states, problems } = readHeap({ caches: CACHES }, (built) => setCache(built, { offset: 0xfffffff0 }));
    expect(problems).toEqual(['a: 3 slabs: its free list leads out of it']);
    expect(states['a']?.map((text) => /a/.test(text))).toEqual([false, false, true, false]);
  });

  it('has its address for a name where the name is not there', () => {
    const { built, heap } = readHeap({ caches: CACHES }, (b) => setCache(b, { name: NOWHERE }));
    expect(heap.caches[0]?.name).toBe(built.cache('a').address.toString(16));
  });
});

describe('the list of caches', () => {
  it.each<readonly [string, Damage, readonly string[], RegExp]>([
    [
      'goes round without its head',
      (b) => b.machine.poke(listOf(b, 'c'), 8, listOf(b, 'b')),
      ['a', 'b', 'c'],
      /^the list of slab caches goes round in a circle at ffff/,
    ],
    [
      'leads to itself at its head',
      (b) => b.machine.link([head(b)]),
      [],
      /^6 slabs belong to no cache that is listed$/,
    ],
    [
      'ends with NULL',
      (b) => b.machine.poke(listOf(b, 'b'), 8, 0),
      ['a', 'b', 'c'],
      /^the list of slab caches ends with a NULL$/,
    ],
    [
      'leads nowhere',
      (b) => b.machine.poke(listOf(b, 'a'), 8, NOWHERE),
      ['a', 'c', 'b'],
      /^the list of slab caches breaks off: ffffc9000000000. is not mapped$/,
    ],
    [
      'has a link back that is torn',
      (b) => b.machine.poke(listOf(b, 'b') + 8n, 8, NOWHERE),
      ['a', 'b', 'c'],
      /^the list of slab caches is torn: ffff[0-9a-f]{12} does not point back to ffff/,
    ],
  ])('%s: what can be read of it is', (_, damage, names, problem) => {
    const { built, heap, states, problems } = readHeap({ caches: CACHES }, damage);
    expect(heap.caches.map(({ name }) => name)).toEqual(names);
    expect(problems.join('\n')).toMatch(problem);
    for (const name of names) expect(states[name]).toEqual(built.expected[name]);
  });

  it('lacks a cache whose memory is lost: it is said that its slabs belong to none', () => {
    const { built, heap, states, problems } = readHeap({ caches: CACHES }, (b) => {
      const { machine } = b;
      const far = machine.virtual(machine.plan.pagesAt + 2 ** 24);
      machine.physical.take(machine.physicalOf(far), 4096, 'lost');
      machine.poke(listOf(b, 'a'), 8, far);
      machine.poke(listOf(b, 'c') + 8n, 8, far);
      for (const { frame } of b.cache('b').slabs) machine.physical.poke(b.memmap.physicalOf(frame) + 8, 8, far);
    });
    expect(heap.caches.map(({ name }) => name)).toEqual(['a', 'c']);
    expect(states).toEqual({ a: built.expected['a'], c: built.expected['c'] });
    expect(problems).toEqual([
      expect.stringMatching(/^the list of slab caches breaks off: ffff[0-9a-f]{12} is missing from the dump$/),
      '1 slab belongs to no cache that is listed',
    ]);
  });
});

describe('a damaged heap', () => {
  const options: KernelOptions = {
    pages: { style: 'byte' },
    slub: { sheaves: true, hardened: 'swapped' },
    caches: [
      { name: 'a', size: 512, slabs: ['AfAfAfAf', 'AmAmA0A0', 'AAAAAAAA'] },
      { name: 'b', size: 128, slabs: ['AfAfbbss', 'AAAA1r1r'] },
    ],
  };

  it('whose bytes are changed at random is read in bounds, and what is said free or allocated is no more than there is', () => {
    let seed = 20_261_126;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const start = performance.now();
    for (let round = 0; round < 60; round++) {
      const { heap } = readHeap(options, ({ machine, caches, cpus, memmap }) => {
        const places = caches.flatMap(({ address, cpuSlab: pointer, cpuSheaves, slabs }) => [
          machine.physicalOf(address),
          machine.physicalOf(cpus.at(pointer ?? 0n, 0)),
          machine.physicalOf(cpus.at(cpuSheaves ?? pointer ?? 0n, 1)),
          ...slabs.flatMap(({ frame }) => [frame * 4096, memmap.physicalOf(frame)]),
        ]);
        for (let i = 0; i < 30; i++)
          machine.physical.poke((places[random(places.length)] ?? 0) + random(64), 1, random(256));
      });
      expect(heap.table.objects).toBeLessThanOrEqual(5 * 512);
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
