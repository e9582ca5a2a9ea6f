import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ByteArraySource } from '../../../testkit/dump/byte-array-source.ts';
import { madeBy } from '../../../testkit/dump/byte-sink.ts';
import { dumpFolder } from '../../../testkit/dump/dump-folder.ts';
import { madePage, PageMap } from '../../../testkit/dump/page-map.ts';
import { writeElfCore } from '../../../testkit/dump/write-elf-core.ts';
import { writeKdump } from '../../../testkit/dump/write-kdump.ts';
import { readElfHeader } from '../../formats/elf/header.ts';
import { readProgramHeaders } from '../../formats/elf/program-headers.ts';
import { readKdumpHeader } from '../../formats/kdump/header.ts';
import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { ElfMemory } from './elf-memory.ts';
import { FileSource } from './file-source.ts';
import { KdumpMemory } from './kdump-memory.ts';
import { createPageCodecs } from './page-codecs.ts';

const file = dumpFolder();
const FRAMES = 64;
const BAD = 21;
const machine = new PageMap(new Map(Array.from({ length: FRAMES }, (_, i) => [i, madePage(i)])));

/** A file on a disk that cannot read some bytes: a read ends before them, and one that begins there has nothing. */
class BadDisk extends ByteArraySource {
  readonly #bad: { readonly start: number; readonly end: number };

  constructor(bytes: Uint8Array, start: number, length: number) {
    super(bytes);
    this.#bad = { start, end: start + length };
  }

  override read(offset: number, target: Uint8Array): number {
    const { start, end } = this.#bad;
    if (offset >= end || offset + target.length <= start) return super.read(offset, target);
    return offset >= start ? 0 : super.read(offset, target.subarray(0, start - offset));
  }
}

function kdump(): PhysicalMemory {
  const bytes = madeBy((sink) => writeKdump(sink, machine, { encoding: 'raw' }));
  const header = readKdumpHeader(new ByteArraySource(bytes));
  const pages = header.descriptors + FRAMES * 24 + 4096;
  const source = new BadDisk(bytes, pages + BAD * 4096 + 100, 10);
  return new KdumpMemory([{ source, header, start: 0, end: FRAMES }], createPageCodecs());
}

function elfCore(): PhysicalMemory {
  const bytes = madeBy((sink) => writeElfCore(sink, machine));
  const plain = new ByteArraySource(bytes);
  const { value } = readProgramHeaders(plain, readElfHeader(plain));
  const start = bytes.length - (FRAMES - BAD) * 4096;
  return new ElfMemory(new BadDisk(bytes, start + 100, 10), value);
}

describe.each([
  ['a kdump', kdump],
  ['an ELF core', elfCore],
])('on a bad disk, %s', (_, make) => {
  it('has lost the page that cannot be read, and no other', () => {
    const memory = make();
    const target = new Uint8Array(FRAMES * 4096);
    const lost = [{ offset: BAD * 4096, length: 4096, state: 'lost' }];
    expect(memory.read(0, target)).toEqual(lost);
    expect(memory.read(0, target)).toEqual(lost);
    for (let frame = 0; frame < FRAMES; frame++) {
      const expected = frame === BAD ? new Uint8Array(4096) : madePage(frame);
      expect(Buffer.compare(target.subarray(frame * 4096, (frame + 1) * 4096), expected)).toBe(0);
    }
    expect(memory.state(BAD)).toBe('lost');
    expect(memory.counts()).toEqual({ present: FRAMES - 1, zero: 0, excluded: 0, lost: 1 });
  });

  it('says so page by page too', () => {
    const memory = make();
    expect(memory.page(BAD)).toBeUndefined();
    expect(memory.state(BAD)).toBe('lost');
    expect(memory.page(BAD + 1)).toEqual(madePage(BAD + 1));
  });
});

describe('a file', () => {
  it('is read from a place that a live kernel gives it, too large for a number', () => {
    const path = file('sparse', new Uint8Array(0));
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, 2 ** 43);
    writeSync(fd, madePage(5), 0, 4096, 2 ** 42);
    closeSync(fd);
    const source = new FileSource(path);
    const target = new Uint8Array(4096);
    expect(source.from(2n ** 42n - 8192n).read(8192, target)).toBe(4096);
    expect(target).toEqual(madePage(5));
    source.close();
  });

  it('serves small reads in any order from what it read before', () => {
    const bytes = madePage(9, 300_000);
    const source = new FileSource(file('small', bytes));
    for (let i = 0; i < 5000; i++) {
      const offset = (i * (i % 3 === 0 ? 7919 : 64)) % 300_100;
      const target = new Uint8Array(1 + (i % 4096));
      const got = source.read(offset, target);
      expect(Buffer.compare(target.subarray(0, got), bytes.subarray(offset, offset + target.length))).toBe(0);
    }
    source.close();
  });
});
