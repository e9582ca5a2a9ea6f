import type { NextStep } from '../findings/finding.ts';

/** Commands that several rules recommend, each with its reason and its risk. All can be pasted as they are. */
export const secondSnapshot: NextStep = {
  command: 'kleak snapshot -o kleak-later.tar.gz',
  why: 'as root on that host, in an hour or more: diagnosed together with this it gives the rate, and tells a leak from something large',
  risk: 'none',
};
export const reclaimTest: NextStep = {
  command: 'kleak reclaim-test --yes',
  why: 'as root: drops the caches and measures what did not come back, which is held. Costs look-up speed for a while: off-peak',
  risk: 'low',
};
export const readKmemleak: NextStep = {
  command: 'kleak kmemleak scan',
  why: 'as root, on a kernel with kmemleak: two scans name the function that allocated what nothing points to',
  risk: 'low',
};
export const bootPageOwner: NextStep = {
  command: 'kleak page-owner report',
  why: 'after one boot with page_owner=on: names the functions that took the pages',
  risk: 'high',
};
export const slabUsers = (cache: string): NextStep => ({
  command: `kleak trace '${cache.replaceAll(/[^\w:.-]/g, '')}' --for 60s --stacks`,
  why: 'as root, while it grows: which place allocates from it and does not free; no reboot, costs some CPU while it runs',
  risk: 'low',
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
  command: 'kleak snapshot',
  why: 'as root on that host: one archive with every file that closes the memory equation',
  risk: 'none',
};

export const confirmKmemleak: NextStep = {
  ...readKmemleak,
  why: 'entries that stay over two scans are no passing pointers; new ones show the rate',
};
