import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { flattenedBy, madeBy } from '../../../testkit/dump/byte-sink.ts';
import { dumpFolder } from '../../../testkit/dump/dump-folder.ts';
import { madePage, PageMap, smallMachine } from '../../../testkit/dump/page-map.ts';
import { writeElfCore } from '../../../testkit/dump/write-elf-core.ts';
import { writeKdump, type KdumpOptions } from '../../../testkit/dump/write-kdump.ts';
import { FormatError } from '../../base/errors.ts';
import { InputError } from '../input-error.ts';
import type { Dump } from './dump.ts';
import { openDump } from './open-dump.ts';

const file = dumpFolder();
const machine = smallMachine();
const kdump = (options?: KdumpOptions): Uint8Array => madeBy((sink) => writeKdump(sink, machine, options));
const part = (start: number, end: number, options?: KdumpOptions): Uint8Array =>
  kdump({ ...options, part: { start, end } });
const other = new PageMap(new Map(Array.from({ length: 99 }, (_, i) => [i * 2, madePage(i)])));

function using<T>(paths: readonly string[], look: (dump: Dump) => T): T {
  const dump = openDump(paths);
  try {
    return look(dump);
  } finally {
    dump.close();
  }
}

const present = (dump: Dump): number => {
  let count = 0;
  for (let frame = 0; frame < machine.endFrame; frame++) {
    const page = dump.physical.page(frame);
    if (page && Buffer.compare(page, machine.page(frame) ?? new Uint8Array(0)) === 0) count++;
  }
  return count;
};
const whole = machine.counts().present + machine.counts().zero;

describe('a split dump', () => {
  const paths = [
    file('split/vmcore.1', part(0, 60)),
    file('split/vmcore.2', part(60, 520)),
    file('split/vmcore.3', part(520, machine.endFrame)),
  ];
  const folder = dirname(paths[0] ?? '');
  file('split/dmesg.txt', Buffer.from('[    0.000000] Linux version 6.1.0\n'));
  file('split/other', madeBy((sink) => writeElfCore(sink, other)).subarray(0, 5));

  it.each([
    ['its folder', [folder]],
    ['its first part', paths.slice(0, 1)],
    ['any part', paths.slice(1, 2)],
    ['all its parts, in any order', paths.toReversed()],
  ])('is opened by %s', (_, given) => {
    using(given, (dump) => {
      expect(dump.files.toSorted()).toEqual(paths);
      expect(dump.container).toBe('kdump version 6, zlib, split over 3 files');
      expect(present(dump)).toBe(whole);
      expect(dump.physical.counts()).toEqual(machine.counts());
      expect(dump.problems).toEqual([]);
    });
  });

  it('reads across its parts in one go', () => {
    using([folder], ({ physical }) => {
      const [target, expected] = [new Uint8Array(machine.endFrame * 4096), new Uint8Array(machine.endFrame * 4096)];
      expect(physical.read(0, target)).toEqual(machine.read(0, expected));
      expect(Buffer.compare(target, expected)).toBe(0);
    });
  });

  it('that lacks a part has lost its pages, and says how many', () => {
    const lone = file('lone/vmcore.2', part(60, 520));
    using([lone], (dump) => {
      const { present: held, zero, lost } = dump.physical.counts();
      expect(held + zero + lost).toBe(whole);
      expect(dump.physical.state(1)).toBe('lost');
      expect(dump.problems.map(({ problem }) => problem)).toEqual([
        `a part of the split dump is missing: ${lost} pages are in no file that was found`,
      ]);
    });
  });

  it('is not mixed with parts of another dump in its folder', () => {
    const mine = [file('two/a.1', part(0, 60)), file('two/a.2', part(60, machine.endFrame))];
    const options = { physBase: 0x5000n };
    file('two/b.1', part(0, 60, options));
    file('two/b.2', part(60, machine.endFrame, options));
    using(mine.slice(1), (dump) => expect(dump.files.toSorted()).toEqual(mine));
    expect(() => openDump([dirname(mine[0] ?? '')])).toThrow('holds 2 dumps (a.1, b.1); name one of them');
  });

  it('leaves out a part that is there twice', () => {
    const copy = [file('twice/vmcore.1', part(0, 60)), file('twice/vmcore.2', part(60, machine.endFrame))];
    file('twice/vmcore.2.copy', part(60, machine.endFrame));
    using(copy.slice(0, 1), (dump) => {
      expect(present(dump)).toBe(whole);
      expect(dump.problems.map(({ problem }) => problem).join()).toMatch('another part covers too');
    });
  });

  it('may be flattened', () => {
    const flat = (start: number, end: number): Uint8Array =>
      flattenedBy((sink) => writeKdump(sink, machine, { part: { start, end } }));
    const path = file('flat-parts/1', flat(0, 60));
    file('flat-parts/2', flat(60, machine.endFrame));
    using([path], (dump) => expect(present(dump)).toBe(whole));
  });
});

describe('a folder', () => {
  it('with one dump among other files is that dump', () => {
    const path = file('crash/127.0.0.1/vmcore', kdump());
    file('crash/127.0.0.1/vmcore-dmesg.txt', Buffer.from('text\n'));
    file('crash/127.0.0.1/kexec-dmesg.log', Buffer.alloc(0));
    using([dirname(path)], (dump) => expect(dump.files).toEqual([path]));
  });

  it('with several dumps is the one that kdump calls vmcore', () => {
    const path = file('several/vmcore', kdump());
    file('several/vmcore.1', part(0, machine.endFrame));
    using([dirname(path)], (dump) => expect(dump.files).toEqual([path]));
  });

  it('without a dump says why the file that is named like one is none', () => {
    const path = file('none/vmcore', gzipSync(kdump()));
    expect(() => openDump([dirname(path)])).toThrow(`${path}: is packed with gzip, which is not read; unpack it first`);
    const text = file('text/notes.txt', Buffer.from('text\n'));
    expect(() => openDump([dirname(text)])).toThrow(`${dirname(text)}: holds no crash dump; give a vmcore`);
  });

  it('leads to a dump by a link too', () => {
    const path = file('real/vmcore', kdump());
    const folder = join(dirname(dirname(path)), 'links');
    mkdirSync(folder);
    symlinkSync(path, join(folder, 'vmcore'));
    using([folder], (dump) => expect(present(dump)).toBe(whole));
  });
});

