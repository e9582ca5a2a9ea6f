import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../base/errors.ts';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { typesFixture } from '../../../testkit/btf/read-types.ts';
import { sampleTypes } from '../../../testkit/btf/sample-types.ts';
import { type BtfGraph, openBtf } from './btf.ts';

const { writer, ids } = sampleTypes();
const bytes = writer.bytes();
const graph = openBtf(bytes, 'sample').value;

const nodeNamed = (of: BtfGraph, kind: 'struct' | 'enum' | 'function' | 'variable' | 'typedef' | 'int', name: string) =>
  of.node(of.find(kind, name) ?? -1);

describe('BTF', () => {
  it('is read without problems, and knows how many types there are', () => {
    expect(openBtf(bytes, 'sample').problems).toEqual([]);
    expect(graph.count).toBe(writer.nextId);
  });

  it('has structs with their members, bit fields with their widths', () => {
    expect(nodeNamed(graph, 'struct', 'list_head')).toEqual({
      kind: 'struct',
      name: 'list_head',
      size: 16,
      members: [
        { name: 'next', type: ids.listHead + 1, bitOffset: 0 },
        { name: 'prev', type: ids.listHead + 1, bitOffset: 64 },
      ],
    });
    const slab = graph.node(ids.slab);
    const union = graph.node(slab.kind === 'struct' ? (slab.members[3]?.type ?? 0) : 0);
    const counters = graph.node(union.kind === 'union' ? (union.members[1]?.type ?? 0) : 0);
    expect(counters).toMatchObject({
      members: [
        { name: 'inuse', bitOffset: 0, bitSize: 16 },
        { name: 'objects', bitOffset: 16, bitSize: 15 },
        { name: 'frozen', bitOffset: 31, bitSize: 1 },
        { name: 'credit', bitOffset: 32, bitSize: 5 },
      ],
    });
  });

  it('has the other kinds', () => {
    expect(graph.node(0)).toEqual({ kind: 'void' });
    expect(nodeNamed(graph, 'int', 'int')).toEqual({ kind: 'int', name: 'int', size: 4, encoding: 'signed' });
    expect(nodeNamed(graph, 'int', '_Bool')).toMatchObject({ encoding: 'bool' });
    expect(nodeNamed(graph, 'int', 'char')).toMatchObject({ encoding: 'char' });
    expect(nodeNamed(graph, 'typedef', 'atomic_t')).toMatchObject({ kind: 'typedef', name: 'atomic_t' });
    expect(nodeNamed(graph, 'variable', 'cpu_info')).toMatchObject({ kind: 'variable', name: 'cpu_info' });
    const printk = nodeNamed(graph, 'function', 'printk');
    expect(graph.node(printk.kind === 'function' ? printk.prototype : 0)).toMatchObject({
      kind: 'prototype',
      returns: ids.int,
      parameters: [{ name: 'format' }],
      variadic: true,
    });
  });

  it('finds definitions by kind and name, and nothing else', () => {
    expect(graph.find('struct', 'kmem_cache')).toBe(ids.cache);
    expect(graph.find('union', 'kmem_cache')).toBeUndefined();
    expect(graph.find('struct', 'nowhere_defined')).toBeUndefined();
    expect(graph.find('struct', '')).toBeUndefined();
    expect(graph.find('enum', 'wide')).toBeDefined();
  });

  it('finds constants of any enum, of 32 and 64 bits', () => {
    expect(graph.constant('PG_slab')).toBe(9n);
    expect(graph.constant('WIDE_BIT')).toBe(1n << 40n);
    expect(graph.constant('PG_none')).toBeUndefined();
  });

  it('takes constants as signed where no enum of the file says whether it is', () => {
    const old = new BtfWriter();
    old.enum('', { MINUS: -1 });
    expect(openBtf(old.bytes(), 'old').value.constant('MINUS')).toBe(-1n);
    old.enum('', { ALSO: -2 }, true);
    const told = openBtf(old.bytes(), 'new').value;
    expect([told.constant('MINUS'), told.constant('ALSO')]).toEqual([0xffffffffn, -2n]);
  });

  it('knows the narrow ints that bit fields had before widths stood in the members', () => {
    const old = new BtfWriter();
    const three = old.int('unsigned int', 4, 0, 3, 2);
    const id = old.struct('flags', 4, [{ name: 'three', type: three, bitOffset: 8 }]);
    expect(openBtf(old.bytes(), 'old').value.node(id)).toMatchObject({
      members: [{ name: 'three', bitOffset: 10, bitSize: 3 }],
    });
  });

  it('knows every kind by its length', () => {
    const all = new BtfWriter();
    const int = all.int('int', 4);
    all.float('double', 8);
    const tag = all.modifier('typeTag', int, 'user');
    all.declarationTag('kfunc', int);
    all.dataSection('.data', [[int, 0, 4]]);
    all.modifier('restrict', int);
    all.modifier('volatile', int);
    all.forward('a_union', true);
    const last = all.struct('last', 1, []);
    const { value, problems } = openBtf(all.bytes(), 'all');
    expect(problems).toEqual([]);
    expect(value.find('struct', 'last')).toBe(last);
    expect(value.node(tag)).toEqual({ kind: 'tag', name: 'user', to: int });
    expect(value.node(last - 1)).toEqual({ kind: 'forward', name: 'a_union', of: 'union' });
  });
});

