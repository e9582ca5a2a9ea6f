import type { NextStep } from '../findings/finding.ts';

/** Commands that several rules recommend, each with its reason and its risk. All can be pasted as they are. */
export const secondSnapshot: NextStep = {
  command: 'mkdir kleak-later && cp /proc/meminfo /proc/slabinfo /proc/zoneinfo /proc/vmstat /proc/uptime kleak-later/',
  why: 'in an hour or more: a second look gives the rate, and tells a leak from something large',
  risk: 'none',
};
export const reclaimTest: NextStep = {
  command: 'sync && echo 2 > /proc/sys/vm/drop_caches',
  why: 'gives back what is only cached; what stays is held. Costs look-up speed for a while: off-peak',
  risk: 'low',
};
export const readKmemleak: NextStep = {
  command:
    'echo scan > /sys/kernel/debug/kmemleak; sleep 60; echo scan > /sys/kernel/debug/kmemleak; cat /sys/kernel/debug/kmemleak',
  why: 'on a kernel with kmemleak: names the function that allocated what nothing points to',
  risk: 'low',
};
export const bootPageOwner: NextStep = {
  command: 'cat /sys/kernel/debug/page_owner_stacks/show_stacks',
  why: 'after one boot with page_owner=on: names the functions that took the pages',
  risk: 'high',
};
export const slabUsers = (cache: string): NextStep => ({
  command: `cat '/sys/kernel/debug/slab/${cache.replaceAll(/[^\w:.-]/g, '')}/alloc_traces'`,
  why: `after one boot with slub_debug=U,${cache.replaceAll(/[^\w:.-]/g, '')}: counts the objects by call site`,
  risk: 'high',
});
export const countDentries: NextStep = {
  command: 'cat /proc/sys/fs/dentry-state',
  why: 'second number: unused dentries; fifth, from Linux 5.0 on: negative ones',
  risk: 'none',
};
export const listSockets: NextStep = {
  command: 'cat /proc/net/sockstat; ss -s',
  why: 'sockets that processes hold; many fewer than sock_inode_cache objects means the rest are pinned by the kernel',
  risk: 'none',
};
export const collectAll: NextStep = {
  command:
    'mkdir kleak-input && cp /proc/meminfo /proc/slabinfo /proc/zoneinfo /proc/vmstat /proc/vmallocinfo /proc/buddyinfo /proc/uptime kleak-input/',
  why: 'as root: the files that close the memory equation',
  risk: 'none',
};

export const confirmKmemleak: NextStep = {
  ...readKmemleak,
  why: 'entries that stay over two scans are no passing pointers; new ones show the rate',
};