describe('what is no dump that can be read', () => {
  const at = (offset: number, magic: string, size = 70_000): Buffer => {
    const bytes = Buffer.alloc(size, 'x');
    bytes.write(magic, offset, 'latin1');
    return bytes;
  };
  const zeroed = Buffer.from(kdump()).fill(0, 0, 65_536);

  it.each([
    ['SADUMP', at(0, 'sadump\0\0'), 'is a SADUMP dump'],
    ['a VMware snapshot', at(0, '\u00d2\u00be\u00d2\u00be'), 'vmss2core'],
    ['a dump of s390', at(0, '\u00a8\u0019\u0001\u0073\u0061\u008f\u0023\u00fd'), 's390'],
    ['LKCD', at(0, '\u00ed\u0023\u008f\u0061\u0073\u0001\u0019\u00a8'), 'LKCD'],
    ['a hibernation image', at(4086, 'S1SUSPEND'), 'hibernation image'],
    ['a hibernation image with pages of 64 KiB', at(65_526, 'LINHIB0001'), 'hibernation image'],
    ['a migration stream', at(0, 'QEVM'), 'virsh dump --memory-only'],
    ['a saved guest', at(0, 'LibvirtQemudSave'), 'virsh dump --memory-only'],
    ['a dump of Windows', at(0, 'PAGEDU64'), 'a dump of Windows'],
    ['an encrypted volume', at(0, 'LUKS\u00ba\u00be'), 'encrypted with LUKS'],
    ['an encrypted file', at(0, 'Salted__'), 'encrypted with openssl'],
    ['a packed dump', gzipSync(kdump()), 'gunzip'],
    ['a text', Buffer.from('MemTotal: 1 kB\n'), 'is a text, not a crash dump'],
    ['noise', madePage(77), 'may be encrypted or damaged'],
    ['nothing', Buffer.alloc(0), 'holds nothing'],
    ['a header that was never written', zeroed, 'begins with zeros: its header was never written'],
  ])('is told: %s', (name, bytes, problem) => {
    const path = file(`foreign/${name.replaceAll(' ', '-')}`, bytes);
    expect(() => openDump([path])).toThrow(InputError);
    expect(() => openDump([path])).toThrow(problem);
    expect(() => openDump([path])).toThrow(/^[^\n]+: [^\n]+; [^\n]+$/);
  });

  it('is told where it is not there, not a file, or not one dump', () => {
    const dump = file('plain/vmcore', kdump());
    const beside = file(
      'plain/other',
      madeBy((sink) => writeElfCore(sink, other)),
    );
    expect(() => openDump([])).toThrow('dump: none is named; give a vmcore');
    expect(() => openDump(['/no/such/vmcore'])).toThrow('/no/such/vmcore: no such file or directory; check the path');
    expect(() => openDump(['/dev/null'])).toThrow('/dev/null: is no regular file');
    expect(() => openDump([dump, beside])).toThrow(`${beside}: is not a part of the dump that ${dump} is of`);
  });

  it('is a FormatError where it claims to be one', () => {
    const bytes = Buffer.from(kdump());
    bytes.writeInt32LE(1, 428);
    const path = file('damaged/vmcore', bytes);
    expect(() => openDump([path])).toThrow(FormatError);
    expect(() => openDump([path])).toThrow(
      `kdump: blocks of 1 bytes: the header is damaged; copy it again (${path}@0x1ac+4)`,
    );
  });
});

describe('a dump that is not whole', () => {
  const bytes = kdump();
  const cut = bytes.subarray(0, bytes.length - 30_000);

  it('gives what it has, and says that it ends early', () => {
    using([file('cut/vmcore', cut)], (dump) => {
      const { present: held, lost } = dump.physical.counts();
      expect(lost).toBeGreaterThan(3);
      expect(held + lost).toBe(machine.counts().present);
      expect(dump.problems.map(({ problem }) => problem).join()).toMatch('ends before the last of its pages');
    });
  });

  it('is still being written where its name says so, or failed', () => {
    const advice = /wait until kdump is done; where it has failed, a copy under another name opens/;
    for (const [name, content] of [
      ['vmcore-incomplete', cut],
      ['dump-incomplete.1', bytes.subarray(0, 9000)],
      ['vmcore-flat-incomplete', flattenedBy((sink) => sink.write(0, bytes)).subarray(0, 70_000)],
    ] as const)
      expect(() => openDump([file(`writing/${name}`, content)])).toThrow(advice);
  });

  it('is read whatever its name, once it is whole', () => {
    using([file('written/vmcore-incomplete', bytes)], (dump) => expect(present(dump)).toBe(whole));
  });
});

it('an open dump cannot be read once it is closed', () => {
  const dump = openDump([file('closed/vmcore', kdump({ encoding: 'raw' }))]);
  dump.close();
  dump.close();
  expect(() => dump.physical.read(0, new Uint8Array(machine.endFrame * 4096))).toThrow('was closed');
});
