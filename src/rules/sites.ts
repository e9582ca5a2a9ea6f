import type { CallSiteGroup } from '../model/call-site.ts';
import { kmallocSize } from '../model/slab-names.ts';

/** `PING (with UNIX, UNIX-STREAM)`: a merged cache goes by the name of the first, whoever fills it. */
export function nameCache(name: string, aliases: readonly string[]): string {
  if (aliases.length === 0) return name;
  return `${name} (with ${aliases.slice(0, 3).join(', ')}${aliases.length > 3 ? ` and ${aliases.length - 3} more merged` : ''})`;
}

/** `alloc_tty_struct [tty]`, `foo_open [foo]`; callers where the function alone says little. */
export function nameSites(groups: readonly CallSiteGroup[]): string {
  return groups.map(({ site }) => `${site.function}${site.module ? ` [${site.module}]` : ''}`).join(', ');
}

/**
 * Reported allocations that lie in a cache: the report says so, or their size is one that a general cache of this
 * object size serves (more than half of it; the smallest general cache of a machine serves all below).
 */
export function sitesOfCache(
  groups: readonly CallSiteGroup[],
  cache: string,
  slotSize: number | undefined,
): readonly CallSiteGroup[] {
  const served = kmallocSize(cache) ?? undefined;
  return groups.filter((g) => {
    if (g.cache !== undefined) return g.cache === cache;
    if (served === undefined || g.objectSize === undefined || g.detector === 'page_owner' || g.detector === 'allocinfo')
      return false;
    if (g.area !== undefined && g.area !== 'slab') return false;
    const smallest = served >= (slotSize ?? served) && served <= 128;
    return g.objectSize <= served && (g.objectSize > served / 2 || (smallest && g.objectSize > served / 8));
  });
}

/** Functions that make one type of object and nothing else, by name, with what must free it. */
const MAKERS: readonly (readonly [maker: RegExp, type: string, partner?: string])[] = [
  [
    /^single_open(?:_size)?$/,
    'struct seq_operations',
    'opened with single_open() and not released with single_release(): seq_release() keeps this table',
  ],
  [
    /^alloc_tty_struct$/,
    'struct tty_struct',
    'a reference on the terminal is taken and not dropped with tty_kref_put()',
  ],
  [
    /^(?:__alloc_skb|__build_skb|build_skb|__netdev_alloc_skb|__napi_alloc_skb|napi_alloc_skb|skb_clone|alloc_skb\w*|dev_alloc_skb)$/,
    'struct sk_buff',
  ],
  [/^usb_alloc_urb$/, 'struct urb', 'each usb_alloc_urb() needs a usb_free_urb()'],
  [/^bio_alloc\w*$/, 'struct bio'],
  [/^(?:new_inode(?:_pseudo)?|alloc_inode)$/, 'struct inode'],
  [/^(?:d_alloc\w*|__d_alloc)$/, 'struct dentry'],
  [/^(?:alloc_empty_file|__alloc_file)$/, 'struct file'],
  [/^(?:sk_prot_alloc|sk_alloc)$/, 'struct sock'],
  [/^dst_alloc$/, 'struct dst_entry'],
  [/^alloc_workqueue(?:_noprof)?$/, 'struct workqueue_struct', 'each alloc_workqueue() needs a destroy_workqueue()'],
  [/^alloc_netdev_mqs$/, 'struct net_device', 'each alloc_netdev() needs a free_netdev()'],
  [/^(?:kstrdup\w*|kasprintf|kvasprintf\w*)$/, 'string'],
];

/** What the call site makes, where a function of its stack says so; the outermost such function counts. */
export function madeBy({
  site,
}: Pick<CallSiteGroup, 'site'>): { readonly type: string; readonly partner?: string } | undefined {
  for (const name of [site.function, ...site.through.toReversed()]) {
    const maker = MAKERS.find(([pattern]) => pattern.test(name));
    if (maker) return { type: maker[1], ...(maker[2] === undefined ? {} : { partner: maker[2] }) };
  }
  return undefined;
}

/** Anonymous pages, page cache, slab pages, page tables: counted elsewhere, and no call site's fault. */
export const isMemoryManager = ({ site, area, movable, detector }: CallSiteGroup): boolean =>
  movable === true ||
  (area === 'slab' && detector === 'page_owner') ||
  /^(?:mm\/(?!mempool)|kernel\/fork\.c|arch\/[^/]+\/(?:mm|kernel)\/|fs\/(?:dcache|inode|buffer|file_table)\.c|lib\/(?:xarray|radix-tree|maple_tree)\.c|init\/)/.test(
    site.frame.source ?? '',
  ) ||
  /^(?:alloc_slab_page|filemap_\w+|__filemap_\w+|page_cache_\w+|folio_prealloc|vma_alloc_\w+|do_anonymous_page|wp_page_copy|shmem_\w+|pte_alloc_one|__pte_alloc\w*|pmd_alloc\w*|__pmd_alloc|page_ext_\w+|init_page_owner|kernel_init_freeable|alloc_page_ext|__stack_depot_save|stack_depot_\w+)$/.test(
    site.function,
  );
