import { describe, expect, it } from 'vitest';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { sampleTypes } from '../../../testkit/btf/sample-types.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { LayoutError } from './layout-error.ts';
import { Layouts } from './layouts.ts';
import { sizeOfType } from './type-ref.ts';

const { writer, ids } = sampleTypes();
const kernel = openBtf(writer.bytes(), 'sample').value;
const layouts = new Layouts([kernel]);

describe('layouts', () => {
  it('know structs by their names and by those of typedefs', () => {
    expect(layouts.sizeOf('kmem_cache')).toBe(152);
    expect(layouts.sizeOf('struct kmem_cache')).toBe(152);
    expect(layouts.sizeOf('union kmem_cache')).toBeUndefined();
    expect(layouts.sizeOf('atomic_t')).toBe(4);
    expect(layouts.member('atomic_t', 'counter')).toMatchObject({ offset: 0, size: 4 });
    expect(layouts.sizeOf('long unsigned int')).toBe(8);
    expect(layouts.sizeOf('enum slab_state')).toBe(4);
    expect(layouts.struct('slab_state')).toBeUndefined();
    expect(layouts.struct('nowhere_defined')).toBeUndefined();
  });

  it.each([
    ['kmem_cache', 'label', 8, 16],
    ['kmem_cache', 'label[3]', 11, 1],
    ['kmem_cache', 'node', 48, 32],
    ['kmem_cache', 'node[3]', 72, 8],
    ['kmem_cache', 'first.slab_list.prev', 128, 8],
    ['kmem_cache', 'tail', 152, 0],
    ['kmem_cache', 'tail[2]', 168, 8],
    ['slab', 'counters', 32, 8],
    ['slab', 'slab_list|lru', 8, 16],
    ['slab', 'lru|slab_list', 8, 16],
  ])('place %s.%s at byte %i, %i bytes', (struct, path, offset, size) => {
    expect(layouts.member(struct, path)).toMatchObject({ offset, size });
    expect(layouts.has(struct, path)).toBe(true);
  });

  it.each([
    ['slab', 'inuse', { offset: 32, size: 2, bitOffset: 0, bitSize: 16 }],
    ['slab', 'objects', { offset: 34, size: 2, bitOffset: 0, bitSize: 15 }],
    ['slab', 'frozen', { offset: 35, size: 1, bitOffset: 7, bitSize: 1 }],
    ['kmem_cache', 'first.credit', { offset: 148, size: 1, bitOffset: 0, bitSize: 5 }],
  ])('place the bit field %s.%s', (struct, path, place) => {
    expect(layouts.member(struct, path)).toMatchObject(place);
  });

  it.each(['nope', 'node[4]', 'node.x', 'label[', '.', 'list..next', 'list.next.next', 'node[x]', 'a b', '[0]'])(
    'have no member %s',
    (path) => {
      expect(layouts.member('kmem_cache', path)).toBeUndefined();
    },
  );

  it('take the first of several members', () => {
    expect(layouts.firstOf('slab', ['lru', 'slab_list'])?.offset).toBe(8);
    expect(layouts.firstOf('slab', ['lru', 'list'])).toBeUndefined();
    expect(layouts.firstOf('slub', ['lru'])).toBeUndefined();
  });

  it('know constants, enums, prototypes and variables', () => {
    expect(layouts.enumValue('PG_slab')).toBe(9n);
    expect(layouts.enumValue('PG_none')).toBeUndefined();
    expect(layouts.enumValues('pageflags')).toEqual([
      { name: 'PG_locked', value: 0n },
      { name: 'PG_slab', value: 9n },
    ]);
    expect(layouts.enumValues('none')).toEqual([]);
    expect(layouts.prototype('kfree')?.prototype).toMatchObject({ returns: 0, parameters: [{ name: 'object' }] });
    expect(layouts.prototype('kmalloc')).toBeUndefined();
    const variable = layouts.variable('cpu_info');
    expect(variable && sizeOfType(variable)).toBe(8);
  });

  it('say what is missing to a walk that needs it', () => {
    expect(() => layouts.needStruct('slub')).toThrow(LayoutError);
    expect(() => layouts.needStruct('slab').need('lru|list')).toThrow('slab has no member lru|list');
    expect(() => layouts.needStruct('slab').needScalar('slab_list')).toThrow('slab.slab_list is not a number');
  });

  it('look into modules where the kernel does not know a name', () => {
    const module = new BtfWriter({ firstId: writer.nextId, firstString: writer.stringsEnd });
    module.struct('slab', 4, []);
    module.struct('private', 24, [{ name: 'list', type: ids.listHead, bitOffset: 64 }]);
    const both = new Layouts([kernel, openBtf(module.bytes(), 'module', kernel).value]);
    expect(both.sizeOf('slab')).toBe(40);
    expect(both.member('private', 'list.prev')?.offset).toBe(16);
  });
});

describe('layouts of damaged types', () => {
  const odd = new BtfWriter();
  odd.modifier('typedef', 1, 'itself');
  odd.struct('endless', 8, [
    { name: '', type: odd.nextId, bitOffset: 0 },
    { name: '', type: odd.nextId, bitOffset: 8 },
  ]);
  const array = odd.array(odd.nextId, 2);
  odd.struct('lost', 8, [{ name: 'member', type: 999, bitOffset: 0 }]);
  const damaged = new Layouts([openBtf(odd.bytes(), 'odd').value]);

  it('end where types go round', () => {
    expect(damaged.sizeOf('itself')).toBeUndefined();
    expect(damaged.struct('itself')).toBeUndefined();
    expect(damaged.member('endless', 'x')).toBeUndefined();
    expect(damaged.member('lost', 'member')).toMatchObject({ offset: 0, size: 0 });
    expect(damaged.member('lost', 'member.x')).toBeUndefined();
    expect(sizeOfType({ graph: damaged.graphs[0] ?? kernel, id: array })).toBeUndefined();
  });
});
