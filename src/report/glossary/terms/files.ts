import { dentryPicture } from '../pictures/dentry.ts';
import type { GlossaryTerm } from '../term.ts';

/** Caches of files and names. */
export const filesTerms: readonly GlossaryTerm[] = [
  {
    id: 'dentry',
    title: 'Dentry',
    also: ['directory entry', 'dcache', 'dentries'],
    short: "The kernel's memory of one name in one directory.",
    text: [
      'Looking up a path makes a dentry for each part of it, so that the next look-up need not read the disk. They stay until memory gets short.',
      'A dentry leads to an inode, or to nothing. Many of them are normal; the kernel frees unused ones under pressure.',
    ],
    see: ['negative-dentry', 'inode', 'sreclaimable', 'drop-caches'],
    picture: dentryPicture(),
  },
  {
    id: 'negative-dentry',
    title: 'Negative dentry',
    also: ['negative dentries', 'nr_negative'],
    short: "The kernel's memory that a name does not exist.",
    text: [
      'Programs that ask for ever new names which do not exist fill memory with these. They are a cache and not a leak: the kernel can drop them all.',
      'The fifth number in /proc/sys/fs/dentry-state counts them, from Linux 5.0 on. The cure is in the program that asks.',
    ],
    see: ['dentry', 'drop-caches'],
  },
  {
    id: 'inode',
    title: 'Inode',
    also: ['inodes', 'inode cache'],
    short: "The kernel's record of one file: owner, size, times, where the data is.",
    text: [
      'Names are dentries, and several may lead to one inode. Each file system has its own cache, such as xfs_inode or ext4_inode_cache.',
      'Files that were touched stay remembered until memory gets short. An inode in use, for example of an open socket, cannot be dropped.',
    ],
    see: ['dentry', 'sock-inode-cache', 'page-cache'],
  },
  {
    id: 'page-cache',
    title: 'Page cache',
    also: ['cached', 'buffers', 'buff/cache', 'file cache'],
    short: 'Contents of files that the kernel keeps in memory so as not to read them again.',
    text: [
      'Linux uses free memory for it on purpose and gives it back when programs need room. A host with little free and much page cache is well.',
      'Cached in /proc/meminfo also counts shared memory, which cannot be dropped.',
    ],
    see: ['shared-memory', 'drop-caches'],
  },
  {
    id: 'shared-memory',
    title: 'Shared memory (shmem)',
    also: ['shmem', 'tmpfs', 'shm', 'dev/shm'],
    short: 'Memory that several programs can share, and files kept in memory only (tmpfs).',
    text: [
      'Files under /dev/shm, /run and other tmpfs mounts live here, and so do the buffers of many graphics drivers. It stays when the program ends, until the file is deleted or the last user lets go.',
      'free shows it in "shared", and inside buff/cache. It can be swapped out, never dropped.',
    ],
    see: ['page-cache', 'anonymous-memory'],
  },
  {
    id: 'drop-caches',
    title: 'drop_caches',
    also: ['drop caches', 'vm.drop_caches'],
    short: 'A switch that makes the kernel drop what it keeps as cache, now.',
    text: [
      'Write 1 to /proc/sys/vm/drop_caches for the page cache, 2 for dentries and inodes, 3 for both. Nothing is lost, but the next accesses are slow, and on large hosts the dropping itself takes processor time.',
      'It is a test more than a cure: what comes back was cache; what stays is in use or leaked.',
    ],
    see: ['page-cache', 'sreclaimable', 'negative-dentry'],
  },
  {
    id: 'sock-inode-cache',
    title: 'sock_inode_cache',
    also: ['socket', 'socket inode', 'sock inode', 'socket_alloc'],
    short: 'The slab cache of sockets as files: one object for each open socket.',
    text: [
      'Each socket has an inode and a dentry. When they outnumber the open sockets by far and grow together, somebody holds references to closed ones.',
      'ss -s counts the open sockets for comparison.',
    ],
    see: ['inode', 'dentry', 'lockstep', 'reference-count'],
  },
];
