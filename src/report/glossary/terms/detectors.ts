import type { GlossaryTerm } from '../term.ts';

/** Detectors in the kernel. */
export const detectorsTerms: readonly GlossaryTerm[] = [
  {
    id: 'kmemleak',
    title: 'kmemleak',
    also: ['kernel memory leak detector', 'debug_kmemleak'],
    short: 'A detector in the kernel that looks for memory to which no pointer leads any more.',
    text: [
      'It needs a kernel built with it and costs memory and speed, so production kernels rarely have it. Its report, /sys/kernel/debug/kmemleak, gives the stack that allocated each suspect.',
      'It does not see pages taken directly from the page allocator, nor objects that are lost but still linked. A few suspects once are often false; the same stack again and again is not.',
    ],
    see: ['unreachable', 'page-owner', 'allocinfo'],
  },
  {
    id: 'page-owner',
    title: 'page_owner',
    also: ['page owner'],
    short: 'A record of who took each page, kept by kernels booted with page_owner=on.',
    text: [
      '/sys/kernel/debug/page_owner lists every page with the stack that allocated it. Sorted by stack, it names a driver that takes pages and does not give them back.',
      'Most distributions build it in; switching it on needs a reboot and costs some memory.',
    ],
    see: ['page-allocator', 'allocinfo', 'unexplained-memory'],
  },
  {
    id: 'allocinfo',
    title: 'allocinfo',
    also: ['memory allocation profiling', 'alloc_tag', '/proc/allocinfo'],
    short: 'A table of bytes held for each line of kernel source that allocates, from Linux 6.10 on.',
    text: [
      '/proc/allocinfo covers slab and pages alike, at low cost, where the kernel was built with it. Two copies an hour apart show which line grows.',
      'It gives one line of source, without the callers above it.',
    ],
    see: ['page-owner', 'kmemleak'],
  },
];
