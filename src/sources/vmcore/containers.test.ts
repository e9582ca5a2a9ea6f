import { describe, expect, it } from 'vitest';
import { flattenedBy, madeBy, type ByteSink } from '../../../testkit/dump/byte-sink.ts';
import { dumpFolder } from '../../../testkit/dump/dump-folder.ts';
import type { PageEncoding } from '../../../testkit/dump/page-encoders.ts';
import { madePage, PageMap, smallMachine, type PageContent } from '../../../testkit/dump/page-map.ts';
import { writeElfCore } from '../../../testkit/dump/write-elf-core.ts';
import { writeKdump, type KdumpOptions } from '../../../testkit/dump/write-kdump.ts';
import { prstatusNote, vmcoreinfoNote } from '../../../testkit/dump/write-notes.ts';
import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';
import type { Dump } from './dump.ts';
import { openDump } from './open-dump.ts';

const file = dumpFolder();
const machine = smallMachine();
const ENCODINGS: readonly PageEncoding[] = ['raw', 'zlib', 'lzo', 'snappy', 'zstd'];

function open(path: string, check: (dump: Dump) => void): void {
  const dump = openDump([path]);
  try {
    check(dump);
  } finally {
    dump.close();
  }
}

/** Frames whose state or content differ from what was written, asked one by one and in one read. */
function differences(memory: PhysicalMemory, written: PhysicalMemory): readonly string[] {
  const { pageSize } = written;
  const all = new Uint8Array(written.endFrame * pageSize);
  const expected = new Uint8Array(all.length).fill(0xee);
  const found: string[] = [];
  for (let frame = -1; frame < written.endFrame + 2; frame++) {
    if (memory.state(frame) !== written.state(frame)) found.push(`frame ${frame} is ${memory.state(frame)}`);
    const page = memory.page(frame);
    if (!same(page, written.page(frame))) found.push(`page ${frame}`);
  }
  const gaps = memory.read(0, all.fill(0xdd));
  if (JSON.stringify(gaps) !== JSON.stringify(written.read(0, expected))) found.push('gaps');
  if (!same(all, expected)) found.push('a read of all');
  return found;
}

const same = (a?: Uint8Array, b?: Uint8Array): boolean =>
  a === undefined || b === undefined ? a === b : Buffer.compare(a, b) === 0;

describe.each(ENCODINGS)('a kdump with pages stored by %s', (encoding) => {
  const write =
    (options?: KdumpOptions) =>
    (sink: ByteSink): void =>
      writeKdump(sink, machine, { encoding, ...options });

  it('gives back every page and every state', () => {
    open(file(`${encoding}/vmcore`, madeBy(write())), ({ physical, problems }) => {
      expect(differences(physical, machine)).toEqual([]);
      expect(physical.counts()).toEqual(machine.counts());
      expect(problems).toEqual([]);
    });
  });

  it.each([64, 4096, 100_000])('does so flattened, in pieces of %i bytes', (pieces) => {
    open(file(`${encoding}/flat-${pieces}`, flattenedBy(write(), pieces)), ({ physical, container, problems }) => {
      expect(container).toMatch(/^kdump version 6, .*, flattened$/);
      expect(differences(physical, machine)).toEqual([]);
      expect(physical.counts()).toEqual(machine.counts());
      expect(problems).toEqual([]);
    });
  });

  it('does so with pages of 64 KiB', () => {
    const large = smallMachine(40, 65_536);
    open(
      file(
        `${encoding}/large`,
        madeBy((sink) => writeKdump(sink, large, { encoding })),
      ),
      ({ physical }) => expect(differences(physical, large)).toEqual([]),
    );
  });
});

