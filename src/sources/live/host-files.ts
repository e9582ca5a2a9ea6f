/** A file that kleak reads from a live host. */
export interface HostFile {
  readonly path: string;
  /** What is lost without it, for the reader. */
  readonly gives: string;
  /** What would make a missing file appear; without it a missing file is no news: the host has no such thing. */
  readonly needs?: string;
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
  { path: '/proc/cgroups', gives: 'how many control groups there are' },
  { path: '/proc/modules', gives: 'loaded modules' },
  { path: '/proc/version', gives: 'the kernel’s release' },
  { path: '/proc/cmdline', gives: 'what the kernel was booted with' },
  { path: '/proc/loadavg', gives: 'the load' },
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
  },
  {
    path: '/sys/kernel/debug/page_owner_stacks/show_stacks',
    gives: 'page allocations by stack',
    needs: 'needs debugfs mounted, Linux 6.9 or newer with CONFIG_PAGE_OWNER and page_owner=on at boot',
  },
];

/** Files whose folders differ from host to host: each name in `folder` that matches, then `file` below it. */
export interface HostFileSet {
  readonly folder: string;
  readonly names: RegExp;
  readonly files: readonly string[];
  /** Present where the files are only numbers, told apart by their names: how a line of them is written. */
  readonly line?: (path: string, content: string) => string;
}

export const HOST_FILE_SETS: readonly HostFileSet[] = [
  { folder: '/sys/kernel/debug/dri', names: /^\d{1,3}$/, files: ['bo_stats'] },
  { folder: '/sys/fs/bcachefs', names: /^[0-9a-f-]{36}$/, files: ['internal/btree_cache'] },
  {
    folder: '/sys/kernel/mm/hugepages',
    names: /^hugepages-\d+kB$/,
    files: ['nr_hugepages', 'free_hugepages', 'resv_hugepages', 'surplus_hugepages'],
    line: (path, content) => `${path}:${content.trim()}\n`,
  },
  {
    folder: '/sys/block',
    names: /^zram\d+$/,
    files: ['mm_stat'],
    line: (path, content) => `/sys/block/${path}:\n${content.trim()}\n`,
  },
];
