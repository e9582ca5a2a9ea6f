import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flatMemory } from '../../../testkit/btf/flat-memory.ts';
import { sampleTypes } from '../../../testkit/btf/sample-types.ts';
import { FormatError } from '../../base/errors.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { MemoryFault } from '../memory/memory-fault.ts';
import { type Decoded, type DecodedMember, decodeStruct } from './decode.ts';
import { describeLayout } from './describe-layout.ts';
import { LayoutError } from './layout-error.ts';
import { Layouts } from './layouts.ts';

const types = sampleTypes().writer.bytes();
const layouts = new Layouts([openBtf(types, 'sample').value]);
const cacheLayout = layouts.needStruct('kmem_cache');

const BASE = 0xffff888000001f00n;
const CACHE = BASE + 192n;
const bytes = new Uint8Array(1024);
const view = new DataView(bytes.buffer);
view.setBigUint64(192, BASE, true); // name
bytes.set(Buffer.from('kmalloc-32\0'), 0);
bytes.set(Buffer.from('label\0left over'), 192 + 8);
view.setInt32(192 + 24, -3, true); // refcount
view.setUint32(192 + 28, 2, true); // state: UP
view.setBigUint64(192 + 48 + 16, CACHE, true); // node[2]
view.setBigUint64(192 + 88, 0xffffffff81000010n, true); // ctor
view.setBigInt64(192 + 96, -(2n ** 60n), true); // used
bytes[192 + 104] = 1; // ready
view.setUint32(192 + 112 + 32, (7 | (100 << 16)) >>> 0, true); // first.inuse, objects
const memory = flatMemory(BASE, bytes);
const symbol = (address: bigint): string | undefined =>
  address >> 16n === 0xffffffff8100n ? `_text+${address & 0xffffn}` : undefined;

const valueOf = (members: readonly DecodedMember[], name: string): Decoded | undefined =>
  members.find((member) => member.name === name)?.value;

describe('a decoded struct', () => {
  const { members, ...rest } = decodeStruct(memory, layouts, cacheLayout, CACHE, { symbol });

  it('says what it is', () => {
    expect(rest).toEqual({ type: 'struct kmem_cache', address: CACHE, size: 152 });
    expect(members.map(({ type, name, offset }) => `${offset} ${type} ${name}`).slice(0, 6)).toEqual([
      '0 const char * name',
      '8 char [16] label',
      '24 refcount_t refcount',
      '28 enum slab_state state',
      '32 struct list_head list',
      '48 struct slab *[4] node',
    ]);
  });

  it('has values by their types', () => {
    expect(valueOf(members, 'name')).toEqual({ kind: 'pointer', value: BASE, text: 'kmalloc-32' });
    expect(valueOf(members, 'label')).toEqual({ kind: 'text', text: 'label' });
    expect(valueOf(members, 'state')).toEqual({ kind: 'enum', value: 2n, constant: 'UP' });
    expect(valueOf(members, 'ctor')).toEqual({ kind: 'pointer', value: 0xffffffff81000010n, symbol: '_text+16' });
    expect(valueOf(members, 'used')).toEqual({ kind: 'number', value: -(2n ** 60n) });
    expect(valueOf(members, 'ready')).toEqual({ kind: 'bool', value: true });
    expect(valueOf(members, 'tail')).toEqual({ kind: 'place', value: CACHE + 152n });
  });

  it('has structs inside, and counts equal elements of arrays', () => {
    expect(valueOf(members, 'refcount')).toMatchObject({
      members: [{ name: 'refs', offset: 24, value: { members: [{ name: 'counter', value: { value: -3n } }] } }],
    });
    expect(valueOf(members, 'node')).toEqual({
      kind: 'array',
      count: 4,
      elements: [
        { times: 2, value: { kind: 'pointer', value: 0n } },
        { times: 1, value: { kind: 'pointer', value: CACHE } },
        { times: 1, value: { kind: 'pointer', value: 0n } },
      ],
    });
  });

  it('may be a few members by path, bit fields in nameless structs too', () => {
    const paths = ['first.objects', 'node[2]', 'refcount.refs.counter', 'tail[0]'];
    expect(decodeStruct(memory, layouts, cacheLayout, CACHE, { paths }).members).toEqual([
      {
        name: 'first.objects',
        type: 'unsigned int',
        offset: 146,
        bitOffset: 0,
        bitSize: 15,
        value: { kind: 'number', value: 100n },
      },
      { name: 'node[2]', type: 'struct slab *', offset: 64, value: { kind: 'pointer', value: CACHE } },
      { name: 'refcount.refs.counter', type: 'int', offset: 24, value: { kind: 'number', value: -3n } },
      { name: 'tail[0]', type: 'unsigned long', offset: 152, value: { kind: 'number', value: 0n } },
    ]);
    expect(() => decodeStruct(memory, layouts, cacheLayout, CACHE, { paths: ['nope'] })).toThrow(LayoutError);
  });

  it('says where the dump has nothing of it', () => {
    // The struct lies over the end of a page, and the next page is not there.
    const torn = flatMemory(BASE, bytes, [[BASE + 256n, 4096]]);
    const { members: some } = decodeStruct(torn, layouts, cacheLayout, CACHE);
    expect(valueOf(some, 'state')).toEqual({ kind: 'enum', value: 2n, constant: 'UP' });
    expect(valueOf(some, 'used')).toEqual({
      kind: 'unreadable',
      because: 'ffff888000002000 was left out of the dump',
    });
    const none = flatMemory(BASE, bytes, [[BASE, 4096]]);
    expect(() => decodeStruct(none, layouts, cacheLayout, CACHE)).toThrow(MemoryFault);
  });
});

describe('a described layout', () => {
  it('has offsets of all members, nameless structs unfolded', () => {
    const slab = layouts.needStruct('slab');
    const described = describeLayout(slab, slab.type);
    expect(described).toMatchObject({ type: 'struct slab', kind: 'struct', size: 40 });
    expect(described.members[3]).toMatchObject({ offset: 32, inside: { kind: 'union' } });
    const inner = described.members[3]?.inside?.members[1]?.inside?.members;
    expect(inner?.map(({ declaration, offset }) => `${offset} ${declaration}`)).toEqual([
      '32 unsigned int inuse : 16',
      '34 unsigned int objects : 15',
      '35 unsigned int frozen : 1',
      '36 int credit : 5',
    ]);
  });
});

describe('types that are damaged', () => {
  const runs = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 500);

  const decodeAll = (changed: Uint8Array): number => {
    const graph = openBtf(changed, 'x').value;
    const odd = new Layouts([graph]);
    let done = 0;
    for (const id of graph.all('struct')) {
      const layout = odd.structOf({ graph, id });
      if (layout === undefined) continue;
      describeLayout(layout, layout.type);
      layout.member('list.next');
      decodeStruct(memory, odd, layout, CACHE);
      done++;
    }
    return done;
  };

  it(
    `neither hang nor break what decodes them: ${runs} changes`,
    () => {
      const edits = fc.array(fc.tuple(fc.nat(types.length - 1), fc.nat(255)), { minLength: 1, maxLength: 10 });
      fc.assert(
        fc.property(edits, (flips) => {
          const changed = Uint8Array.from(types);
          for (const [at, byte] of flips) changed[at] = byte;
          try {
            expect(decodeAll(changed)).toBeLessThan(100);
          } catch (cause) {
            const isTold = [FormatError, LayoutError, MemoryFault].some((kind) => cause instanceof kind);
            if (!isTold) throw cause;
          }
        }),
        { numRuns: runs, seed: 20_261_126 },
      );
    },
    60_000 + runs * 50,
  );
});
