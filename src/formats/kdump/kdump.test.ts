import { describe, expect, it } from 'vitest';
import { ByteArraySource } from '../../../testkit/dump/byte-array-source.ts';
import { madeBy } from '../../../testkit/dump/byte-sink.ts';
import { smallMachine } from '../../../testkit/dump/page-map.ts';
import { vmcoreinfoNote } from '../../../testkit/dump/write-notes.ts';
import { writeKdump, type KdumpOptions } from '../../../testkit/dump/write-kdump.ts';
import { FormatError } from '../../base/errors.ts';
import { FrameBitmap } from './frame-bitmap.ts';
import { readKdumpHeader, type KdumpHeader } from './header.ts';
import { PageDescriptors } from './page-descriptors.ts';

const machine = smallMachine();
const image = (options?: KdumpOptions): Buffer => Buffer.from(madeBy((sink) => writeKdump(sink, machine, options)));
const read = (bytes: Uint8Array): KdumpHeader => readKdumpHeader(new ByteArraySource(bytes));
const edited = (edit: (bytes: Buffer) => unknown, options?: KdumpOptions): Buffer => {
  const bytes = image(options);
  edit(bytes);
  return bytes;
};

describe('the header of a kdump', () => {
  const full = {
    physBase: 0x1234_5000n,
    vmcoreinfo: 'OSRELEASE=6.1.0\n',
    notes: vmcoreinfoNote('x'),
    part: { start: 0, end: 600 },
    utsname: { release: '6.1.0', machine: 'x86_64', nodename: '(none)' },
  };

  it('has all fields in version 6', () => {
    expect(read(image(full))).toMatchObject({
      signature: 'KDUMP',
      version: 6,
      blockSize: 4096,
      frames: machine.endFrame,
      physBase: 0x1234_5000n,
      dumpLevel: 31,
      split: { start: 0, end: 600 },
      vmcoreinfo: { size: 16 },
      utsname: { release: '6.1.0', machine: 'x86_64' },
    });
  });

  it.each([
    [0, []],
    [1, ['dumpLevel']],
    [2, ['dumpLevel', 'split']],
    [3, ['dumpLevel', 'split', 'vmcoreinfo']],
    [4, ['dumpLevel', 'split', 'vmcoreinfo', 'notes']],
    [5, ['dumpLevel', 'split', 'vmcoreinfo', 'notes']],
    [6, ['dumpLevel', 'split', 'vmcoreinfo', 'notes']],
  ])('of version %i has what that version knew', (version, fields) => {
    // What an older writer left in the bytes behind its fields means nothing.
    const header = read(edited((bytes) => bytes.writeInt32LE(version, 8), { ...full, version: Math.max(version, 2) }));
    expect(['dumpLevel', 'split', 'vmcoreinfo', 'notes'].filter((field) => field in header)).toEqual(
      fields.filter((field) => field !== 'notes' || version >= 4),
    );
  });

  it('of a diskdump may have one bitmap', () => {
    const header = read(image({ signature: 'DISKDUMP', bitmaps: 1 }));
    expect(header.signature).toBe('DISKDUMP');
    expect(header.memoryBitmap).toEqual(header.dumpedBitmap);
    expect(header.physBase).toBeUndefined();
  });

  it('that claims more frames than its bitmaps have bits for gets what they have', () => {
    const header = read(edited((bytes) => bytes.writeBigUInt64LE(2n ** 40n, 4096 + 96)));
    expect(header.frames).toBe(4096 * 8);
    expect(header.claimedFrames).toBe(2 ** 40);
  });

  it.each([
    ['another signature', (b: Buffer) => b.write('KDUMQ   '), 'has no signature'],
    ['blocks of no size', (b: Buffer) => b.writeInt32LE(0, 428), 'blocks of 0 bytes: the header is damaged'],
    ['blocks of an odd size', (b: Buffer) => b.writeInt32LE(5000, 428), 'blocks of 5000 bytes'],
    ['bitmaps of petabytes', (b: Buffer) => b.writeUInt32LE(0xffff_ffff, 436), 'ends inside its bitmaps'],
    ['a sub header of less than nothing', (b: Buffer) => b.writeInt32LE(-5, 432), 'a sub header of -5 blocks'],
    ['the header of a 32-bit kernel', (b: Buffer) => b.fill(0, 424, 464).writeInt32LE(4096, 416), '32-bit kernel'],
    ['big-endian fields', (b: Buffer) => b.writeInt32BE(4096, 428), 'a big-endian dump'],
  ])('with %s is refused in one line', (_, edit, problem) => {
    expect(() => read(edited(edit))).toThrow(FormatError);
    expect(() => read(edited(edit))).toThrow(problem);
    expect(() => read(edited(edit))).toThrow(/^kdump: [^\n]*; [^\n]*\(vmcore@0x[0-9a-f]+\+\d+\)$/);
  });

  it('that is cut off is refused', () => {
    expect(() => read(image().subarray(0, 300))).toThrow('ends inside its header');
    expect(() => read(image().subarray(0, 5 * 4096))).toThrow('ends inside its bitmaps');
  });
});

