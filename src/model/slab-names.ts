/**
 * Caches created with SLAB_RECLAIM_ACCOUNT, by name: their pages count as SReclaimable. The flag is a hint to the
 * allocator's books, never proof that the objects can be given back. slabinfo does not print it, so the names of the
 * kernel's own callers of kmem_cache_create() stand here (fs/, lib/, net/socket.c, block/bdev.c).
 */
const RECLAIMABLE =
  /(?:^|_)inode(?:_cache|_slab)?$|_inode_cache\b|inode_cache$|^(?:dentry(?:_cache)?|buffer_head|radix_tree_node|bdev_cache|hfs\w*_icache|xfs_inode|xfs_ifork|zfs_znode_cache|ext[34]_(?:extent_status|inode_cache|xattr)|ext4_es|jbd2?_(?:journal_head|revoke_record_s|revoke_table_s|journal_handle|inode)|journal_(?:head|handle)|revoke_(?:record|table)|kmalloc-rcl-.*|nfs_.*inode.*|btrfs_(?:inode|path|extent_map|extent_buffer|delayed_node|ordered_extent)|ovl_inode|fuse_inode|9p?_?inode|v9fs_inode_cache|f2fs_(?:inode_cache|extent_.*)|squashfs_inode_cache|isofs_inode_cache|fat_(?:inode_cache|cache)|ntfs_.*inode_cache|reiser_inode_cache|cifs_inode_cache|mqueue_inode_cache|lsm_inode_unused|ceph_(?:inode_info|cap)|gfs2_(?:glock.*|inode)|ubifs_inode_slab|mb_cache_entry|fscache_.*|iint_cache|dquot|mbcache|sysfs_dir_cache_reclaim|nfsd_file|nfsd4_.*files_reclaim)$/;

/** What the detectors and debug options spend on themselves: overhead, never the finding. */
const OVERHEAD =
  /^(?:kmemleak_(?:object|scan_area)|page_ext|page_owner.*|debug_objects_cache|kasan_.*|kfence.*|stack_depot.*|task_delay_info|slab_obj_exts?)$/;

/** Inode caches without the flag: their inodes live in memory alone and are no cache of anything. */
const NO_CACHE = /^(?:shmem|hugetlbfs|mqueue|lsm|selinux)_inode/;

export const isReclaimableCache = (name: string): boolean => RECLAIMABLE.test(name) && !NO_CACHE.test(name);
export const isDetectorOverhead = (name: string): boolean => OVERHEAD.test(name);

/** Inode caches: each object of one of these can have dentries; a dentry without any is negative. */
export const isInodeCache = (name: string): boolean =>
  /(?:^|_)inode(?:_cache|_slab)?$|_icache$|^bdev_cache$|^(?:xfs|btrfs|fuse|ovl)_inode$|^ceph_inode_info$|^zfs_znode_cache$/.test(
    name,
  ) && !/^(?:lsm|selinux|jbd2)_inode/.test(name);

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
