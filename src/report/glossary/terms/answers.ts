import { equationPicture } from '../pictures/equation.ts';
import type { GlossaryTerm } from '../term.ts';

/** Words of the answers themselves. */
export const answersTerms: readonly GlossaryTerm[] = [
  {
    id: 'memory-equation',
    title: 'Memory equation',
    also: ['accounting', 'memory accounting'],
    short: 'All memory must be somewhere: total = free + programs + caches + each kind of kernel memory + the rest.',
    text: [
      'Each part is taken from one counter, and parts that overlap are counted once. Free pages on per-CPU lists belong in it, though /proc/meminfo leaves them out.',
      'The rest is what no counter explains. Only when every part is in does the rest mean something; what was not seen widens its interval.',
    ],
    see: ['unexplained-memory', 'per-cpu-lists', 'pss'],
    picture: equationPicture([
      ['free', 0.1],
      ['programs', 0.2],
      ['page cache', 0.25],
      ['slab', 0.15],
      ['other kernel', 0.1],
      ['unexplained', 0.2],
    ]),
  },
  {
    id: 'unexplained-memory',
    title: 'Unexplained memory',
    also: ['unaccounted', 'unaccounted memory', 'missing memory'],
    short: 'Memory that is neither free nor in any counter.',
    text: [
      'Mostly pages that a driver took directly: network buffers, graphics, a balloon, ZFS. A few percent is normal; what matters is whether it grows.',
      'Two snapshots some hours apart tell a fixed amount from a leak. page_owner or allocinfo name the taker.',
    ],
    see: ['memory-equation', 'page-allocator', 'page-owner', 'balloon'],
  },
  {
    id: 'growth-rate',
    title: 'Growth rate',
    also: ['rate', 'slope', 'bytes per hour'],
    short: 'How many bytes per hour are held more than before.',
    text: [
      'Computed over several snapshots, with an interval: "4.2 MiB/h, between 3.9 and 4.5" means that 95 times of 100 the truth lies inside. An interval that holds 0 shows no growth.',
      'Rates just after a boot or a change are high because caches warm up. Longer is better than denser.',
    ],
    see: ['theil-sen-slope', 'saw-tooth-floor'],
  },
  {
    id: 'theil-sen-slope',
    title: 'Theil-Sen slope',
    also: ['theil-sen', 'median slope', 'robust slope'],
    short: 'A growth rate that a few odd values cannot bend.',
    text: [
      'The slope between every two points is taken, and the middle one of all these is the answer. A quarter of the points may be spikes without harm.',
      'The ordinary line of best fit is pulled by each spike.',
    ],
    see: ['growth-rate'],
  },
  {
    id: 'saw-tooth-floor',
    title: 'Saw-tooth floor',
    also: ['sawtooth', 'floor', 'saw tooth'],
    short: 'The lowest points of a curve that rises and falls again and again.',
    text: [
      'Caches fill and are reclaimed, so their curve is a saw. While the low points stay level, nothing is lost, however steep the teeth.',
      'When the low points climb from tooth to tooth, something stays each time: that is growth.',
    ],
    see: ['growth-rate', 'sreclaimable'],
  },
  {
    id: 'lockstep',
    title: 'Lockstep',
    also: ['in lockstep', 'equal counts'],
    short: 'Two or more caches grow by the same number of objects at the same time.',
    text: [
      'It means that they belong together: one lost thing consists of several objects, such as a socket with its inode and dentry. Finding what owns all of them finds the cause.',
    ],
    see: ['slab-cache', 'sock-inode-cache'],
  },
];
