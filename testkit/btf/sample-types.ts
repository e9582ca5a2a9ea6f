import { BtfWriter } from './btf-writer.ts';

/** Ids of what `sampleTypes` writes. */
export interface SampleIds {
  readonly int: number;
  readonly cache: number;
  readonly slab: number;
  readonly listHead: number;
}

/** A small kernel: the shapes that layouts must stand, under the names that the kernel gives them. */
export function sampleTypes(): { readonly writer: BtfWriter; readonly ids: SampleIds } {
  const writer = new BtfWriter();
  const int = writer.int('int', 4, 1);
  const unsigned = writer.int('unsigned int', 4);
  const long = writer.int('long unsigned int', 8);
  const char = writer.int('char', 1, 1);
  const bool = writer.int('_Bool', 1, 4);
  const s64 = writer.int('long long int', 8, 1);
  const constChar = writer.modifier('const', char);
  const text = writer.pointer(constChar);
  // Refers to itself, ahead of its definition.
  const listHead = writer.nextId;
  writer.struct('list_head', 16, [
    { name: 'next', type: listHead + 1, bitOffset: 0 },
    { name: 'prev', type: listHead + 1, bitOffset: 64 },
  ]);
  writer.pointer(listHead);
  const atomicStruct = writer.struct('', 4, [{ name: 'counter', type: int, bitOffset: 0 }]);
  const atomic = writer.modifier('typedef', atomicStruct, 'atomic_t');
  const refcountStruct = writer.struct('refcount_struct', 4, [{ name: 'refs', type: atomic, bitOffset: 0 }]);
  const refcount = writer.modifier('typedef', refcountStruct, 'refcount_t');
  const release = writer.pointer(writer.prototype(0, [['', writer.pointer(listHead)]]));
  const state = writer.enum('slab_state', { DOWN: 0, PARTIAL: 1, UP: 2, FULL: 3 });
  const slabCounters = writer.struct('', 8, [
    { name: 'inuse', type: unsigned, bitOffset: 0, bitSize: 16 },
    { name: 'objects', type: unsigned, bitOffset: 16, bitSize: 15 },
    { name: 'frozen', type: unsigned, bitOffset: 31, bitSize: 1 },
    { name: 'credit', type: int, bitOffset: 32, bitSize: 5 },
  ]);
  const slabUnion = writer.struct(
    '',
    8,
    [
      { name: 'counters', type: long, bitOffset: 0 },
      { name: '', type: slabCounters, bitOffset: 0 },
    ],
    'union',
  );
  const slab = writer.struct('slab', 40, [
    { name: '__page_flags', type: long, bitOffset: 0 },
    { name: 'slab_list', type: listHead, bitOffset: 64 },
    { name: 'freelist', type: writer.pointer(0), bitOffset: 192 },
    { name: '', type: slabUnion, bitOffset: 256 },
  ]);
  const cacheId = writer.nextId + 5;
  const name = writer.array(char, 16);
  const nodes = writer.array(writer.pointer(slab), 4);
  const tail = writer.array(long, 0);
  const self = writer.pointer(cacheId);
  const cache = writer.struct('kmem_cache', 152, [
    { name: 'name', type: text, bitOffset: 0 },
    { name: 'label', type: name, bitOffset: 64 },
    { name: 'refcount', type: refcount, bitOffset: 192 },
    { name: 'state', type: state, bitOffset: 224 },
    { name: 'list', type: listHead, bitOffset: 256 },
    { name: 'node', type: nodes, bitOffset: 384 },
    { name: 'parent', type: self, bitOffset: 640 },
    { name: 'ctor', type: release, bitOffset: 704 },
    { name: 'used', type: s64, bitOffset: 768 },
    { name: 'ready', type: bool, bitOffset: 832 },
    { name: 'first', type: slab, bitOffset: 896 },
    { name: 'tail', type: tail, bitOffset: 1216 },
  ]);
  writer.function('kfree', writer.prototype(0, [['object', writer.pointer(0)]]));
  const format: readonly (readonly [string, number])[] = [['format', text], ['', 0]]; // prettier-ignore
  writer.function('printk', writer.prototype(int, format));
  writer.variable('cpu_info', writer.struct('cpuinfo_x86', 8, [{ name: 'x', type: long, bitOffset: 0 }]));
  writer.enum('pageflags', { PG_locked: 0, PG_slab: 9 });
  writer.enum64('wide', { WIDE_BIT: 1n << 40n });
  writer.forward('nowhere_defined');
  return { writer, ids: { int, cache, slab, listHead } };
}
