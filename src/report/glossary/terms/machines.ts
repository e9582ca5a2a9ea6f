import type { GlossaryTerm } from '../term.ts';

/** Cgroups, virtual machines, file systems with own memory, dumps. */
export const machinesTerms: readonly GlossaryTerm[] = [
  {
    id: 'memory-cgroup',
    title: 'Memory cgroup',
    also: ['memcg', 'cgroup', 'control group', 'container'],
    short: 'A group of processes, such as a container or a service, whose memory is counted and limited together.',
    text: [
      'The kernel counts program memory, page cache and its own objects for each group. When the group reaches its limit, the OOM killer works inside it while the host has memory to spare.',
      'A removed group can live on inside the kernel; see dying cgroup.',
    ],
    see: ['dying-cgroup', 'oom-killer'],
  },
  {
    id: 'dying-cgroup',
    title: 'Dying cgroup',
    also: ['zombie cgroup', 'zombie memcg', 'dying cgroups', 'offline memcg'],
    short: 'A memory cgroup that was removed but is kept in the kernel because memory is still charged to it.',
    text: [
      'Page cache that others still read, or one forgotten object, holds it. Each costs per-CPU memory and slab, so hosts that start many short containers lose memory slowly.',
      'nr_dying_descendants in cgroup.stat counts them; with cgroup v1, num_cgroups in /proc/cgroups far above the directories there are. Dropping caches frees many.',
    ],
    see: ['memory-cgroup', 'per-cpu-memory', 'drop-caches'],
  },
  {
    id: 'balloon',
    title: 'Balloon',
    also: ['vmware balloon', 'virtio balloon', 'vmw_balloon', 'hv_balloon'],
    short: 'A driver in a virtual machine that takes memory and hands it back to the host.',
    text: [
      'The pages count as used in the guest and belong to no process. The host takes them when it is short of memory or when a limit is set.',
      'It is no leak: the memory comes back when the host lets go. On VMware, vmware-toolbox-cmd stat balloon says how much.',
    ],
    see: ['unexplained-memory', 'page-allocator'],
  },
  {
    id: 'zfs-arc',
    title: 'ZFS ARC',
    also: ['arc', 'adaptive replacement cache', 'arcstats'],
    short: 'The cache of the ZFS file system, which Linux does not count as cache.',
    text: [
      'It can take half of the memory or more by default, and free shows it as used. It shrinks when memory gets short, though not always fast enough.',
      'size in /proc/spl/kstat/zfs/arcstats is its memory; zfs_arc_max limits it.',
    ],
    see: ['spl', 'page-cache'],
  },
  {
    id: 'spl',
    title: 'SPL',
    also: ['solaris porting layer', 'spl slab'],
    short: 'The layer under ZFS on Linux, with an object allocator of its own.',
    text: [
      'Its caches stand in /proc/spl/kmem/slab and not in /proc/slabinfo. Some lie in vmalloc memory, so that gigabytes can be missing from slabtop.',
    ],
    see: ['zfs-arc', 'vmalloc'],
  },
  {
    id: 'crash-dump',
    title: 'Crash dump',
    also: ['dump', 'kdump', 'core dump'],
    short: "A copy of the kernel's memory, made when it crashes or on request.",
    text: [
      'It shows every object and every pointer at one moment, which no counter does. Usually free pages and program memory are left out.',
      'Making one stops the host: it ends with a reboot. `kleak diagnose DUMP` reads it, needs nothing else for Linux 6.0 and newer, and names what is lost; what crash and drgn print of one can be given to kleak as text.',
    ],
    see: ['vmcore', 'unreachable'],
  },
  {
    id: 'vmcore',
    title: 'vmcore',
    also: ['vmcoreinfo', 'makedumpfile', '/proc/vmcore'],
    short: 'The file that holds a crash dump.',
    text: [
      'kdump writes it under /var/crash, usually compressed. It can hold passwords and keys that were in memory: treat it as such.',
    ],
    see: ['crash-dump'],
  },
];