describe('a kdump', () => {
  it.each([0, 1, 2, 3, 4, 5, 6])('of version %i gives back every page', (version) => {
    const bytes = madeBy((sink) => writeKdump(sink, machine, { version, vmcoreinfo: 'OSRELEASE=5.10.0\n' }));
    open(file(`version-${version}/vmcore`, bytes), ({ physical, container, vmcoreinfo }) => {
      expect(container).toBe(`kdump version ${version}, zlib`);
      expect(differences(physical, machine)).toEqual([]);
      expect(vmcoreinfo).toBe(version >= 3 ? 'OSRELEASE=5.10.0\n' : undefined);
    });
  });

  it('of the days of diskdump is read too, with two bitmaps or one', () => {
    const whole = new PageMap(new Map(Array.from({ length: 90 }, (_, i) => [i + 3, madePage(i)])));
    for (const bitmaps of [1, 2] as const) {
      const bytes = madeBy((sink) => writeKdump(sink, whole, { signature: 'DISKDUMP', bitmaps, version: 1 }));
      open(file(`diskdump-${bitmaps}/vmcore`, bytes), ({ physical, container }) => {
        expect(container).toBe('diskdump version 1, zlib');
        expect(differences(physical, whole)).toEqual([]);
      });
    }
  });

  it('says what its headers claim', () => {
    const registers = Array.from({ length: 27 }, (_, i) => BigInt(i));
    const bytes = madeBy((sink) =>
      writeKdump(sink, machine, {
        physBase: -0x1000n,
        vmcoreinfo: 'OSRELEASE=6.1.0\n',
        notes: prstatusNote(42, registers),
        utsname: { release: '6.1.0', machine: 'x86_64', nodename: 'host' },
      }),
    );
    const path = file('claims/vmcore', bytes);
    open(path, (dump) => {
      expect(dump).toMatchObject({
        files: [path],
        machine: 'x86-64',
        vmcoreinfo: 'OSRELEASE=6.1.0\n',
        utsname: { release: '6.1.0', machine: 'x86_64', nodename: 'host' },
        claimedPhysBase: 2n ** 64n - 0x1000n,
        segments: [],
      });
      expect(dump.cpus.map(({ pid }) => pid)).toEqual([42]);
    });
  });

  it.each([
    ['NUMBER(VA_BITS)=48\nNUMBER(kimage_voffset)=0xffff800000000000\n', 'aarch64'],
    ['NUMBER(phys_base)=0\nSYMBOL(init_top_pgt)=ffffffff82a10000\n', 'x86-64'],
    ['OSRELEASE=6.1.0\n', 'unknown'],
  ])('without the name of a machine tells it from VMCOREINFO', (vmcoreinfo, name) => {
    const bytes = madeBy((sink) => writeKdump(sink, machine, { notes: vmcoreinfoNote(vmcoreinfo) }));
    open(file(`machine-${name}/vmcore`, bytes), (dump) => expect(dump.machine).toBe(name));
  });

  it('with lost pages keeps them apart from zeros and from what was left out', () => {
    const torn = new PageMap(
      new Map<number, PageContent>([
        [0, madePage(1)],
        [1, 'lost'],
        [2, 'zero'],
        [3, 'excluded'],
        [5, madePage(2)],
      ]),
    );
    open(
      file(
        'incomplete/vmcore',
        madeBy((sink) => writeKdump(sink, torn)),
      ),
      ({ physical, problems }) => {
        expect(differences(physical, torn)).toEqual([]);
        expect(physical.counts()).toEqual({ present: 2, zero: 1, excluded: 1, lost: 1 });
        expect(problems.map(({ problem }) => problem).join()).toMatch('marked the dump incomplete');
      },
    );
  });

  it('without struct pages of unused memory says so', () => {
    open(
      file(
        'vmemmap/vmcore',
        madeBy((sink) => writeKdump(sink, machine, { status: 0x10 })),
      ),
      ({ problems }) =>
        expect(problems.map(({ problem }) => problem).join()).toMatch('left out the struct pages of unused memory'),
    );
  });

  it('reads any stretch, whatever its ends', () => {
    open(
      file(
        'stretches/vmcore',
        madeBy((sink) => writeKdump(sink, machine, { encoding: 'lzo' })),
      ),
      ({ physical }) => {
        for (let i = 0; i < 300; i++) {
          const address = (i * 7919 * 13) % (machine.endFrame * 4096);
          const target = new Uint8Array(1 + ((i * 3571) % 60_000)).fill(0xdd);
          const expected = new Uint8Array(target.length);
          expect(physical.read(address, target)).toEqual(machine.read(address, expected));
          expect(same(target, expected)).toBe(true);
        }
      },
    );
  });
});

describe('an ELF core', () => {
  // What a filter leaves out and what is absent look alike.
  const whole = new PageMap(
    new Map(
      Array.from({ length: 300 }, (_, i) => [i < 200 ? i : i + 500, i % 11 === 5 ? 'zero' : madePage(i)] as const),
    ),
  );

  it.each([
    ['as the kernel writes it', { directMap: 0xffff_8880_0000_0000n }],
    ['without virtual addresses', {}],
    ['whose program headers stand further in', { gap: 0x80 }],
    ['with the number of program headers in section 0', { extendedNumbering: true }],
    ['whose memory begins at an odd place', { shift: 0xa0 }],
    ['of arm64', { machine: 183 }],
  ])('%s gives back every page and every state', (name, options) => {
    const bytes = madeBy((sink) =>
      writeElfCore(sink, whole, { notes: vmcoreinfoNote('OSRELEASE=6.1.0\n'), ...options }),
    );
    for (const image of [bytes, flattenedBy((sink) => sink.write(0, bytes), 30_000)])
      open(file(`elf/${name}`, image), (dump) => {
        expect(differences(dump.physical, whole)).toEqual([]);
        expect(dump.physical.counts()).toEqual(whole.counts());
        expect(dump.vmcoreinfo).toBe('OSRELEASE=6.1.0\n');
        expect(dump.segments.length).toBe('directMap' in options ? 56 : 0);
      });
  });

  it('says that zeros in it may be pages that were left out', () => {
    open(
      file(
        'elf/zeros',
        madeBy((sink) => writeElfCore(sink, whole)),
      ),
      ({ problems }) =>
        expect(problems.map(({ problem }) => problem)).toEqual([
          expect.stringMatching(/^27 pages read as zeros: makedumpfile -E marks/),
        ]),
    );
  });

  it('that was cut off has lost what is behind its end', () => {
    const full = new PageMap(new Map(Array.from({ length: 100 }, (_, i) => [i, madePage(i)])));
    const bytes = madeBy((sink) => writeElfCore(sink, full));
    open(file('elf/cut', bytes.subarray(0, bytes.length - 10 * 4096 - 1)), ({ physical, problems }) => {
      expect(physical.counts()).toEqual({ present: 89, zero: 0, excluded: 0, lost: 11 });
      expect([physical.state(88), physical.state(89), physical.page(89)]).toEqual(['present', 'lost', undefined]);
      expect(physical.read(85 * 4096, new Uint8Array(10 * 4096)).map(({ state }) => state)).toEqual(['lost']);
      expect(problems.map(({ problem }) => problem)).toEqual([
        'ends before the last 44.0 KiB of memory; they are lost',
      ]);
    });
  });

  it('without physical addresses is refused: all its memory would lie in one place', () => {
    const bytes = Buffer.from(madeBy((sink) => writeElfCore(sink, whole, { directMap: 0xffff_8880_0000_0000n })));
    for (let i = 0; i < bytes.readUInt16LE(56); i++) bytes.writeBigUInt64LE(0n, 64 + i * 56 + 24);
    expect(() => openDump([file('elf/no-addresses', bytes)])).toThrow('has no physical addresses');
  });
});
