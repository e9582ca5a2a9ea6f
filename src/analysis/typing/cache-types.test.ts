import { describe, expect, it } from 'vitest';
import { BtfWriter } from '../../../testkit/btf/btf-writer.ts';
import { openBtf } from '../../formats/btf/btf.ts';
import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import { cacheTypes, structOfName } from './cache-types.ts';
import { TypeCatalog } from './type-catalog.ts';

const STRUCTS = {
  dentry: 192,
  file: 232,
  socket_alloc: 768,
  files_struct: 704,
  shmem_inode_info: 776,
  udp6_sock: 1344,
  unix_sock: 1024,
  cred: 176,
  pid: 96,
  task_struct: 9728,
} as const;

const writer = new BtfWriter();
const int = writer.int('int', 4, 1);
for (const [name, size] of Object.entries(STRUCTS))
  writer.struct(name, size, [{ name: 'flags', type: int, bitOffset: 0 }]);
const catalog = new TypeCatalog([openBtf(writer.bytes(), 'made').value]);

const cache = (name: string, objectSize: number): KmemCache => ({
  name,
  objectSize,
  size: objectSize,
  address: 0n,
  reclaimable: false,
  order: 0,
});

describe('what a cache is named for', () => {
  it.each([
    ['dentry', 'dentry'],
    ['filp', 'file'],
    ['sock_inode_cache', 'socket_alloc'],
    ['files_cache', 'files_struct'],
    ['shmem_inode_cache', 'shmem_inode_info'],
    ['UDPv6', 'udp6_sock'],
    ['UNIX-STREAM', 'unix_sock'],
    ['cred_jar', 'cred'],
    ['names_cache', undefined],
  ])('%s: %s', (name, struct) => {
    expect(structOfName(catalog, name)?.name).toBe(struct);
  });

  it('counts where sizes are near, and tells whether there may be something else', () => {
    const names = (name: string, size: number, ...aliases: string[]): unknown => {
      const { named, isAll } = cacheTypes(catalog, cache(name, size), aliases, []);
      return [named.map((struct) => struct.name), isAll];
    };
    expect(names('task_struct', 8328)).toEqual([['task_struct'], true]);
    expect(names('pid', 128)).toEqual([['pid'], true]);
    expect(names('dentry', 1000)).toEqual([[], false]);
    expect(names('cred_jar', 192, 'something_else')).toEqual([['cred'], false]);
  });
});

describe('sizes of what a cache may hold', () => {
  const all = [cache('kmalloc-128', 128), cache('kmalloc-192', 192), cache('kmalloc-cg-64', 64), cache('kmalloc-8', 8)];
  it('of kmalloc begin behind the next smaller one of its family', () => {
    expect(cacheTypes(catalog, cache('kmalloc-192', 192), [], all).range).toEqual([128, 192]);
    expect(cacheTypes(catalog, cache('kmalloc-cg-64', 64), [], all).range).toEqual([0, 64]);
  });

  it('of others are that of their objects, unless they are merged', () => {
    expect(cacheTypes(catalog, cache('dentry', 192), [], all).range).toEqual([184, 192]);
    expect(cacheTypes(catalog, cache('dentry', 192), ['other'], all).range).toEqual([121, 192]);
  });
});
