import type { HeapTypes } from './heap-spec.ts';
import { inOrder, placed, type StructSpec } from './struct-spec.ts';

export interface SlabOptions {
  /** Members of struct page (before 5.17), struct slab that begins with its list (to 6.0), or with its cache. */
  readonly struct?: 'page' | 'slab-5.17' | 'slab';
  /** freelist_idx_t: bytes where a page has at most 256 objects. */
  readonly indexBytes?: 1 | 2;
  /** Since 4.0 the array for another node stands in a struct with its lock. */
  readonly alienLock?: boolean;
}

export interface SlabTypes extends HeapTypes {
  readonly cache: StructSpec;
  readonly node: StructSpec;
  readonly array: StructSpec;
  readonly alien: StructSpec;
  readonly slab?: StructSpec;
  readonly indexBytes: 1 | 2;
}

/** The structs of SLAB (mm/slab.h, mm/slab.c) of one configuration. */
export function slabTypes(options: SlabOptions): SlabTypes {
  const { struct = 'slab', indexBytes = 1, alienLock = true } = options;
  const array = inOrder('array_cache', { avail: 'u32', limit: 'u32', batchcount: 'u32', touched: 'u32', entry: { of: 'ptr', count: 0 } }); // prettier-ignore
  const alien = inOrder('alien_cache', { lock: 'u32', ac: array });
  const cache = inOrder('kmem_cache', {
    cpu_cache: 'ptr',
    batchcount: 'u32',
    limit: 'u32',
    shared: 'u32',
    size: 'u32',
    flags: 'u32',
    num: 'u32',
    gfporder: 'u32',
    colour: 'u64',
    freelist_size: 'u32',
    ctor: 'ptr',
    name: 'char*',
    list: 'list',
    refcount: 'u32',
    object_size: 'u32',
    align: 'u32',
    node: { of: 'ptr', count: 1024 },
  });
  const node = inOrder('kmem_cache_node', {
    list_lock: 'u64',
    slabs_partial: 'list',
    slabs_full: 'list',
    slabs_free: 'list',
    total_slabs: 'u64',
    free_objects: 'u64',
    shared: 'ptr',
    alien: 'ptr',
  });
  const slab = struct === 'page' ? undefined : slabSpec(struct);
  return {
    cache,
    node,
    array,
    alien,
    indexBytes,
    ...(slab ? { slab } : {}),
    structs: [cache, node, array, ...(alienLock ? [alien] : []), ...(slab ? [slab] : [])],
    enums: {},
    typedefs: { freelist_idx_t: indexBytes === 1 ? 'u8' : 'u16' },
  };
}

const slabSpec = (struct: 'slab' | 'slab-5.17'): StructSpec =>
  placed('slab', 64, {
    __page_flags: [0, 'u64'],
    slab_list: [struct === 'slab' ? 16 : 8, 'list'],
    slab_cache: [struct === 'slab' ? 8 : 24, 'ptr'],
    freelist: [32, 'ptr'],
    s_mem: [40, 'ptr'],
    active: [48, 'u32'],
    __page_refcount: [52, 'u32'],
  });
