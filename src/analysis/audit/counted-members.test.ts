import { describe, expect, it } from 'vitest';
import type { TypeGraph, TypeNode } from '../../base/type-graph.ts';
import { StructLayout } from '../../model/layouts/struct-layout.ts';
import { countedMember } from './counted-members.ts';

const int: TypeNode = { kind: 'int', name: 'int', size: 4, encoding: 'signed' };
const long: TypeNode = { kind: 'int', name: 'long int', size: 8, encoding: 'signed' };
const struct = (
  name: string,
  size: number,
  ...members: readonly (readonly [name: string, type: number])[]
): TypeNode => ({
  kind: 'struct',
  name,
  size,
  members: members.map(([member, type], i) => ({ name: member, bitOffset: i * 64, type })),
});
const typedef = (name: string, to: number): TypeNode => ({ kind: 'typedef', name, to });

/** By number: 1 int, 2 atomic_t, 3 refcount_t, 4 kref, 5 kobject, 6 file_ref_t; from 20 on what is asked. */
function layoutOf(...members: readonly (readonly [name: string, type: number])[]): StructLayout {
  const nodes = new Map<number, TypeNode>([
    [1, int],
    [10, struct('', 4, ['counter', 1])],
    [2, typedef('atomic_t', 10)],
    [11, struct('refcount_struct', 4, ['refs', 2])],
    [3, typedef('refcount_t', 11)],
    [4, struct('kref', 4, ['refcount', 3])],
    [5, struct('kobject', 16, ['name', 7], ['kref', 4])],
    [7, long],
    [12, struct('', 8, ['counter', 7])],
    [8, typedef('atomic_long_t', 12)],
    [13, struct('', 8, ['refcnt', 8])],
    [6, typedef('file_ref_t', 13)],
    [14, struct('rw_semaphore', 16, ['count', 8])],
    [15, { kind: 'union', name: '', size: 8, members: [{ name: 'usage', bitOffset: 0, type: 2 }] }],
    [20, struct('thing', 64, ...members)],
  ]);
  const graph: TypeGraph = {
    source: 'made up',
    count: 21,
    node: (id) => nodes.get(id) ?? { kind: 'other' },
    find: () => undefined,
    all: () => [],
    constant: () => undefined,
  };
  return new StructLayout('thing', { graph, id: 20 });
}

describe('the member that counts references', () => {
  it('is a kobject or kref before a refcount_t, and that before an atomic number', () => {
    expect(countedMember(layoutOf(['usage', 2], ['refs', 3], ['ref', 4]))?.name).toBe('ref.refcount');
    expect(countedMember(layoutOf(['ref', 4], ['kobj', 5]))).toEqual({
      name: 'kobj.kref.refcount',
      offset: 16,
      size: 4,
      plus: 0,
    });
    expect(countedMember(layoutOf(['usage', 2], ['refs', 3]))?.name).toBe('refs');
  });

  it('is one more than a file_ref_t says', () => {
    expect(countedMember(layoutOf(['f_ref', 6]))).toEqual({ name: 'f_ref.refcnt', offset: 0, size: 8, plus: 1 });
  });

  it('is an atomic number where its name says so, in an anonymous part too', () => {
    expect(countedMember(layoutOf(['f_count', 8]))).toMatchObject({ name: 'f_count', size: 8 });
    expect(countedMember(layoutOf(['id', 1], ['', 15]))).toMatchObject({ name: 'usage', offset: 8 });
    expect(countedMember(layoutOf(['flags', 2]))).toBeUndefined();
  });

  it('is not the state of a lock, nor bytes in a buffer', () => {
    expect(countedMember(layoutOf(['lock', 14]))).toBeUndefined();
    expect(countedMember(layoutOf(['sk_wmem_alloc', 3]))).toBeUndefined();
  });
});
