import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeTree } from './read-input.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');

/** The /proc and /sys of a host that lost pages, as a tree of files: a real capture, with what it did not hold made up. */
export function writeHost(folder: string, moment: 'start' | 'end' = 'end'): string {
  const from = join(FIXTURES, 'captures/page-allocator-leak', moment);
  const proc = join(folder, 'proc');
  mkdirSync(proc, { recursive: true });
  for (const file of PROC) cpSync(join(from, file), join(proc, file));
  for (const line of readFileSync(join(from, 'sys_slab_links'), 'utf8').split('\n')) {
    const [, name, target] = /(\S+) -> (\S+)$/.exec(line) ?? [];
    if (name === undefined || target === undefined) continue;
    mkdirSync(join(folder, 'sys/kernel/slab'), { recursive: true });
    link(target, join(folder, 'sys/kernel/slab', name));
  }
  mkdirSync(join(folder, 'sys/class/net/eth0/device'), { recursive: true });
  link('../../../bus/pci/drivers/i40e', join(folder, 'sys/class/net/eth0/device/driver'));
  const rpmdb = gunzipSync(readFileSync(join(FIXTURES, 'packages/rpm-sqlite/rpmdb.sqlite.gz')));
  return writeTree(folder, { ...MADE_UP, 'var/lib/rpm/rpmdb.sqlite': rpmdb });
}

/** Where a host is written over an earlier one, the link is there. */
function link(target: string, path: string): void {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}

const PROC = ['meminfo', 'slabinfo', 'vmstat', 'zoneinfo', 'buddyinfo', 'vmallocinfo', 'modules', 'uptime', 'version'];

/** The name of the host, in each place where a host's name stands, and its other secrets. */
export const SECRETS: readonly string[] = [
  'node7',
  'example.com',
  'alice',
  '10.20.30.40',
  '52:54:00',
  'SN12345',
  'hunter2',
];

const MADE_UP: Readonly<Record<string, string>> = {
  'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=UUID=0fc63daf-8483-4772-8e79-3d69d8477de4 ro quiet password=hunter2\n',
  'proc/loadavg': '0.00 0.01 0.05 1/70 812\n',
  'proc/sys/kernel/hostname': 'node7.example.com\n',
  'proc/sys/kernel/osrelease': '6.1.0-54-cloud-amd64\n',
  'proc/sys/kernel/version': '#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)\n',
  'proc/sys/kernel/arch': 'x86_64\n',
  'proc/sys/kernel/random/boot_id': 'b4f3b2a1-0000-4000-8000-000000000001\n',
  'proc/1/status': 'Name:\tinit\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t1\nPPid:\t0\nVmRSS:\t    9000 kB\n',
  'proc/1/smaps_rollup':
    '0-7f ---p 00000000 00:00 0    [rollup]\nRss:     9000 kB\nPss:     5000 kB\nPss_Anon:  100 kB\n',
  'proc/812/status': 'Name:\tbackup-node7\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t812\nPPid:\t1\nVmRSS:\t 100 kB\n',
  'sys/module/i40e/version': '2.3.6\n',
  'sys/kernel/slab/dentry/reclaim_account': '1\n',
  'sys/fs/cgroup/cgroup.stat': 'nr_descendants 45\nnr_dying_descendants 4321\n',
  'etc/hosts': '127.0.0.1 localhost\n10.20.30.40 node7.example.com node7\n',
  'etc/passwd': 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n',
  'dev/kmsg':
    '6,1,1000000,-;i40e 0000:3b:00.0: MAC address: 52:54:00:12:34:56\n' +
    '6,2,2000000,-;usb 1-1: SerialNumber: SN12345\n' +
    '4,3,3000000,-;nfs: server node7.example.com not responding, 10.20.30.40\n' +
    '4,4,4000000,-;foo: loading out-of-tree module taints kernel. /home/alice/foo.ko\n',
};
