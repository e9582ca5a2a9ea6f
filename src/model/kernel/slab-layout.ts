import type { Layouts } from '../layouts/layouts.ts';
import type { MemberLayout } from '../layouts/struct-layout.ts';

/** A number of up to 32 bits inside a struct page: bytes, then shift and mask. */
export interface SlabField {
  readonly offset: number;
  readonly shift: number;
  readonly mask: number;
}

/** Where the head page of a slab keeps what the allocator knows of it; offsets from the start of the struct page. */
export interface SlabLayout {
  readonly cache: number;
  readonly freelist: number;
  readonly slub?: { readonly inUse: SlabField; readonly objects: SlabField; readonly frozen?: SlabField };
  /** SLAB: `freelist` is an index array. */
  readonly slab?: { readonly memory: number; readonly active: SlabField };
}

/**
 * Since 5.17 (commit d122019bf061) struct slab, which lies over struct page; before, members of struct page itself, to 3.5
 * (commit 1b4f59e356cc) `slab` for the cache. Undefined where the types say neither, or place a member outside.
 */
export function slabLayout(layouts: Layouts): SlabLayout | undefined {
  const struct = layouts.has('slab', 'slab_cache') ? 'slab' : 'page';
  const size = layouts.sizeOf('page') ?? 0;
  const member = (path: string): MemberLayout | undefined => {
    const found = layouts.member(struct, path);
    return found && found.offset + found.size <= size ? found : undefined;
  };
  const [cache, freelist] = [member('slab_cache|slab'), member('freelist')];
  if (!cache || !freelist) return undefined;
  const [inUse, objects, frozen] = [member('inuse'), member('objects'), member('frozen')];
  const [memory, active] = [member('s_mem'), member('active')];
  const slub = layouts.has('kmem_cache', 'offset');
  return {
    cache: cache.offset,
    freelist: freelist.offset,
    ...(slub && inUse && objects
      ? { slub: { inUse: field(inUse), objects: field(objects), ...(frozen ? { frozen: field(frozen) } : {}) } }
      : {}),
    ...(!slub && memory && active ? { slab: { memory: memory.offset, active: field(active) } } : {}),
  };
}

function field({ offset, size, bitOffset, bitSize }: MemberLayout): SlabField {
  const bits = bitSize ?? size * 8;
  const mask = bits >= 32 ? 0xffffffff : 2 ** bits - 1;
  const shift = (offset % 4) * 8 + (bitOffset ?? 0);
  // Read as the 32-bit word that holds it.
  return { offset: offset - (offset % 4), shift, mask };
}
