import type { GlossaryTerm } from '../term.ts';

/** Memory of programs, swap. */
export const programsTerms: readonly GlossaryTerm[] = [
  {
    id: 'anonymous-memory',
    title: 'Anonymous memory',
    also: ['anon', 'anonpages', 'heap'],
    short: 'Memory of programs that belongs to no file: heap and stacks.',
    text: [
      'AnonPages in /proc/meminfo is the sum over all programs. When it grows, a program grows, and lists of processes show which.',
      'It can be moved to swap, never dropped.',
    ],
    see: ['pss', 'rss', 'swap-cache'],
  },
  {
    id: 'rss',
    title: 'RSS',
    also: ['resident set size', 'resident'],
    short: 'How much memory of a process is in RAM now, parts shared with others included.',
    text: [
      'Libraries and shared memory are counted for each process that uses them, so adding up RSS counts them many times. The sum can exceed the memory of the host.',
      'For a sum take PSS.',
    ],
    see: ['pss', 'shared-memory'],
  },
  {
    id: 'pss',
    title: 'PSS',
    also: ['proportional set size', 'smaps', 'smaps_rollup'],
    short: 'The share of a process: its own memory in full, shared pages divided among those who share them.',
    text: [
      'The PSS of all processes adds up to the memory that processes really hold. This makes it the right figure for the memory equation.',
      'It stands in /proc/PID/smaps_rollup and needs root to read for all processes.',
    ],
    see: ['rss', 'memory-equation'],
  },
  {
    id: 'unevictable',
    title: 'Unevictable and mlocked',
    also: ['mlocked memory', 'mlocked', 'mlock', 'unevictable'],
    short: 'Memory that must stay in RAM because a program or the kernel has locked it.',
    text: [
      'Databases, virtual machines and audio programs lock memory with mlock. It is counted a second time, as anonymous or page cache, so it is not added in the memory equation.',
    ],
    see: ['anonymous-memory'],
  },
  {
    id: 'swap-cache',
    title: 'Swap cache',
    also: ['swapcached'],
    short: 'Pages that are in RAM and on swap at the same time.',
    text: [
      'A page just read back from swap keeps its place there for a while, so that it need not be written again if nothing changes. The kernel drops one of the two when it needs to.',
    ],
    see: ['anonymous-memory', 'zswap'],
  },
  {
    id: 'zswap',
    title: 'zswap',
    also: ['zram', 'zswapped', 'compressed swap'],
    short: 'Swapped pages kept in RAM in compressed form.',
    text: [
      'Zswap in /proc/meminfo is the memory that the compressed pages take. Zswapped is how large they were before, and is not memory in use.',
      'zram is its cousin: a swap disk made of compressed RAM. Its memory shows in /sys/block/zram0/mm_stat.',
    ],
    see: ['swap-cache'],
  },
  {
    id: 'oom-killer',
    title: 'OOM killer',
    also: ['out of memory', 'oom', 'oom-kill'],
    short: "The kernel's last resort when memory is used up: it ends a process to free its memory.",
    text: [
      'It picks the process that frees most, which is often not the one at fault. With a leak in the kernel, killing frees little and it strikes again.',
      'Its report in the kernel log lists all memory by kind at that moment. kleak reads it: kleak diagnose on the saved log.',
    ],
    see: ['sunreclaim', 'memory-cgroup'],
  },
];