describe('split BTF', () => {
  const module = new BtfWriter({ firstId: writer.nextId, firstString: writer.stringsEnd });
  const own = module.struct('module_private', 24, [
    { name: 'list', type: ids.listHead, bitOffset: 0 },
    { name: 'slab', type: module.nextId + 1, bitOffset: 128 },
  ]);
  module.pointer(ids.slab);
  module.struct('kmem_cache', 8, []);
  const split = openBtf(module.bytes(), 'module', graph).value;

  it('goes on where its base ends', () => {
    expect(split.count).toBe(writer.nextId + 3);
    expect(split.find('struct', 'module_private')).toBe(own);
    expect(split.node(own)).toMatchObject({ name: 'module_private', members: [{ name: 'list' }, { name: 'slab' }] });
    expect(split.node(own + 1)).toEqual({ kind: 'pointer', to: ids.slab });
  });

  it('has what its base has, its own first', () => {
    expect(split.node(ids.slab)).toEqual(graph.node(ids.slab));
    expect(split.find('struct', 'slab')).toBe(ids.slab);
    expect(split.find('struct', 'kmem_cache')).toBe(own + 2);
    expect(split.constant('PG_slab')).toBe(9n);
  });
});

describe('BTF that is damaged', () => {
  it.each([
    ['empty', new Uint8Array(0), 'BTF: 0 bytes are too few for a header (x@0x0+0)'],
    ['something else', new Uint8Array(64), 'BTF: no magic 0xeb9f (x@0x0+2)'],
    [
      'big-endian',
      Uint8Array.from([0xeb, 0x9f, ...bytes.slice(2)]),
      'BTF: big-endian types are not supported (x@0x0+2)',
    ],
    ['of another version', bytes.with(2, 7), 'BTF: version 7 is not known (x@0x2+1)'],
    ['of a header that is longer than all', bytes.with(7, 0x7f), /hdr_len 2130706456 cannot be/],
  ])('is refused in a line when %s', (_, input, message) => {
    expect(() => openBtf(input, 'x')).toThrow(FormatError);
    expect(() => openBtf(input, 'x')).toThrow(message);
  });

  it('keeps the types before a kind that is not known', () => {
    const odd = new BtfWriter();
    odd.struct('before', 8, []);
    odd.raw(25, 'new', 0, 0);
    odd.struct('behind', 8, []);
    const { value, problems } = openBtf(odd.bytes(), 'odd');
    expect(problems.map(({ problem }) => problem)).toEqual([
      'type 2 is of kind 25, which is not known; it and what follows is left out',
    ]);
    expect([value.find('struct', 'before'), value.find('struct', 'behind')]).toEqual([1, undefined]);
  });

  it('steps over kinds that came later, where the file says how long they are', () => {
    const newer = new BtfWriter();
    newer.raw(25, 'new', 2, 0, [1, 2, 3, 4, 5]);
    newer.struct('behind', 8, []);
    const layouts = new Uint8Array(26 * 4);
    layouts.set([4, 8], 25 * 4);
    const { value, problems } = openBtf(newer.bytes(layouts), 'newer');
    expect(problems).toEqual([]);
    expect(value.node(1)).toEqual({ kind: 'other' });
    expect(value.find('struct', 'behind')).toBe(2);
  });

  it('says so where types of a module come without those of the kernel', () => {
    const module = new BtfWriter({ firstId: writer.nextId, firstString: writer.stringsEnd });
    module.struct('module_private', 24, []);
    expect(openBtf(module.bytes(), 'm.ko').problems.map(({ problem }) => problem)).toEqual([
      'are the types of a module, which mean nothing without those of its kernel',
    ]);
  });

  it('gives `other` for ids that do not exist', () => {
    for (const id of [-1, graph.count, 2 ** 31, 0.5]) expect(graph.node(id)).toEqual({ kind: 'other' });
  });

  it('stands being cut at every byte', () => {
    const whole = readAll(bytes);
    const counts = Array.from(bytes, (_, end) => readAll(bytes.subarray(0, end)));
    expect(Math.max(...counts)).toBe(whole);
    expect(counts.slice(0, 24).every((count) => count === 0)).toBe(true);
  });

  const runs = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 500);
  it(
    `stands ${runs} files with changed bytes`,
    () => {
      const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 });
      fc.assert(
        fc.property(edits, (flips) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, byte] of flips) changed[at] = byte;
          expect(readAll(changed)).toBeLessThanOrEqual(bytes.length / 12);
        }),
        { numRuns: runs, seed: 20_261_126 },
      );
    },
    60_000 + runs * 20,
  );
});

