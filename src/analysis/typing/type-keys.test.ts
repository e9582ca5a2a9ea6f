import { describe, expect, it } from 'vitest';
import type { TypeGraph } from '../../base/type-graph.ts';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import { pathAt, structsAt } from './embedded-members.ts';
import { fieldsOf } from './struct-fields.ts';
import { TypeCatalog } from './type-catalog.ts';
import { TypeKeys } from './type-keys.ts';

interface Written {
  readonly graph: TypeGraph;
  readonly named: number;
  readonly bare: number;
  readonly other: number;
  readonly holder: number;
  readonly outer: number;
}

/** A function takes names along and members do not, so that one prototype has several numbers. */
function write(): Written {
  const w = new BtfWriter();
  const int = w.int('int', 4, 1);
  const long = w.int('long unsigned int', 8);
  const char = w.int('char', 1);
  const pointer = w.pointer(0);
  const file = w.forward('seq_file');
  const filePointer = w.pointer(file);
  const size = w.modifier('typedef', w.int('long long int', 8, 1), 'loff_t');
  const sizePointer = w.pointer(size);
  const named = w.prototype(pointer, [
    ['m', filePointer],
    ['pos', sizePointer],
  ]);
  const bare = w.prototype(pointer, [
    ['', filePointer],
    ['', sizePointer],
  ]);
  const other = w.prototype(int, [['', filePointer]]);
  const list = w.struct('list_head', 16, [
    { name: 'next', type: pointer, bitOffset: 0 },
    { name: 'prev', type: pointer, bitOffset: 64 },
  ]);
  const listPointer = w.pointer(list);
  const either = w.struct(
    '',
    16,
    [
      { name: 'list', type: list, bitOffset: 0 },
      { name: 'start', type: w.pointer(bare), bitOffset: 0 },
    ],
    'union',
  );
  const holder = w.struct('holder', 72, [
    { name: 'flags', type: int, bitOffset: 0 },
    { name: 'link', type: list, bitOffset: 64 },
    { name: '', type: either, bitOffset: 192 },
    { name: 'name', type: w.array(char, 8), bitOffset: 320 },
    { name: 'next', type: listPointer, bitOffset: 384 },
    { name: 'since', type: long, bitOffset: 448 },
    { name: 'bits', type: int, bitOffset: 512, bitSize: 3 },
  ]);
  const outer = w.struct('outer', 160, [
    { name: 'first', type: holder, bitOffset: 0 },
    { name: 'pair', type: w.array(list, 2), bitOffset: 576 },
    { name: 'show', type: w.pointer(other), bitOffset: 832 },
  ]);
  const graph = openBtf(w.bytes(), 'made').value;
  return { graph, named, bare, other, holder, outer };
}

describe('prototypes', () => {
  const { graph, named, bare, other } = write();
  const keys = new TypeKeys();

  it('are the same by what they take and return, whatever the parameters are called', () => {
    expect(keys.prototype(graph, named)).toBe(keys.prototype(graph, bare));
    expect(keys.prototype(graph, other)).not.toBe(keys.prototype(graph, bare));
  });

  it('are the same in another graph', () => {
    const again = write();
    expect(keys.prototype(again.graph, again.named)).toBe(keys.prototype(graph, bare));
  });
});

describe('the words of a struct', () => {
  const { graph, holder, outer, bare, other } = write();
  const keys = new TypeKeys();

  it('are what may stand there, all of it in unions', () => {
    const kinds = fieldsOf(keys, { graph, id: holder }, 72).map((fields) => fields.map(({ kind }) => kind));
    expect(kinds).toEqual([
      ['numbers'],
      ['pointer'],
      ['pointer'],
      ['pointer', 'function'],
      ['pointer'],
      ['text'],
      ['pointer'],
      ['long'],
      ['numbers'],
    ]);
    const [link] = fieldsOf(keys, { graph, id: holder }, 72)[2] ?? [];
    expect(link).toMatchObject({ kind: 'pointer', head: 8, to: { kind: 'struct', name: 'list_head' } });
  });

  it('have a path, of unions the one that fits', () => {
    const at = (offset: number): string | undefined => pathAt(keys, { graph, id: outer }, offset);
    expect(at(8)).toBe('first.link.next');
    expect(at(24)).toBe('first.list.next');
    expect(pathAt(keys, { graph, id: outer }, 24, ({ kind }) => kind === 'function')).toBe('first.start');
    expect(at(44)).toBe('first.name');
    expect(at(96)).toBe('pair[1].prev');
    expect(at(104)).toBe('show');
    expect(at(4)).toBeUndefined();
    expect(at(500)).toBeUndefined();
  });

  it('are where other structs begin', () => {
    expect(structsAt(keys, { graph, id: outer }, 0)).toEqual(['outer', 'holder']);
    expect(structsAt(keys, { graph, id: outer }, 88)).toEqual(['list_head']);
    expect(structsAt(keys, { graph, id: outer }, 80)).toEqual([]);
  });

  it('find their struct by the functions that they point to', () => {
    const catalog = new TypeCatalog([graph]);
    const names = (offset: number, prototype: number): readonly string[] =>
      catalog.withFunction(offset, catalog.keys.prototype(graph, prototype)).map(({ name }) => name);
    expect(names(104, other)).toEqual(['outer']);
    expect(names(0, other)).toEqual([]);
    expect(names(104, bare)).toEqual([]);
    expect(catalog.beginningWith('holder').map(({ name }) => name)).toEqual(['outer']);
    expect(catalog.ofSize([16, 72]).map(({ name }) => name)).toEqual(['holder']);
  });
});
