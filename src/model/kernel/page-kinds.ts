/** What a page frame is used for, one byte each. */
export const PAGE_KINDS = [
  /** The machine has no such page, or the dump knows nothing of it. */
  'absent',
  /** The struct page is not in the dump. */
  'not-described',
  'free',
  /** Free, parked on a list of one CPU; in no counter of /proc/meminfo. */
  'per-cpu-list',
  'slab',
  'large-kmalloc',
  'page-table',
  'kernel-stack',
  'vmalloc',
  /** Text and data of modules. */
  'module',
  'percpu',
  'anonymous',
  'page-cache',
  'shmem',
  'swap-cache',
  'hugetlb',
  /** Kept by the kernel or the firmware since boot: image, memory map, holes. */
  'reserved',
  'offline',
  'zsmalloc',
  'guard',
  'unaccepted',
  'poisoned',
  /** Given out by the page allocator as a compound page; no flag says what for. */
  'compound',
  /** Given out by the page allocator as a single page; no flag says what for. */
  'single',
  /** No reference and yet not free: later pages of a block that was not taken as a compound page. */
  'uncounted',
] as const;

export type PageKind = (typeof PAGE_KINDS)[number];

/** The byte of a kind. */
export const kindByte = (kind: PageKind): number => PAGE_KINDS.indexOf(kind);
