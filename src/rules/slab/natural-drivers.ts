import type { NextStep } from '../../findings/finding.ts';

export interface Driver {
  /** What there is one object of this cache for. */
  readonly each: string;
  readonly next: NextStep;
  /** Where a snapshot counts those things itself. */
  readonly counted?: 'threads';
}

const look = (command: string, why: string): NextStep => ({ command, why, risk: 'none' });

/** Caches whose objects follow something that can be counted from user space. */
const DRIVERS: readonly (readonly [cache: RegExp, driver: Driver])[] = [
  [
    /^filp$/,
    {
      each: 'one for each open file',
      next: look(
        'cat /proc/sys/fs/file-nr',
        'open files by the kernel’s own count; if processes hold them all (ls /proc/[0-9]*/fd), it is theirs',
      ),
    },
  ],
  [
    /^(?:task_struct|signal_cache|sighand_cache|thread_info|task_delay_info)$/,
    {
      each: 'one for each thread or process',
      counted: 'threads',
      next: look(
        'ps -eL --no-headers | wc -l',
        'threads that exist; many fewer than objects means references on ended ones are kept',
      ),
    },
  ],
  [
    /^(?:sock_inode_cache|TCP(?:v6)?|UDP(?:v6)?|RAW(?:v6)?|UNIX(?:-STREAM)?|NETLINK|PACKET)$/,
    {
      each: 'one for each socket',
      next: look(
        'cat /proc/net/sockstat; ss -s',
        'sockets that exist; many fewer than objects means the rest are pinned',
      ),
    },
  ],
  [
    /^nf_conntrack(?:_\w+)?$/,
    {
      each: 'one for each tracked connection',
      next: look(
        'cat /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max',
        'connections tracked now, and the limit',
      ),
    },
  ],
  [
    /^(?:vm_area_struct|anon_vma(?:_chain)?|maple_node)$/,
    {
      each: 'some for each mapping of a process',
      next: look('wc -l /proc/[0-9]*/maps | sort -n | tail', 'the process with most mappings'),
    },
  ],
  [
    /^mnt_cache$/,
    { each: 'one for each mount', next: look('wc -l /proc/[0-9]*/mountinfo | sort -n | tail', 'mounts by namespace') },
  ],
  [
    /^net_namespace$/,
    {
      each: 'one for each network namespace',
      next: look('lsns -t net | wc -l', 'namespaces that exist; many fewer than objects means ended ones are kept'),
    },
  ],
  [
    /^(?:skbuff_\w+)$/,
    {
      each: 'one for each network buffer',
      next: look(
        'ss -m; tc -s qdisc; ethtool -S eth0 | grep -i -E "drop|ring"',
        'buffers that wait in sockets, queues and rings',
      ),
    },
  ],
  [
    /^kernfs_node_cache$/,
    {
      each: 'one for each file in sysfs and in control groups',
      next: look('find /sys/fs/cgroup -type d | wc -l', 'control groups that exist'),
    },
  ],
  [
    /^(?:inotify_inode_mark|fsnotify_mark\w*|dnotify_\w+)$/,
    {
      each: 'one for each watch',
      next: look('grep -c inotify /proc/[0-9]*/fdinfo/* 2>/dev/null | sort -t: -k2 -n | tail', 'who watches'),
    },
  ],
  [
    /^shmem_inode_cache$/,
    {
      each: 'one for each file in tmpfs, memfd or shared segment, deleted ones that are open included',
      next: look('df -i -t tmpfs; lsof +L1 | head', 'files that exist, and deleted ones that are still open'),
    },
  ],
];

/** What there should be one object for, and how to count it. */
export const naturalDriver = (cache: string): Driver | undefined => DRIVERS.find(([name]) => name.test(cache))?.[1];
