/** What one guest does, and what kleak must say of it. */
export interface Scenario {
  readonly name: string;
  /** For the page: what the operator would see. */
  readonly says: string;
  /** Shell: run once before. */
  readonly prepare: string;
  /** Shell: run again and again, a second apart, while kleak looks. */
  readonly load: string;
  /** The cache that is traced; by kernel, since names differ: the first that the guest has. */
  readonly caches: readonly string[];
  /** Functions that a trace may name for it. */
  readonly traced?: RegExp;
  /** What kmemleak names: function or module. */
  readonly listed?: RegExp;
  /** What page_owner names. */
  readonly owned?: RegExp;
  /** Caches or layers that diagnose and trend must find growing; none: nothing may be found. */
  readonly grows?: RegExp;
}

const BUSY = `cat /proc/*/status /proc/slabinfo > /dev/null 2>&1; ls -lR /sys/kernel/slab > /dev/null
for i in 1 2 3 4 5 6 7 8; do dd if=/dev/zero of=/tmp/file-$i bs=64k count=4 2> /dev/null; done; rm -f /tmp/file-*
drive fd 300 > /dev/null; drive pipes 100 > /dev/null; drive anon 1000 > /dev/null`;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'A',
    says: 'a /proc file opened with single_open() and released with seq_release()',
    prepare: 'insmod /mod/seqleak.ko',
    load: 'drive seq 4000 > /dev/null',
    caches: ['kmalloc-cg-32', 'kmalloc-32'],
    traced: /single_open|testmod_open/,
    listed: /testmod_open|seqleak|single_open/,
    grows: /^kmalloc-(?:cg-)?32$|kmalloc-cg-32|kmalloc-32/,
  },
  {
    name: 'B',
    says: 'a reference on a terminal that is never dropped',
    prepare: 'insmod /mod/holdref.ko',
    load: 'drive tty 20 > /dev/null',
    caches: ['kmalloc-cg-1k', 'kmalloc-1k'],
    traced: /alloc_tty_struct/,
    listed: /alloc_tty_struct/,
    grows: /kmalloc-(?:cg-)?(?:1k|512)/,
  },
  {
    name: 'C',
    says: 'a receive ring that overwrites its page pointers',
    prepare: ':',
    load: 'insmod /mod/ringleak.ko order=1 total=60; sleep 1; rmmod ringleak',
    caches: [],
    owned: /x40_alloc_mapped_page/,
    grows: /page-allocator|unexplained/,
  },
  {
    name: 'D',
    says: 'path references of closed sockets that are never dropped',
    prepare: 'insmod /mod/holdref.ko',
    load: 'drive sock 120 > /dev/null',
    caches: ['sock_inode_cache'],
    traced: /sock_alloc_inode/,
    listed: /sock_alloc_inode/,
    grows: /sock_inode_cache|dentry/,
  },
  {
    name: 'healthy',
    says: 'files, sockets, pipes, processes that come and go',
    prepare: ':',
    load: BUSY,
    caches: ['filp'],
  },
];
