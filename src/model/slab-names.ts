/**
 * Caches created with SLAB_RECLAIM_ACCOUNT, by name: their pages count as SReclaimable. The flag is a hint to the
 * allocator's books, never proof that the objects can be given back. slabinfo does not print it, so the names of the
 * kernel's own callers of kmem_cache_create() stand here (fs/, lib/, net/socket.c, block/bdev.c; SLAB_TEMPORARY of
 * jbd2 is the same flag). btrfs had it on its extent caches until 4.8; later kernels are taken.
 */
const RECLAIMABLE = new RegExp(
  `^(?:${[
    String.raw`dentry(?:_cache)?|buffer_head|radix_tree_node|dax_cache|kmalloc-rcl-\w+`,
    // Inodes: nearly every file system names its cache so, and nearly all set the flag.
    String.raw`\w*inode_cache|\w+_inode|ubifs_inode_slab|bdev_cache|ceph_inode_info|bch_inode_info|jfs_ip|jffs2_i`,
    String.raw`xfs_(?:inode|ili|buf)|zfs_znode_cache|ceph_dentry_info|fat_cache|exfat_cache|dquot|gfs2_(?:glock.*|quotad)`,
    String.raw`ext4_(?:extent_status|pending_reservation|prealloc_space|allocation_context|free_data|groupinfo_\w+|io_end|fc_dentry_update)`,
    String.raw`pending_reservation|extent_status|ext[34]_xattr|mbcache|mb_cache_entry|f2fs_\w+|fscrypt_(?:info|inode_info)`,
    String.raw`jbd2_(?:journal_head|journal_handle|revoke_record_s|revoke_table_s|transaction_s)`,
    String.raw`journal_(?:head|handle)|revoke_(?:record|table)`,
  ].join('|')})$`,
);

/** What the detectors and debug options spend on themselves: overhead, never the finding. */
const OVERHEAD =
  /^(?:kmemleak_(?:object|scan_area)|page_ext|page_owner.*|debug_objects_cache|kasan_.*|kfence.*|stack_depot.*|task_delay_info|slab_obj_exts?)$/;

/**
 * Named like the above, without the flag: inodes that live in memory alone and are no cache of anything, security
 * blobs, a journal's notes on inodes.
 */
const NO_CACHE = /^(?:(?:shmem|hugetlbfs|mqueue|lsm|selinux|hfs)_inode|jbd2_inode$)/;

export const isReclaimableCache = (name: string): boolean => RECLAIMABLE.test(name) && !NO_CACHE.test(name);
export const isDetectorOverhead = (name: string): boolean => OVERHEAD.test(name);

/** Inode caches: each object of one of these can have dentries; a dentry without any is negative. */
export const isInodeCache = (name: string): boolean =>
  /(?:^|_)inode(?:_cache|_slab)?$|_icache$|^(?:bdev_cache|dax_cache|ceph_inode_info|bch_inode_info|zfs_znode_cache|jfs_ip|jffs2_i)$/.test(
    name,
  ) && !/^(?:lsm|selinux|jbd2)_inode/.test(name);

/**
 * Inodes of file systems whose files live on disk or on a server: kept after the last use, so that the next one is
 * fast. Inodes of pipes, sockets, tmpfs and the like exist while they are in use.
 */
export const isDiskInodeCache = (name: string): boolean =>
  isReclaimableCache(name) &&
  isInodeCache(name) &&
  !/^(?:inode_cache|(?:sock|proc|shmem|hugetlbfs|mqueue|rpc|devfsd?|sysfs|kernfs|debugfs|configfs|cgroup|bdev|dax)_(?:inode_)?cache)$/.test(
    name,
  );

/** Inodes that exist only while somebody uses them, those of sockets; counted as reclaimable all the same. */
export const isInodeInUse = (name: string): boolean => /^(?:sock|rpc)_inode_cache$/.test(name);

/** What a file that was looked up leaves in slab: its inode, dentry, extents, buffers, the index of its pages. */
export const isFileCache = (name: string): boolean =>
  isDiskInodeCache(name) ||
  /^(?:dentry(?:_cache)?|buffer_head|radix_tree_node|xfs_ili|ext4_(?:extent_status|pending_reservation)|kmalloc-rcl-\w+|proc_inode_cache|inode_cache|ecryptfs_\w+|fuse_inode|ovl_inode)$/.test(
    name,
  );

/** The general caches that kmalloc() serves from, and the size of their objects by name. */
export function kmallocSize(name: string): number | undefined {
  const [, digits, unit] =
    /^(?:size|kmalloc(?:-(?:cg|rcl|rnd-\d+))?|dma-kmalloc)-(\d+)([kM]?)(?:\(DMA\))?$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unit === 'k' ? 1024 : unit === 'M' ? 1024 * 1024 : 1);
}

/**
 * The family a cache belongs to: one name for what the kernel splits into several caches for its own reasons.
 * `kmalloc-rnd-07-128` is one of 16 random copies of kmalloc-128; `kmalloc-1024(1793:…)` is one cgroup's copy.
 */
export function cacheFamily(name: string): string {
  return name
    .replace(/^kmalloc-rnd-\d+-/, 'kmalloc-')
    .replace(/\(\d+:[^)]*\)$/, '')
    .replace(/^(?:dma-)?size-(\d+)(?:\(DMA\))?$/, 'size-$1');
}
