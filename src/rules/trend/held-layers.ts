import type { Layer, NextStep } from '../../findings/finding.ts';

/** A bucket whose growth means that somebody keeps memory; the others are filled and emptied by the kernel as it likes. */
export interface HeldLayer {
  readonly layer: Layer;
  readonly what: string;
  /** Who holds such memory, for the sentence. */
  readonly held: string;
  /** It follows what programs do: over a short time it says nothing. */
  readonly followsLoad?: true;
  readonly next?: NextStep;
}

const look = (command: string, why: string): NextStep => ({ command, why, risk: 'none' });

export const HELD_LAYERS: Readonly<Partial<Record<string, HeldLayer>>> = {
  'slab-unreclaimable': {
    layer: 'slab-unreclaimable',
    what: 'unreclaimable slab',
    held: 'No single cache that was recorded grows as much',
    next: look('slabtop -o -s c | head -20', 'as root: the largest caches now'),
  },
  vmalloc: {
    layer: 'vmalloc',
    what: 'vmalloc memory',
    held: 'Its callers stand in /proc/vmallocinfo',
    next: look('cp /proc/vmallocinfo vmallocinfo-now', 'twice, an hour apart: the caller that grows'),
  },
  percpu: {
    layer: 'percpu',
    what: 'per-CPU memory',
    held: 'Dying control groups are the usual holders',
    next: look('grep -H . /sys/fs/cgroup/cgroup.stat', 'how many control groups are dying'),
  },
  'page-tables': {
    layer: 'page-tables',
    what: 'page tables',
    held: 'They follow mapped address space',
    followsLoad: true,
    next: look('grep -H VmPTE /proc/[0-9]*/status | sort -k2 -n | tail', 'the process with the largest tables'),
  },
  'kernel-stack': {
    layer: 'kernel-stack',
    what: 'kernel stacks',
    held: 'One for each thread',
    followsLoad: true,
    next: look('ps -eo nlwp,stat,pid,comm --sort -nlwp | head', 'who has so many threads'),
  },
  'other-kernel': {
    layer: 'page-allocator',
    what: 'other kernel memory',
    held: 'Pools of drivers and compressed pages',
  },
  processes: {
    layer: 'user',
    what: 'memory of processes',
    held: 'Processes hold it, not the kernel',
    followsLoad: true,
    next: look('ps -eo rss,pid,comm --sort -rss | head', 'again in an hour: the process that grows'),
  },
  shmem: {
    layer: 'shmem',
    what: 'shared memory and tmpfs',
    held: 'Files in tmpfs or segments hold it',
    followsLoad: true,
    next: look('df -t tmpfs; ipcs -m', 'which file system or segment grows'),
  },
};
