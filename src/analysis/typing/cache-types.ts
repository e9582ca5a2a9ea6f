import type { KmemCache } from '../../model/kernel/slab-caches.ts';
import type { SizeRange, StructType, TypeCatalog } from './type-catalog.ts';

/** Caches whose name says less than the code that makes them: kmem_cache_create in the files named. */
const ODD_NAMES: ReadonlyMap<string, string> = new Map([
  ['filp', 'file'], // fs/file_table.c
  ['mnt_cache', 'mount'], // fs/namespace.c
  ['bdev_cache', 'bdev_inode'], // block/bdev.c
  ['sock_inode_cache', 'socket_alloc'], // net/socket.c
  ['skbuff_head_cache', 'sk_buff'], // net/core/skbuff.c
  ['skbuff_fclone_cache', 'sk_buff_fclones'],
  ['net_namespace', 'net'], // net/core/net_namespace.c
  ['radix_tree_node', 'xa_node'], // lib/radix-tree.c
  ['eventpoll_epi', 'epitem'], // fs/eventpoll.c
  ['eventpoll_pwq', 'eppoll_entry'],
  ['posix_timers_cache', 'k_itimer'], // kernel/time/posix-timers.c
  ['uid_cache', 'user_struct'], // kernel/user.c
  ['blkdev_ioc', 'io_context'], // block/blk-ioc.c
  ['numa_policy', 'mempolicy'], // mm/mempolicy.c
  ['ip_dst_cache', 'rtable'], // net/ipv4/route.c
  ['ip6_dst_cache', 'rt6_info'], // net/ipv6/route.c
  ['PING', 'inet_sock'], // net/ipv4/ping.c
]);

/** What a cache's name says its objects are. */
export function structOfName<T>(catalog: { find(name: string): T | undefined }, name: string): T | undefined {
  const odd = ODD_NAMES.get(name);
  if (odd !== undefined) return catalog.find(odd);
  // proto_register names a cache after the protocol: UDPv6 for struct udp6_sock.
  const [, protocol] = /^([A-Z]+(?:v6)?)(?:-[A-Z][A-Za-z]*)?$/.exec(name) ?? [];
  if (protocol !== undefined) return catalog.find(`${protocol.toLowerCase().replace('v6', '6')}_sock`);
  const stem = name.replace(/_(?:cachep?|jar|slab|head_cache)$/, '');
  for (const candidate of [name, stem, `${stem}_struct`, `${stem}_info`]) {
    const found = catalog.find(candidate);
    if (found) return found;
  }
  return undefined;
}

/** What a cache may hold, by its names and sizes. */
export interface CacheTypes {
  /** What the cache's names say: of a cache that serves several, one for each that is understood. */
  readonly named: readonly StructType[];
  /** Whether all of its names are understood: it holds nothing else. */
  readonly isAll: boolean;
  /** Sizes of structs that fit. */
  readonly range: SizeRange;
}

/** SLUB serves a cache from another where sizes differ by less than a word once both are aligned, at most to a line. */
const MERGED_SLACK = 8 + 63;
const KMALLOC = /^((?:dma-)?kmalloc(?:-(?:cg|rcl|rnd-\d+))?)-\d+[kM]?$/;

/** `aliases`: other names of the cache. Name and size together: what is far too large or small is not what the name says. */
export function cacheTypes(
  catalog: TypeCatalog,
  cache: KmemCache,
  aliases: readonly string[],
  all: readonly KmemCache[],
): CacheTypes {
  const [, family] = KMALLOC.exec(cache.name) ?? [];
  const { objectSize } = cache;
  if (family !== undefined) {
    const smaller = all.filter((c) => KMALLOC.exec(c.name)?.[1] === family && c.objectSize < objectSize);
    const above = smaller.reduce((most, c) => Math.max(most, c.objectSize), 0);
    return { named: [], isAll: false, range: [above, objectSize] };
  }
  const names = [cache.name, ...aliases];
  const named = names.flatMap((name) => {
    const found = structOfName(catalog, name);
    return found && isNear(found.size, objectSize) ? [found] : [];
  });
  const slack = aliases.length > 0 ? MERGED_SLACK : 8;
  return { named: [...new Set(named)], isAll: named.length === names.length, range: [objectSize - slack, objectSize] };
}

/** Sizes may differ: task_struct ends in what the CPU needs, struct pid has an array whose length a name space tells. */
const isNear = (size: number, objectSize: number): boolean => size > objectSize / 2 && size < objectSize * 1.5;
