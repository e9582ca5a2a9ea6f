import type { HeapTypes } from './heap-spec.ts';
import { counters } from './page-style.ts';
import { inOrder, type MemberType, placed, type StructSpec } from './struct-spec.ts';

export interface SlubOptions {
  /** Members of struct page (before 5.17), struct slab that begins with its list (to 6.0), or with its cache. */
  readonly struct?: 'page' | 'slab-5.17' | 'slab';
  /** struct kmem_cache_cpu, gone with SLUB_TINY and 7.0. */
  readonly cpuSlab?: boolean;
  /** CONFIG_SLUB_CPU_PARTIAL. */
  readonly cpuPartial?: boolean;
  /** CONFIG_SLAB_FREELIST_HARDENED; the address turned round since 5.7. */
  readonly hardened?: 'swapped' | 'plain';
  /** Since 6.18, at first only where a cache asks for them. */
  readonly sheaves?: boolean;
  /** 7.1: pairs of barn and node in place of nodes. */
  readonly perNode?: boolean;
  /** CONFIG_SLUB_DEBUG. */
  readonly redZones?: boolean;
  /** Before 5.9: a copy of a cache for each memory cgroup. */
  readonly memcgCaches?: boolean;
  /** Since 6.9 flags of caches are bits of an enum, whose numbers depend on the configuration. */
  readonly reclaimBit?: number;
}

export interface SlubTypes extends HeapTypes {
  readonly cache: StructSpec;
  readonly cpu: StructSpec;
  readonly node: StructSpec;
  readonly slab?: StructSpec;
  readonly sheaves: StructSpec;
  readonly sheaf: StructSpec;
  readonly barn: StructSpec;
}

const orderObjects = inOrder('kmem_cache_order_objects', { x: 'u32' });
const kobject = inOrder('kobject', {
  name: 'char*',
  entry: 'list',
  parent: 'ptr',
  kset: 'ptr',
  ktype: 'ptr',
  sd: 'ptr',
});
const nodePointers = inOrder('kmem_cache_per_node_ptrs', { barn: 'ptr', node: 'ptr' });
const memcgParams = inOrder('memcg_cache_params', { root_cache: 'ptr', children: 'list' });

/** The structs of SLUB (mm/slab.h, mm/slub.c) of one configuration. */
export function slubTypes(options: SlubOptions): SlubTypes {
  const { struct = 'slab', cpuSlab = true, sheaves = false } = options;
  const cache = cacheSpec(options);
  const cpu = inOrder('kmem_cache_cpu', {
    freelist: 'ptr',
    tid: 'u64',
    [struct === 'page' ? 'page' : 'slab']: 'ptr',
    partial: options.cpuPartial === false ? undefined : 'ptr',
  });
  const node = inOrder('kmem_cache_node', {
    list_lock: 'u64',
    nr_partial: 'u64',
    partial: 'list',
    nr_slabs: 'u64',
    total_objects: 'u64',
    barn: sheaves && options.perNode !== true ? 'ptr' : undefined,
  });
  const slab = struct === 'page' ? undefined : slabSpec(struct);
  const structs = [cache, node, ...(cpuSlab ? [cpu] : []), ...(slab ? [slab] : []), ...(sheaves ? Object.values(SHEAVES) : [])]; // prettier-ignore
  const bit = options.reclaimBit;
  return {
    cache,
    cpu,
    node,
    ...SHEAVES,
    ...(slab ? { slab } : {}),
    structs,
    enums: bit === undefined ? {} : { _slab_flag_bits: { _SLAB_CONSISTENCY_CHECKS: 0, _SLAB_RECLAIM_ACCOUNT: bit } },
    typedefs: {},
  };
}

const SHEAVES = {
  sheaves: inOrder('slub_percpu_sheaves', { lock: 'u32', main: 'ptr', spare: 'ptr', rcu_free: 'ptr' }),
  sheaf: inOrder('slab_sheaf', { barn_list: 'list', cache: 'ptr', size: 'u32', node: 'u32', objects: { of: 'ptr', count: 0 } }), // prettier-ignore
  barn: inOrder('node_barn', { lock: 'u64', sheaves_full: 'list', sheaves_empty: 'list', nr_full: 'u32', nr_empty: 'u32' }), // prettier-ignore
};

function cacheSpec(options: SlubOptions): StructSpec {
  const { cpuSlab = true, sheaves = false, perNode = false, redZones = true, memcgCaches = false } = options;
  const only = <T>(condition: boolean, type: T): T | undefined => (condition ? type : undefined);
  return inOrder('kmem_cache', {
    cpu_sheaves: only(sheaves, 'ptr'),
    cpu_slab: only(cpuSlab, 'ptr'),
    flags: 'u32',
    min_partial: 'u64',
    size: 'u32',
    object_size: 'u32',
    offset: 'u32',
    cpu_partial: only(cpuSlab && options.cpuPartial !== false, 'u32'),
    sheaf_capacity: only(sheaves, 'u32'),
    oo: orderObjects,
    min: orderObjects,
    allocflags: 'u32',
    refcount: 'u32',
    ctor: 'ptr',
    inuse: 'u32',
    align: 'u32',
    red_left_pad: only(redZones, 'u32'),
    name: 'char*',
    list: 'list',
    kobj: kobject,
    memcg_params: only(memcgCaches, memcgParams),
    random: only(options.hardened !== undefined, 'u64'),
    node: only<MemberType>(!perNode, { of: 'ptr', count: 1024 }),
    per_node: only<MemberType>(perNode, { of: nodePointers, count: 0 }),
  });
}

const slabSpec = (struct: 'slab' | 'slab-5.17'): StructSpec =>
  struct === 'slab'
    ? placed('slab', 64, {
        __page_flags: [0, 'u64'],
        slab_cache: [8, 'ptr'],
        slab_list: [16, 'list'],
        next: [16, 'ptr'],
        freelist: [32, 'ptr'],
        ...counters(40),
        __page_type: [48, 'u32'],
        __page_refcount: [52, 'u32'],
      })
    : placed('slab', 64, {
        __page_flags: [0, 'u64'],
        slab_list: [8, 'list'],
        next: [8, 'ptr'],
        slab_cache: [24, 'ptr'],
        freelist: [32, 'ptr'],
        ...counters(40),
        __unused: [48, 'u32'],
        __page_refcount: [52, 'u32'],
      });
