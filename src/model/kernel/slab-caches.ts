import { LayoutError } from '../layouts/layout-error.ts';
import type { StructLayout } from '../layouts/struct-layout.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';

/** A struct kmem_cache. Sizes in bytes. */
export interface KmemCache {
  readonly address: bigint;
  readonly name: string;
  /** From one object to the next. */
  readonly size: number;
  /** What a user of the cache asked for. */
  readonly objectSize: number;
  /** SLAB_RECLAIM_ACCOUNT: what is in it can be given back under pressure. */
  readonly reclaimable: boolean;
  /** Of the memory cgroup children of kernels before 5.9 (commit 9855609bde03): the cache they belong to. */
  readonly root?: bigint;
  /** Page frames of a slab of this cache, as it would be made now, as a power of two. */
  readonly order: number;
  readonly slub?: SlubCache;
  readonly slab?: SlabCache;
}

/** What SLUB keeps of a cache. */
export interface SlubCache {
  /** Where in a free object the pointer to the next lies. */
  readonly freeOffset: number;
  /** What pointers in free lists are mixed with (CONFIG_SLAB_FREELIST_HARDENED, 4.14). */
  readonly random?: bigint;
  /** Where behind an object its struct track lies (slub_debug=U); absent where none is kept. */
  readonly trackOffset?: number;
  /** Bytes of red zone before each object. */
  readonly redLeftPad: number;
  /** Per-CPU struct kmem_cache_cpu; absent with SLUB_TINY and from 7.0 on. */
  readonly cpuSlab?: bigint;
  /** Per-CPU struct slub_percpu_sheaves (6.18, commit 2d517aa09bbc), where the cache has sheaves. */
  readonly cpuSheaves?: bigint;
  /** Objects that a sheaf of this cache has room for. */
  readonly sheafCapacity?: number;
}

/** What SLAB keeps of a cache. */
export interface SlabCache {
  readonly objectsPerSlab: number;
  /** Per-CPU struct array_cache. */
  readonly cpuCache: bigint;
}

/** SLAB has its own type of index, SLUB a free pointer in the objects; SLOB is gone since 6.4 and had no caches to list. */
export function allocatorOf(kernel: Kernel): 'SLUB' | 'SLAB' | undefined {
  const cache = kernel.layouts.struct('kmem_cache');
  if (cache === undefined) return undefined;
  if (cache.has('offset')) return 'SLUB';
  return cache.has('gfporder') ? 'SLAB' : undefined;
}

/** The caches of `slab_caches`, in the kernel's order. */
export function slabCaches(kernel: Kernel): Walked<readonly KmemCache[]> {
  const { symbols, layouts } = kernel;
  const head = symbols.find('slab_caches') ?? symbols.find('cache_chain');
  const layout = layouts.struct('kmem_cache');
  if (head === undefined || layout === undefined) {
    return {
      value: [],
      problems: [
        `no slab caches: ${head === undefined ? 'slab_caches is in no table of symbols' : 'no type kmem_cache'}`,
      ],
    };
  }
  const problems: string[] = [];
  const value: KmemCache[] = [];
  try {
    collect(kernel, layout, head, value, problems);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    problems.push(`the slab caches cannot be read: ${cause.message}`);
  }
  return { value, problems };
}

/** Adds what it finds. Throws LayoutError where the types lack what a cache needs. */
function collect(kernel: Kernel, layout: StructLayout, head: bigint, value: KmemCache[], problems: string[]): void {
  const { memory, layouts } = kernel;
  const at = BigInt(layout.need('list').offset);
  const flags = cacheFlags(kernel);
  for (const entry of walkListFromBothEnds(memory, head, (p) => problems.push(`the list of slab caches ${p}`))) {
    const address = entry - at;
    const cache = ifThere(() => readCache(viewStruct(memory, layouts, layout, address), address, flags));
    if (cache && makesSense(cache, memory.pageSize)) value.push(cache);
    else
      problems.push(
        cache
          ? `the slab cache at ${address.toString(16)} is damaged: objects of ${cache.size} bytes in 2^${cache.order} pages`
          : `the slab cache at ${address.toString(16)} cannot be read`,
      );
  }
}

/** Objects have room for a pointer, and a slab has room for one of them. No slab is larger than what pages can give. */
const makesSense = ({ size, order }: KmemCache, pageSize: number): boolean =>
  size >= 8 && order <= MOST_ORDER && size <= pageSize * 2 ** order;

/** MAX_ORDER is 10, with pages of 64 KiB 13; distributions have had 14. */
const MOST_ORDER = 15;

function readCache(view: StructView, address: bigint, flags: CacheFlags): KmemCache {
  const root = view.has('memcg_params.root_cache') ? view.pointer('memcg_params.root_cache') : 0n;
  const slub = view.has('offset');
  return {
    address,
    name: ifThere(() => view.text('name')) ?? address.toString(16),
    size: view.number('size'),
    objectSize: view.number(view.has('object_size') ? 'object_size' : 'objsize'),
    reclaimable: (view.u64('flags') & flags.reclaimable) !== 0n,
    ...(root === 0n ? {} : { root }),
    order: slub ? view.number('oo.x') >>> 16 : view.number('gfporder'),
    ...(slub
      ? { slub: readSlub(view, flags) }
      : { slab: { objectsPerSlab: view.number('num'), cpuCache: view.pointer('cpu_cache') } }),
  };
}

function readSlub(view: StructView, flags: CacheFlags): SlubCache {
  const sheaves = view.has('cpu_sheaves') ? view.pointer('cpu_sheaves') : 0n;
  return {
    freeOffset: view.number('offset'),
    ...trackOffset(view, flags),
    ...(view.has('random') ? { random: view.u64('random') } : {}),
    redLeftPad: view.has('red_left_pad') ? view.number('red_left_pad') : 0,
    ...(view.has('cpu_slab') ? { cpuSlab: view.pointer('cpu_slab') } : {}),
    ...(sheaves === 0n ? {} : { cpuSheaves: sheaves }),
    ...(view.has('sheaf_capacity') ? { sheafCapacity: view.number('sheaf_capacity') } : {}),
  };
}

/** Behind the object, and behind the pointer to the next free one where that lies outside too (mm/slub.c, get_info_end). */
function trackOffset(view: StructView, { storesUser }: CacheFlags): Pick<SlubCache, 'trackOffset'> {
  if ((view.u64('flags') & storesUser) === 0n) return {};
  const end = view.number('inuse');
  return { trackOffset: view.number('offset') >= end ? end + 8 : end };
}

interface CacheFlags {
  readonly reclaimable: bigint;
  readonly storesUser: bigint;
}

/**
 * SLAB_RECLAIM_ACCOUNT and SLAB_STORE_USER are macros before 6.9, then bits of an enum (commit cc61eb851461) whose numbers
 * depend on the configuration.
 */
function cacheFlags({ layouts }: Kernel): CacheFlags {
  const of = (name: string, macro: bigint): bigint => {
    const bit = layouts.enumValue(name);
    return bit === undefined ? macro : 1n << bit;
  };
  return { reclaimable: of('_SLAB_RECLAIM_ACCOUNT', 0x20000n), storesUser: of('_SLAB_STORE_USER', 0x10000n) };
}
