import { describe, expect, it } from 'vitest';
import { flatMemory } from '../../../testkit/btf/flat-memory.ts';
import { sampleTypes } from '../../../testkit/btf/sample-types.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { MemoryFault } from '../memory/memory-fault.ts';
import { LayoutError } from './layout-error.ts';
import { Layouts } from './layouts.ts';
import { readBig, readNumber } from './scalar.ts';
import { viewBytes, viewStruct } from './struct-view.ts';

const layouts = new Layouts([openBtf(sampleTypes().writer.bytes(), 'sample').value]);

const BASE = 0xffff888000001000n;
const CACHE = BASE + 64n;
const SLAB = BASE + 512n;

function fill(): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  const at = Number(CACHE - BASE);
  view.setBigUint64(at, BASE, true); // name
  bytes.set(Buffer.from('kmalloc-32\0'), 0);
  bytes.set(Buffer.from('label'), at + 8);
  view.setInt32(at + 24, -3, true); // refcount
  view.setUint32(at + 28, 2, true); // state
  view.setBigUint64(at + 48 + 16, SLAB, true); // node[2]
  view.setBigInt64(at + 96, -5n, true); // used
  bytes[at + 104] = 1; // ready
  const slab = Number(SLAB - BASE);
  view.setUint32(slab + 32, (7 | (100 << 16) | (1 << 31)) >>> 0, true);
  view.setUint32(slab + 36, 0x1d, true); // credit: -3 in five bits
  return bytes;
}
const memory = flatMemory(BASE, fill());
const cache = viewStruct(memory, layouts, 'kmem_cache', CACHE);

describe('a struct in memory', () => {
  it('gives numbers with their signs, unwrapped', () => {
    expect(cache.number('refcount')).toBe(-3);
    expect(cache.number('refcount.refs.counter')).toBe(-3);
    expect(cache.number('state')).toBe(2);
    expect(cache.number('used')).toBe(-5);
    expect(cache.u64('used')).toBe(2n ** 64n - 5n);
    expect(cache.number('ready')).toBe(1);
  });

  it('gives texts out of arrays and by pointers', () => {
    expect(cache.text('name')).toBe('kmalloc-32');
    expect(cache.text('label')).toBe('label');
  });

  it('gives addresses and what pointers lead to', () => {
    expect(cache.address()).toBe(CACHE);
    expect(cache.address('list.prev')).toBe(CACHE + 40n);
    expect(cache.pointer('node[2]')).toBe(SLAB);
    expect(cache.follow('node[1]')).toBeUndefined();
    expect(cache.struct('first').address('slab_list')).toBe(CACHE + 120n);
    const slab = cache.follow('node[2]');
    expect(slab?.number('inuse')).toBe(7);
    expect(slab?.number('objects')).toBe(100);
    expect(slab?.number('frozen')).toBe(1);
    expect(slab?.number('credit')).toBe(-3);
    expect(slab?.has('lru')).toBe(false);
  });

  it('lies in bytes that were read before', () => {
    const bytes = memory.read(BASE, 1024);
    const slab = viewBytes(memory, layouts, layouts.needStruct('slab'), SLAB, bytes, 512);
    expect([slab.number('inuse'), slab.number('objects'), slab.address('freelist')]).toEqual([7, 100, SLAB + 24n]);
  });

  it('says what it does not have', () => {
    expect(() => cache.number('nope')).toThrow(LayoutError);
    expect(() => cache.number('list')).toThrow('kmem_cache.list is not a number');
    expect(() => cache.text('used')).toThrow('kmem_cache.used is not a text');
    expect(() => cache.struct('used')).toThrow('kmem_cache.used is not a struct');
    expect(() => cache.follow('used')).toThrow('kmem_cache.used is not a pointer to a struct');
  });
});

describe('a struct of which a part is not in the dump', () => {
  const torn = viewStruct(flatMemory(BASE, fill(), [[CACHE + 100n, 100]]), layouts, 'kmem_cache', CACHE);

  it('gives what is there, and faults for the rest', () => {
    expect(torn.number('refcount')).toBe(-3);
    expect(torn.text('label')).toBe('label');
    expect(() => torn.number('ready')).toThrow(MemoryFault);
    expect(torn.address('ready')).toBe(CACHE + 104n);
  });
});

describe('a number in bytes', () => {
  const bytes = Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x81]);

  it.each([
    [{ offset: 0, size: 1, signed: true }, -2n],
    [{ offset: 0, size: 2, signed: false }, 0xfffen],
    [{ offset: 0, size: 4, signed: true }, -2n],
    [{ offset: 0, size: 4, signed: false }, 0xfffffffen],
    [{ offset: 0, size: 8, signed: true }, 0x7ffffffffffffffen],
    [{ offset: 1, size: 8, signed: true }, BigInt.asIntN(64, 0x817fffffffffffffn)],
    [{ offset: 0, size: 1, signed: false, bitOffset: 0, bitSize: 1 }, 0n],
    [{ offset: 0, size: 1, signed: false, bitOffset: 1, bitSize: 3 }, 7n],
    [{ offset: 0, size: 1, signed: true, bitOffset: 0, bitSize: 2 }, -2n],
    [{ offset: 0, size: 4, signed: false, bitOffset: 0, bitSize: 32 }, 0xfffffffen],
    [{ offset: 3, size: 5, signed: false, bitOffset: 4, bitSize: 33 }, 0x1ffffffffn],
    [{ offset: 0, size: 9, signed: false, bitOffset: 4, bitSize: 64 }, 0x17ffffffffffffffn],
  ])('is read exactly: %o', (scalar, value) => {
    expect(readBig(scalar, bytes, 0)).toBe(value);
    expect(readNumber(scalar, bytes, 0)).toBe(Number(value));
  });
});
