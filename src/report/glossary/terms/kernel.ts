import type { GlossaryTerm } from '../term.ts';

/** Other kernel memory and objects. */
export const kernelTerms: readonly GlossaryTerm[] = [
  {
    id: 'vmalloc',
    title: 'vmalloc',
    also: ['vmallocused', 'vmallocinfo'],
    short: 'Kernel memory that looks like one piece and is made of scattered pages.',
    text: [
      'Used for large tables, modules and, on most kernels, the stacks of tasks. /proc/vmallocinfo lists each piece with the function that asked for it.',
      'VmallocUsed in /proc/meminfo was always 0 from Linux 4.4 to 5.2; the list is right on all.',
    ],
    see: ['kernel-stack', 'page-allocator'],
  },
  {
    id: 'per-cpu-memory',
    title: 'Per-CPU memory',
    also: ['percpu', 'per cpu memory'],
    short: 'Kernel data of which every processor has its own copy.',
    text: [
      'Counters and statistics are kept this way, so that processors do not wait for one another. One small item costs its size times the number of processors.',
      'It grows with what is counted: network devices, mounts, and most of all memory cgroups. Growth that never ends points at dying cgroups.',
    ],
    see: ['dying-cgroup', 'per-cpu-lists'],
  },
  {
    id: 'page-tables',
    title: 'Page tables',
    also: ['pagetables', 'pte'],
    short: "The kernel's lists of which page of a process lies where in RAM.",
    text: [
      'Each process needs about 2 MiB of them for each GiB that it maps. Many processes that map the same large shared memory, as databases do, add up to gigabytes.',
      'They go when the process goes. Huge pages need far fewer.',
    ],
    see: ['huge-pages', 'rss'],
  },
  {
    id: 'kernel-stack',
    title: 'Kernel stack',
    also: ['kernelstack', 'vmap_stack'],
    short: 'The working memory that each task has inside the kernel, usually 16 KiB.',
    text: [
      'A growing figure means a growing number of threads. On most kernels it is also part of vmalloc and must not be added twice.',
    ],
    see: ['vmalloc'],
  },
  {
    id: 'skb',
    title: 'skb (socket buffer)',
    also: ['sk_buff', 'skbuff_head_cache', 'socket buffer'],
    short: 'One network packet inside the kernel.',
    text: [
      'The head is a small object in skbuff_head_cache; the data lies in kmalloc memory or in pages taken directly. A driver that forgets to free packets loses both, and the larger part may be in no cache.',
      'The trace of a leaked packet shows who made it, seldom who should have freed it.',
    ],
    see: ['page-allocator', 'kmemleak'],
  },
  {
    id: 'tty',
    title: 'tty',
    also: ['terminal', 'tty_struct', 'pty'],
    short: "The kernel's object for a terminal, a serial line or a login session.",
    text: [
      'Each has a tty_struct of somewhat less than 1 KiB, with a count of who uses it. Lines that are opened again and again, as by pppd over a modem, show quickly when a driver forgets to give its reference back.',
    ],
    see: ['reference-count', 'kmalloc'],
  },
  {
    id: 'reference-count',
    title: 'Reference count',
    also: ['refcount', 'kref', 'd_lockref', 'references'],
    short: 'A number in an object that says how many users it has; at 0 it is freed.',
    text: [
      'Each user adds one when it starts and takes one away when it is done. One that forgets keeps the object for ever, and what the object holds with it.',
      'kleak counts the pointers to an object in a crash dump and compares: `kleak core refcounts DUMP`. A count above the pointers found is called unbalanced: somebody took a reference, forgot the address, and can no longer give it back.',
    ],
    see: ['unreachable', 'crash-dump'],
  },
  {
    id: 'unreachable',
    title: 'Unreachable',
    also: ['unreferenced', 'mark and sweep'],
    short: 'No pointer leads to the object any more, so nobody can ever free it.',
    text: [
      'To free memory one must know where it is. kleak starts at everything the kernel certainly uses (the roots: its own variables, modules, stacks) and follows every address that it finds, from object to object. What it never comes to is in use as the books say, and nobody knows where it is: the strongest proof of a leak.',
      'Each claim can be checked: `kleak core refs DUMP ADDRESS` lists who holds an address. One way from a root would disprove it.',
      'Not every leak is unreachable: an object in a list that only grows can be found, and is lost all the same. And where a dump lacks memory, what is there may have held the address: kleak says how much is missing.',
    ],
    see: ['root', 'kmemleak', 'reference-count', 'crash-dump'],
  },
  {
    id: 'root',
    title: 'Root',
    also: ['roots', 'root set', 'way from a root', 'chain'],
    short: 'A place from which the kernel reaches memory without looking for it first.',
    text: [
      'Its variables, those of modules, per-CPU memory, the stacks and registers of tasks are roots. All else is used by way of them: a variable points to a list, the list to objects, those to more.',
      'The way from a root to an object says who keeps it: the first name on it is that of a variable, often of a module.',
    ],
    see: ['unreachable', 'per-cpu-memory'],
  },
];
