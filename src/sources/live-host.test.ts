import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratch, textOf, writeTree } from '../../testkit/read-input.ts';
import { openLiveHost, type LiveOptions } from './live-host.ts';
import { dmesgLines } from './live/kmsg.ts';
import type { Unread } from './source-file.ts';

const folder = scratch();

async function read(options: LiveOptions): Promise<{ files: Map<string, string>; unread: Unread[] }> {
  const files = new Map<string, string>();
  const unread: Unread[] = [];
  for await (const file of openLiveHost(options, (u) => unread.push(u)))
    files.set(file.name, await textOf(file.text()));
  return { files, unread };
}

it('reads what is there, and says of the rest what it would take', async () => {
  const root = writeTree(join(folder, 'host'), {
    'proc/meminfo': 'MemTotal: 8 kB\n',
    'proc/1/status': 'Name:\tinit\n',
    'proc/1/smaps_rollup': 'Pss: 1 kB\n',
    'proc/sys/kernel/hostname': 'node7\n',
    'proc/sys/kernel/osrelease': '6.1.0\n',
    'proc/sys/kernel/version': '#1 SMP\n',
    'proc/sys/kernel/arch': 'x86_64\n',
    'sys/kernel/slab/:0000128/reclaim_account': '0\n',
    'sys/kernel/slab/dentry/reclaim_account': '1\n',
    'sys/module/i40e/version': '2.3.6\n',
    'sys/kernel/debug/slab/kmalloc-128/alloc_traces': '12 f+0x1/0x2 age=1 pid=1 cpus=0\n',
    'var/lib/dpkg/status': 'Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\n\n',
    'proc/7/status': 'Name:\tsh\n',
    'sys/kernel/slab/:0000128/x': '',
    'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '512\n',
    'sys/block/zram0/mm_stat': '1 2 3 4 5 6 7\n',
    'dev/kmsg': '6,1,5140900,-;hello\n SUBSYSTEM=x\n',
  });
  symlinkSync(':0000128', join(root, 'sys/kernel/slab/dio'));
  mkdirSync(join(root, 'sys/class/net/eth0/device'), { recursive: true });
  symlinkSync('../../drivers/i40e', join(root, 'sys/class/net/eth0/device/driver'));
  const { files, unread } = await read({ root });
  expect(Object.fromEntries(files)).toEqual({
    '/proc/meminfo': 'MemTotal: 8 kB\n',
    '/sys/kernel/slab': 'dio -> :0000128\n',
    '/sys/kernel/slab_values':
      '/sys/kernel/slab/:0000128/reclaim_account:0\n/sys/kernel/slab/dentry/reclaim_account:1\n',
    '/sys/kernel/mm/hugepages': 'hugepages-2048kB/nr_hugepages:512\n',
    '/sys/block': '/sys/block/zram0/mm_stat:\n1 2 3 4 5 6 7\n',
    '/sys/module': '/sys/module/i40e/version:2.3.6\n',
    '/sys/class/net': '/sys/class/net/eth0/device/driver -> ../../drivers/i40e\n',
    '/sys/kernel/debug/slab/kmalloc-128/alloc_traces': '12 f+0x1/0x2 age=1 pid=1 cpus=0\n',
    '/dev/kmsg': '[    5.140900] hello\n',
    '/proc/*/status': '==> /proc/1/status <==\nName:\tinit\n==> /proc/7/status <==\nName:\tsh\n',
    '/proc/*/smaps_rollup': '==> /proc/1/smaps_rollup <==\nPss: 1 kB\n',
    '/uname': 'Linux node7 6.1.0 #1 SMP x86_64 GNU/Linux\n',
    '/packages': 'ii  curl  7.88.1-10  amd64\n',
  });
  expect(unread.find((u) => u.what === '/proc/allocinfo')?.why).toMatch(/^no such file; needs Linux 6\.10/);
  expect(unread.some((u) => u.what.includes('arcstats'))).toBe(false);
});

it('reads the host it runs on', async () => {
  const { files } = await read({});
  expect(files.get('/proc/meminfo')).toMatch(/^MemTotal:/);
  expect(files.get('/proc/*/status')).toContain(`Pid:\t${process.pid}\n`);
});

it('gives up files that do not answer, and ends', async () => {
  const { files, unread } = await read({ root: folder, timeLimit: 0 });
  expect(files.size).toBe(0);
  expect(unread.find((u) => u.what === '/proc/slabinfo')?.why).toMatch(/did not answer/);
});

it('cuts a file that is too long, and says so', async () => {
  const root = writeTree(join(folder, 'big'), { 'proc/meminfo': 'x'.repeat(600_000) });
  const { files, unread } = await read({ root, fileBytes: 1000 });
  expect(files.get('/proc/meminfo')?.length).toBeLessThan(300_000);
  expect(unread).toContainEqual({ what: '/proc/meminfo', why: 'is longer than 1000 bytes; the rest was not read' });
});

it('writes kernel log records as dmesg does', () => {
  const records =
    '4,12,1000000,-,caller=T1;first\\x0asecond \\xc3\\xa9\n DEVICE=+x\nnot a record\n6,13,2500000,c;kern: text;more\n';
  expect(dmesgLines(records)).toBe('[    1.000000] first\n[    1.000000] second é\n[    2.500000] kern: text;more\n');
});

it('leaves out of the kernel log what programs, the audit subsystem and firewalls wrote', () => {
  const records =
    '30,1,1000000,-;systemd[1]: Hostname set to <node7>.\n' +
    '5,2,2000000,-;audit: type=1400 audit(1.2:3): apparmor="STATUS"\n' +
    '4,3,3000000,-;[UFW BLOCK] IN=eth0 OUT= MAC=00:11 SRC=10.0.0.1 DST=10.0.0.2\n' +
    '4,4,4000000,-;Out of memory: Killed process 812 (java)\n';
  expect(dmesgLines(records)).toBe('[    4.000000] Out of memory: Killed process 812 (java)\n');
});
