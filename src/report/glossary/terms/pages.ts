import { ordersPicture } from '../pictures/orders.ts';
import { perCpuListsPicture } from '../pictures/per-cpu-lists.ts';
import type { GlossaryTerm } from '../term.ts';

/** The page allocator and kinds of pages. */
export const pagesTerms: readonly GlossaryTerm[] = [
  {
    id: 'page-allocator',
    title: 'Page allocator',
    also: ['pages', 'alloc_pages', 'zone allocator'],
    short: 'The part of the kernel that hands out memory in whole pages, usually of 4 KiB.',
    text: [
      'Everything else gets its memory here: programs, the page cache, slab, and drivers that ask for pages themselves.',
      "The kernel counts pages by use only where the user of the page says so. A driver that takes pages and says nothing appears in no counter: the memory is neither free nor anybody's.",
      'When such pages are never given back, the host loses memory that no list of processes or caches explains. page_owner and allocinfo can name who took them.',
    ],
    see: ['buddy-allocator', 'unexplained-memory', 'page-owner', 'allocinfo'],
  },
  {
    id: 'buddy-allocator',
    title: 'Buddy allocator',
    also: ['orders', 'order', 'buddyinfo'],
    short: 'How the page allocator keeps free memory: in blocks of 1, 2, 4, 8 … pages, one list for each size.',
    text: [
      'The size is called the order: order 0 is one page, order 3 is eight. A large block is split in two when only a small one is needed; two free neighbours are joined again.',
      '/proc/buddyinfo shows how many blocks of each order are free. Few in the high orders means that memory is cut into small pieces.',
    ],
    see: ['page-allocator', 'fragmentation'],
    picture: ordersPicture(4),
  },
  {
    id: 'per-cpu-lists',
    title: 'Per-CPU lists',
    also: ['pcp', 'per-cpu pagesets', 'percpu lists', 'pageset'],
    short: 'Free pages that each processor keeps at hand, so that it need not ask the page allocator each time.',
    text: [
      'These pages are free but MemFree does not count them, and /proc/meminfo has no line for them. On large hosts they can hold gigabytes.',
      '/proc/zoneinfo lists them as "count" under each CPU. Where it was not seen, the memory equation is less exact by that much.',
    ],
    see: ['page-allocator', 'memory-equation', 'per-cpu-memory'],
    picture: perCpuListsPicture(3),
  },
  {
    id: 'fragmentation',
    title: 'Fragmentation',
    also: ['fragmented'],
    short: 'Memory is free, but in pieces too small for the request.',
    text: [
      'In the page allocator: free pages lie scattered, so that large blocks cannot be formed. Requests of a high order fail while MemFree looks well.',
      'In a slab cache: many slabs with a few objects each. The memory is held by the cache, not by the objects. A peak in the past leaves such a pattern; it is not a leak.',
      'Compare the objects in use with the objects there is room for: a leak fills slabs, fragmentation leaves them half empty.',
    ],
    see: ['buddy-allocator', 'slab'],
  },
  {
    id: 'huge-pages',
    title: 'Huge pages',
    also: ['hugetlb', 'hugepages', 'transparent huge pages', 'thp'],
    short: 'Pages of 2 MiB or 1 GiB, for programs with much memory.',
    text: [
      'A reserved pool (vm.nr_hugepages) takes its memory when it is set up, used or not. free counts it as used and no process shows it: a common false alarm.',
      'Transparent huge pages are another thing: ordinary program memory that the kernel keeps in large pages. They are counted with the program.',
    ],
    see: ['memory-equation', 'anonymous-memory'],
  },
  {
    id: 'cma',
    title: 'CMA',
    also: ['contiguous memory allocator', 'cmatotal', 'cmafree'],
    short: 'Memory set aside for devices that need large blocks in one piece, as cameras and displays do.',
    text: [
      'While no device needs it, programs and caches may use it; they are moved away on demand. Its free part is counted in MemFree.',
      'CmaTotal less CmaFree is not all lost to devices: part of it holds ordinary movable pages.',
    ],
    see: ['page-allocator'],
  },
];
