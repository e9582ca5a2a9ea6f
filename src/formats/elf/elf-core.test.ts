import { describe, expect, it } from 'vitest';
import { ByteArraySource } from '../../../testkit/dump/byte-array-source.ts';
import { madeBy } from '../../../testkit/dump/byte-sink.ts';
import { smallMachine } from '../../../testkit/dump/page-map.ts';
import { writeElfCore, type ElfCoreOptions } from '../../../testkit/dump/write-elf-core.ts';
import { note, prstatusNote, qemuNote, vmcoreinfoNote } from '../../../testkit/dump/write-notes.ts';
import { FormatError } from '../../base/errors.ts';
import { readCpuRegisters } from './cpu-registers.ts';
import { EM_AARCH64, EM_X86_64, parseElfHeader, readElfHeader } from './header.ts';
import { findVmcoreinfo, parseNotes } from './notes.ts';
import { PT_LOAD, PT_NOTE, readProgramHeaders } from './program-headers.ts';

const core = (options?: ElfCoreOptions): Uint8Array => madeBy((sink) => writeElfCore(sink, smallMachine(40), options));
const changed = (bytes: Uint8Array, at: number, ...values: readonly number[]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
};

describe('the header of an ELF file', () => {
  it('says where the rest is', () => {
    const header = parseElfHeader(core({ gap: 0x80 }), 'vmcore');
    expect(header).toMatchObject({ type: 4, machine: EM_X86_64, flags: 0 });
    expect(header.programHeaders).toMatchObject({ offset: 0xc0, entrySize: 56 });
    expect(header.programHeaders.count).toBeGreaterThan(5);
  });

  it('takes numbers that do not fit from section 0', () => {
    const plain = readElfHeader(new ByteArraySource(core()));
    const extended = readElfHeader(new ByteArraySource(core({ extendedNumbering: true })));
    expect(extended.programHeaders.count).toBe(plain.programHeaders.count);
    expect(parseElfHeader(core({ extendedNumbering: true }), 'vmcore').programHeaders.count).toBe(0xffff);
  });

  it('counts sections by section 0 where there are 65,280 and more', () => {
    const bytes = core({ extendedNumbering: true });
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    view.setUint16(60, 0, true);
    view.setUint16(62, 0xffff, true);
    view.setBigUint64(64 + 32, 70_000n, true);
    view.setUint32(64 + 40, 69_999, true);
    const header = readElfHeader(new ByteArraySource(bytes));
    expect(header.sectionHeaders.count).toBe(70_000);
    expect(header.namesSection).toBe(69_999);
  });

  it.each([
    ['a file of another kind', Buffer.alloc(64, 'x'), 'does not begin with'],
    ['a 32-bit file', changed(core(), 4, 1), 'a 32-bit file; only 64-bit kernels are read'],
    ['a big-endian file', changed(core(), 5, 2), 'a big-endian file'],
    ['a class that does not exist', changed(core(), 4, 7), 'unknown class'],
    ['half a header', core().subarray(0, 40), 'ends inside its header'],
    ['too little to tell', core().subarray(0, 3), 'does not begin with'],
  ])('refuses %s in one line', (_, bytes, problem) => {
    expect(() => parseElfHeader(bytes, 'vmcore')).toThrow(FormatError);
    expect(() => parseElfHeader(bytes, 'vmcore')).toThrow(problem);
  });

  it('refuses a number of program headers that stands behind the end', () => {
    const bytes = core({ extendedNumbering: true });
    expect(() => readElfHeader(new ByteArraySource(bytes.subarray(0, 100)))).toThrow('ends before section 0');
  });
});

describe('program headers', () => {
  const read = (bytes: Uint8Array): ReturnType<typeof readProgramHeaders> => {
    const source = new ByteArraySource(bytes);
    return readProgramHeaders(source, readElfHeader(source));
  };

  it('are decoded in the order of the file', () => {
    const { value, problems } = read(core({ directMap: 0xffff_8880_0000_0000n }));
    const [notes, first] = value;
    expect(problems).toEqual([]);
    expect(notes?.type).toBe(PT_NOTE);
    expect(first).toMatchObject({ type: PT_LOAD, virtual: 0xffff_8880_0000_1000n, physical: 0x1000n });
    expect(first?.fileSize).toBe(first?.memorySize);
  });

  it('that the file is too short for are a problem, the others are used', () => {
    const { value, problems } = read(core().subarray(0, 64 + 56 * 3 + 20));
    expect(value.count).toBe(3);
    expect(problems[0]?.problem).toMatch(/only 3 of \d+ program headers/);
  });

  it.each([
    ['none', changed(core(), 56, 0, 0), 'has no program headers'],
    ['a size of entries that is too small', changed(core(), 54, 8, 0), 'program headers of 8 bytes'],
    ['a table behind the end', changed(core(), 32, 0, 0, 0, 0x70), 'ends before its program headers'],
  ])('are refused where there are %s', (_, bytes, problem) => {
    expect(() => read(bytes)).toThrow(problem);
  });
});

describe('notes', () => {
  const registers = Array.from({ length: 27 }, (_, i) => 1000n + BigInt(i));

  it('give VMCOREINFO and the registers of each CPU', () => {
    const notes = parseNotes(
      Buffer.concat([prstatusNote(7, registers), prstatusNote(8, registers), vmcoreinfoNote('OSRELEASE=6.1.0\n')]),
    );
    expect(findVmcoreinfo(notes)).toBe('OSRELEASE=6.1.0\n');
    const cpus = readCpuRegisters(notes, EM_X86_64);
    expect(cpus.map(({ cpu, pid }) => [cpu, pid])).toEqual([
      [0, 7],
      [1, 8],
    ]);
    expect(cpus[0]?.registers).toMatchObject({ r15: 1000n, rip: 1016n, rsp: 1019n, gs_base: 1022n });
  });

  it('of QEMU add the control registers', () => {
    const notes = parseNotes(
      Buffer.concat([prstatusNote(1, registers), qemuNote([0x8005_0033n, 0n, 2n, 0x1234_5000n, 4n], 0xffff_8880n)]),
    );
    expect(readCpuRegisters(notes, EM_X86_64)[0]?.registers).toMatchObject({
      cr3: 0x1234_5000n,
      cr4: 4n,
      kernel_gs_base: 0xffff_8880n,
    });
  });

  it('of arm64 have other registers', () => {
    const notes = parseNotes(
      prstatusNote(
        5,
        Array.from({ length: 34 }, (_, i) => BigInt(i)),
      ),
    );
    expect(readCpuRegisters(notes, EM_AARCH64)[0]?.registers).toMatchObject({ x0: 0n, x30: 30n, sp: 31n, pc: 32n });
    expect(readCpuRegisters(notes, 243)).toEqual([]);
  });

  it('end where one does not fit, and pass over zeros between them', () => {
    const all = Buffer.concat([vmcoreinfoNote('A=1'), Buffer.alloc(24), prstatusNote(1, registers)]);
    expect(parseNotes(all)).toHaveLength(2);
    for (let end = 0; end < all.length; end++) expect(parseNotes(all.subarray(0, end)).length).toBeLessThan(2);
    expect(parseNotes(changed(all, 4, 0xff, 0xff, 0xff, 0x7f))).toEqual([]);
  });

  it('too short for the registers are no CPU', () => {
    expect(readCpuRegisters(parseNotes(note('CORE', 1, Buffer.alloc(200))), EM_X86_64)).toEqual([]);
  });
});
