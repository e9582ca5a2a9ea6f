/** A file that kleak reads from a live host. */
export interface HostFile {
  readonly path: string;
  /** What is lost without it, for the reader. */
  readonly gives: string;
  /** What would make a missing file appear; without it a missing file is no news: the host has no such thing. */
  readonly needs?: string;
  /** Milliseconds beyond the usual limit, where the kernel has much to do for it. */
  readonly slow?: number;
}

/** In the order they are read: what moves together is read together, what is slow comes last. */
export const HOST_FILES: readonly HostFile[] = [
  { path: '/proc/uptime', gives: 'the time since boot' },
  { path: '/proc/meminfo', gives: 'the kernel’s own account of memory', needs: 'mount /proc' },
  { path: '/proc/vmstat', gives: 'counters of pages', needs: 'mount /proc' },
  { path: '/proc/zoneinfo', gives: 'free pages on per-CPU lists', needs: 'mount /proc' },
  { path: '/proc/buddyinfo', gives: 'free pages by order', needs: 'mount /proc' },
  { path: '/proc/pagetypeinfo', gives: 'free pages by order and mobility' },
  { path: '/proc/slabinfo', gives: 'every slab cache', needs: 'needs a kernel with CONFIG_SLUB_DEBUG or CONFIG_SLAB' },
  { path: '/proc/vmallocinfo', gives: 'who holds vmalloc memory', needs: 'needs a kernel with an MMU' },
  { path: '/proc/sys/fs/dentry-state', gives: 'negative dentries' },
  { path: '/proc/net/sockstat', gives: 'socket memory' },
  { path: '/proc/net/sockstat6', gives: 'sockets of IPv6' },
  { path: '/proc/cgroups', gives: 'how many control groups there are' },
  { path: '/sys/fs/cgroup/cgroup.stat', gives: 'control groups that were removed and are not freed' },
  { path: '/proc/modules', gives: 'loaded modules' },
  { path: '/proc/version', gives: 'the kernel’s release' },
  { path: '/proc/cmdline', gives: 'what the kernel was booted with' },
  { path: '/proc/loadavg', gives: 'the load' },
  { path: '/proc/sys/kernel/random/boot_id', gives: 'what tells one boot from another' },
  { path: '/etc/os-release', gives: 'the distribution' },
  { path: '/proc/spl/kstat/zfs/arcstats', gives: 'the ZFS cache' },
  { path: '/proc/spl/kmem/slab', gives: 'slab caches of ZFS' },
  {
    path: '/proc/allocinfo',
    gives: 'live allocations by call site',
    needs: 'needs Linux 6.10 or newer with CONFIG_MEM_ALLOC_PROFILING',
  },
  {
    path: '/sys/kernel/debug/kmemleak',
    gives: 'unreferenced objects with their stacks',
    needs: 'needs debugfs mounted, CONFIG_DEBUG_KMEMLEAK and kmemleak=on at boot',
    slow: 3000,
  },
  {
    path: '/sys/kernel/debug/page_owner_stacks/show_stacks',
    gives: 'page allocations by stack',
    needs: 'needs debugfs mounted, Linux 6.9 or newer with CONFIG_PAGE_OWNER and page_owner=on at boot',
    slow: 3000,
  },
];

/** Symbols of the kernel: 10 MB and more, so they are read only where they are asked for. */
export const KALLSYMS: HostFile = { path: '/proc/kallsyms', gives: 'symbols of the kernel', slow: 3000 };

/** Files whose folders differ from host to host: each name in `folder` that matches, then `files` below it. */
export interface HostFileSet {
  readonly folder: string;
  readonly names: RegExp;
  readonly files: readonly string[];
  readonly gives: string;
  readonly slow?: number;
}

/** Those that hold a report each. */
export const HOST_FILE_SETS: readonly HostFileSet[] = [
  { folder: '/sys/kernel/debug/dri', names: /^\d{1,3}$/, files: ['bo_stats'], gives: 'buffers of a graphics driver' },
  {
    folder: '/sys/fs/bcachefs',
    names: /^[0-9a-f-]{36}$/,
    files: ['internal/btree_cache'],
    gives: 'the cache of a bcachefs',
  },
  // A folder is there for each cache that the kernel was told to keep books for (slab_debug=U).
  {
    folder: '/sys/kernel/debug/slab',
    names: /^[^.]/,
    files: ['alloc_traces'],
    gives: 'who allocated the objects of a cache',
    slow: 3000,
  },
];

/** Those that hold a value or a few, all of them in one text. */
export interface HostValues extends Omit<HostFileSet, 'slow'> {
  /** How a value is written; `path` is its place below `folder`. */
  readonly line: (path: string, content: string) => string;
}

export const HOST_VALUES: readonly HostValues[] = [
  {
    folder: '/sys/kernel/mm/hugepages',
    names: /^hugepages-\d+kB$/,
    files: ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages'],
    gives: 'pools of huge pages',
    line: (path, content) => `${path}:${content.trim()}\n`,
  },
  {
    folder: '/sys/block',
    names: /^zram\d+$/,
    files: ['mm_stat'],
    gives: 'what zram holds',
    line: (path, content) => `/sys/block/${path}:\n${content.trim()}\n`,
  },
  {
    folder: '/sys/module',
    names: /^[\w-]+$/,
    files: ['version'],
    gives: 'versions of drivers',
    line: (path, content) => `/sys/module/${path}:${oneLine(content)}\n`,
  },
  {
    folder: '/sys/class/net',
    names: /^[^.]/,
    files: ['device/driver'],
    gives: 'drivers of network interfaces',
    line: (path, content) => `/sys/class/net/${path} -> ${oneLine(content)}\n`,
  },
];

/**
 * Of each cache what its row in slabinfo does not say. Counts of objects are left out: for them the kernel walks lists
 * under a lock, as for slabinfo itself.
 */
export const SLAB_VALUES: HostValues = {
  folder: '/sys/kernel/slab',
  names: /./,
  files: ['reclaim_account', 'order', 'object_size', 'slab_size', 'cpu_slabs', 'slabs_cpu_partial', 'store_user'],
  gives: 'which slab caches are reclaimable',
  line: (path, content) => `/sys/kernel/slab/${path}:${oneLine(content)}\n`,
};

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
