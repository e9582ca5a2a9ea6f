import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Redactor } from './redactor.ts';

const identity = { hosts: ['node7.example.com', 'db-3'], users: ['alice'] };
const text = (line: string): string => new Redactor(identity).redact('dev/kmsg', line);
const untouched = (line: string): void => expect(text(line)).toBe(line);

describe('redaction', () => {
  it('takes out the host’s own names, whole and short, wherever they stand', () => {
    expect(text('node7: node7.example.com asks db-3')).toBe('host-2: host-1 asks host-3');
    untouched('node70 snode7 xdb-3x');
  });

  it('takes out addresses, and leaves what looks alike', () => {
    expect(text('from 10.1.2.3 to 192.168.0.1:2049')).toBe('from ip-1 to ip-2:2049');
    expect(text('fe80::1 and 2001:db8:0:1:2:3:4:5 via 00:1a:2b:3c:4d:5e')).toBe('ip-1 and ip-2 via mac-1');
    untouched('pci 0000:3b:00.0: [8086:1572] type 00 class 0x020000');
    untouched('i40e: driver version 5.10.0.27, fw 6.0.48442, firmware 1.2.3.4');
    untouched('[ 12:34:56 ] 0x00000001:0x00000002 ext4-rsv-conversion kmalloc.constprop.0+0x1/0x2 [i40e]');
  });

  it('takes out serial numbers, UUIDs and names on a storage network', () => {
    expect(text('usb 1-1: SerialNumber: 0123ABC')).toBe('usb 1-1: SerialNumber: serial-1');
    expect(text('EXT4-fs (dm-0): mounted filesystem 0fc63daf-8483-4772-8e79-3d69d8477de4 ro')).toBe(
      'EXT4-fs (dm-0): mounted filesystem uuid-1 ro',
    );
    expect(text('iqn.1994-05.com.redhat:abc naa.5000c500a1b2c3d4')).toBe('serial-1 serial-2');
    untouched('Serial: 8250/16550 driver, 4 ports');
  });

  it('takes out users, their homes and what lies there', () => {
    expect(text('insmod /home/bob/secret/x.ko by alice')).toBe('insmod /home/user-1/path-1 by user-2');
    expect(text('/root/notes.txt')).toBe('/root/path-1');
    expect(text('(carol@build5) mail to dave@lists.example.org')).toBe('(user-1@host-1) mail to user-2@host-2');
  });

  it('keeps what the command line says of memory, and the names of the rest', () => {
    const line = 'BOOT_IMAGE=/vmlinuz-6.1 root=UUID=12 ro quiet slub_debug=U kmemleak=on ip=10.0.0.1 token -- secret';
    const kept = 'BOOT_IMAGE=arg-1 root=arg-2 ro quiet slub_debug=U kmemleak=on ip=arg-3 arg-4 arg-5 arg-6';
    expect(new Redactor(identity).redact('proc/cmdline', `${line}\n`)).toBe(`${kept}\n`);
    expect(text(`[    0.000000] Command line: ${line}`)).toBe(`[    0.000000] Command line: ${kept}`);
  });

  it('gives the same thing the same replacement in every file', () => {
    const redactor = new Redactor(identity);
    expect(redactor.redact('uname', 'Linux node7 6.1.0 #1 SMP x86_64 GNU/Linux')).toMatch(/^Linux host-1 6\.1\.0 /);
    expect(redactor.redact('dev/kmsg', 'node7 10.0.0.1')).toBe('host-1 ip-1');
    expect(redactor.redact('proc/slabinfo', 'dentry(45:node7.service) 1 2')).toBe('dentry(45:host-1.service) 1 2');
    expect(redactor.redact('dev/kmsg', '10.0.0.2 10.0.0.1')).toBe('ip-2 ip-1');
    expect(redactor.counts).toEqual({ host: 1, ip: 2 });
  });

  it('leaves numbers, names of code and words of the kernel’s reports alone, whatever the host is called', () => {
    const redactor = new Redactor({ hosts: ['node', 'dentry', 'kernel'], users: ['slab'] });
    expect(redactor.redact('proc/slabinfo', 'dentry 1 2 192')).toBe('dentry 1 2 192');
    expect(redactor.redact('proc/meminfo', 'Slab: 1 kB')).toBe('Slab: 1 kB');
    expect(redactor.redact('dev/kmsg', 'Node 0 DMA free:1kB slab kernel node')).toBe(
      'Node 0 DMA free:1kB slab kernel node',
    );
    expect(redactor.redact('uname', 'Linux node 6.1.0 #1')).toBe('Linux host-1 6.1.0 #1');
  });

  it('shows no memory of the kernel that kmemleak shows', () => {
    const entry = 'unreferenced object 0xff (size 32):\n    70 61 73 73 77 6f 72 64  password\n  backtrace:';
    expect(new Redactor(identity).redact('sys/kernel/debug/kmemleak', entry)).not.toMatch(/password|70 61/);
  });

  it('finds paths of homes in what is named after sources', () => {
    const line = '4096 1 /home/bob/mod/foo.c:12 [foo] func:foo_open';
    expect(new Redactor(identity).redact('proc/allocinfo', line)).toBe(
      '4096 1 /home/user-1/path-1:12 [foo] func:foo_open',
    );
  });

  it('stands any text, in time and without losing a line', () => {
    const redactor = new Redactor(identity);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.nat(3), (lines, repeat) => {
        const hostile = lines.map((l) => l.repeat(repeat + 1).replaceAll('\n', ' ')).join('\n');
        expect(redactor.redact('dev/kmsg', hostile).split('\n')).toHaveLength(hostile.split('\n').length);
      }),
    );
    for (const part of ['a.', '1.', ':', 'a@', '/home/', '-', 'ff:', '\\\\', 'iqn.1994-05.'])
      redactor.redact('dev/kmsg', part.repeat(20_000));
  });
});