describe('a bitmap of frames', () => {
  const FRAMES = 300_000;
  const bits = Buffer.alloc(FRAMES / 8 + 8);
  for (let frame = 0; frame < FRAMES; frame++)
    if ((Math.imul(frame, 2_654_435_761) >>> 0) % 3 === 0)
      bits[frame >> 3] = (bits[frame >> 3] ?? 0) | (1 << (frame & 7));
  bits.fill(0xff, FRAMES / 8);
  const make = (size = bits.length): FrameBitmap =>
    new FrameBitmap(new ByteArraySource(bits), { offset: 0, size }, FRAMES);
  const set = (frame: number): boolean => (Math.imul(frame, 2_654_435_761) >>> 0) % 3 === 0;

  it('has the frames that are set, and none beyond the last', () => {
    const bitmap = make();
    for (let frame = 0; frame < FRAMES; frame += 97) expect(bitmap.has(frame)).toBe(set(frame));
    expect([-1, FRAMES, FRAMES + 5, 2 ** 40].map((frame) => bitmap.has(frame))).toEqual([false, false, false, false]);
  });

  it('counts the frames before each', () => {
    const bitmap = make();
    const wrong: number[] = [];
    let count = 0;
    for (let frame = 0; frame < FRAMES; frame++) {
      if (bitmap.rank(frame) !== count) wrong.push(frame);
      if (set(frame)) count++;
    }
    expect(wrong).toEqual([]);
    expect(bitmap.count()).toBe(count);
    expect(make().rank(2 ** 50)).toBe(count);
  });

  it('says what could not be read', () => {
    const bitmap = new FrameBitmap(
      new ByteArraySource(bits.subarray(0, 1000)),
      { offset: 0, size: bits.length },
      FRAMES,
    );
    expect(bitmap.missing).toBe(0);
    bitmap.count();
    expect(bitmap.missing).toBe(FRAMES / 8 - 1000);
  });

  it('reads only the piece that is asked for', () => {
    const source = new ByteArraySource(bits);
    new FrameBitmap(source, { offset: 0, size: bits.length }, FRAMES).has(290_000);
    expect(source.reads).toBe(1);
  });
});

describe('page descriptors', () => {
  const table = Buffer.alloc(24 * 1000 + 10);
  for (let i = 0; i < 1000; i++) {
    table.writeBigUInt64LE(BigInt(i) + 2n ** 40n, i * 24);
    table.writeUInt32LE(i * 3, i * 24 + 8);
    table.writeUInt32LE(i % 5, i * 24 + 12);
  }

  it('are selected one at a time, in any order, with one read for many', () => {
    const source = new ByteArraySource(table);
    const descriptors = new PageDescriptors(source, 0);
    for (const i of [0, 999, 5, 255, 256, 600, 5]) {
      expect(descriptors.select(i)).toBe(true);
      expect([descriptors.offset, descriptors.size, descriptors.flags]).toEqual([i + 2 ** 40, i * 3, i % 5]);
    }
    expect(source.reads).toBe(4);
  });

  it('end where the file does', () => {
    const descriptors = new PageDescriptors(new ByteArraySource(table), 0);
    expect([998, 999, 1000, 5000].map((i) => descriptors.select(i))).toEqual([true, true, false, false]);
  });
});