/** How many types there were. */
function readAll(input: Uint8Array): number {
  let opened: BtfGraph;
  try {
    opened = openBtf(input, 'x').value;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    return 0;
  }
  for (let id = 0; id < opened.count; id++) opened.node(id);
  opened.find('struct', 'kmem_cache');
  opened.constant('PG_slab');
  return opened.count;
}

describe('BTF that pahole wrote', () => {
  const { value: kernel, problems } = openBtf(typesFixture('btf/kernel.btf'), 'kernel.btf');
  const module = openBtf(typesFixture('btf/module.btf'), 'module.btf', kernel);

  it('is read without problems', () => {
    expect([problems, module.problems]).toEqual([[], []]);
    expect([kernel.count, module.value.count]).toEqual([61, 64]);
  });

  it('has the types of the kernel, and those of a module on top', () => {
    expect(nodeNamed(kernel, 'struct', 'old_bits')).toMatchObject({ size: 16, members: { length: 6 } });
    expect([...kernel.all('enum')].length).toBe(3);
    expect([kernel.constant('DOWN'), kernel.constant('WIDE')]).toEqual([-1n, 1n << 40n]);
    const part = nodeNamed(module.value, 'struct', 'private_part');
    expect(part).toMatchObject({ size: 40, members: [{ name: 'list' }, { name: 'ring' }, { name: 'mode' }] });
    expect(module.value.node(part.kind === 'struct' ? (part.members[0]?.type ?? 0) : 0)).toMatchObject({
      name: 'list_head',
    });
    expect(module.value.constant('PRIVATE_ON')).toBe(1n);
  });
});

const RUNNING = '/sys/kernel/btf/vmlinux';
describe('the BTF of a running kernel', () => {
  it.skipIf(!existsSync(RUNNING))(`opens fast and whole (where there is ${RUNNING})`, () => {
    const { value, problems } = openBtf(readFileSync(RUNNING), RUNNING);
    expect(problems).toEqual([]);
    expect(value.count).toBeGreaterThan(30_000);
    expect(nodeNamed(value, 'struct', 'list_head')).toMatchObject({
      size: 16,
      members: [{ name: 'next' }, { name: 'prev' }],
    });
    expect(value.find('function', 'kfree')).toBeDefined();
  });
});
