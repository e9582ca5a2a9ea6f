import { describe, expect, it } from 'vitest';
import { flattenedBy, madeBy } from '../../../testkit/dump/byte-sink.ts';
import { dumpFolder } from '../../../testkit/dump/dump-folder.ts';
import { madePage, PageMap, smallMachine } from '../../../testkit/dump/page-map.ts';
import { writeElfCore } from '../../../testkit/dump/write-elf-core.ts';
import { writeKdump, type KdumpOptions } from '../../../testkit/dump/write-kdump.ts';
import { prstatusNote, vmcoreinfoNote } from '../../../testkit/dump/write-notes.ts';
import { FormatError } from '../../base/errors.ts';
import { InputError } from '../input-error.ts';
import { openDump } from './open-dump.ts';

/** Damaged dumps tried: 200 in the tests, more by `npm run fuzz`. */
const RUNS = Number(process.env['KLEAK_FUZZ_RUNS'] ?? 200);
const LONGEST = 10_000;
const MOST_BYTES = 500 * 1024 * 1024;

const file = dumpFolder();
const machine = smallMachine(120);
const registers = Array.from({ length: 27 }, (_, i) => BigInt(i));
const notes = Buffer.concat([prstatusNote(1, registers), vmcoreinfoNote('OSRELEASE=6.1.0\n')]);
const kdump = (options: KdumpOptions): Uint8Array =>
  madeBy((sink) => writeKdump(sink, machine, { notes, vmcoreinfo: 'OSRELEASE=6.1.0\n', ...options }));
const dense = new PageMap(
  new Map(Array.from({ length: 60 }, (_, i) => [i, i % 9 === 4 ? 'zero' : madePage(i)] as const)),
);

const IMAGES: readonly (readonly [string, Uint8Array])[] = [
  ['zlib', kdump({ encoding: 'zlib' })],
  ['LZO', kdump({ encoding: 'lzo' })],
  ['snappy', kdump({ encoding: 'snappy' })],
  ['zstd', kdump({ encoding: 'zstd' })],
  ['raw pages', kdump({ encoding: 'raw' })],
  ['a part', kdump({ part: { start: 0, end: 50 } })],
  ['diskdump', kdump({ signature: 'DISKDUMP', version: 1 })],
  ['flattened', flattenedBy((sink) => writeKdump(sink, machine), 2000)],
  ['ELF', madeBy((sink) => writeElfCore(sink, dense, { notes, directMap: 0xffff_8880_0000_0000n }))],
  ['ELF with section 0', madeBy((sink) => writeElfCore(sink, dense, { notes, extendedNumbering: true }))],
];

/** Opens it and reads what it claims to have. An error must be one of the two kinds, in one line. */
function survive(bytes: Uint8Array, name: string): 'refused' | 'read' {
  const start = performance.now();
  try {
    look(file(`${name}/vmcore`, bytes));
    return 'read';
  } catch (cause) {
    if (!(cause instanceof InputError || cause instanceof FormatError)) throw cause;
    if (cause.message.includes('\n')) throw new Error('more than a line', { cause });
    return 'refused';
  } finally {
    expect(performance.now() - start).toBeLessThan(LONGEST);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(MOST_BYTES);
  }
}

function look(path: string): void {
  const dump = openDump([path]);
  try {
    const { physical } = dump;
    const { present, zero, excluded, lost } = physical.counts();
    for (const count of [present, zero, excluded, lost]) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
    const page = new Uint8Array(physical.pageSize);
    // Damage may put memory anywhere: the first frames, and the last.
    const last = Math.max(0, physical.endFrame - 15);
    for (const frame of [...Array(530).keys(), ...Array.from({ length: 20 }, (_, i) => last + i)]) {
      const whole = physical.page(frame);
      const gaps = physical.read(frame * physical.pageSize, page);
      if ((whole === undefined) !== gaps.length > 0) throw new Error(`frame ${frame} has a page and a gap, or neither`);
      if (whole === undefined && ['present', 'zero'].includes(physical.state(frame))) throw new Error(`frame ${frame}`);
    }
    physical.read(0, new Uint8Array(530 * physical.pageSize));
    for (const { problem } of dump.problems) expect(problem).not.toMatch(/\n/);
    expect(dump.cpus.length).toBeLessThan(10);
  } finally {
    dump.close();
  }
}

/** The same numbers for the same seed, so that a failure can be repeated. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

function flipped(image: Uint8Array, seed: number): Uint8Array {
  const drawn = numbers(seed);
  const bytes = Uint8Array.from(image);
  const draw = (below: number): number => drawn.next().value % below;
  // The header, what lies before the pages, anything.
  const range = Math.min([500, 30_000, Infinity][draw(3)] ?? 0, bytes.length);
  for (let i = draw(8); i >= 0; i--) {
    const at = draw(range);
    bytes[at] = draw(3) === 0 ? draw(256) : (bytes[at] ?? 0) ^ (1 << draw(8));
  }
  return bytes;
}

describe('a damaged dump', () => {
  it(
    `with bytes changed anywhere is refused in one line or read in part: ${RUNS} times`,
    () => {
      const outcomes = { refused: 0, read: 0 };
      for (let seed = 0; seed < RUNS; seed++) {
        const [name, image] = IMAGES[seed % IMAGES.length] ?? ['', new Uint8Array(0)];
        outcomes[survive(flipped(image, seed * 7919), name)]++;
      }
      expect(outcomes.refused).toBeGreaterThan(0);
      expect(outcomes.read).toBeGreaterThan(RUNS / 2);
    },
    60_000 + RUNS * 100,
  );

  it.each(IMAGES)(
    'cut at every page is refused in one line or read in part: %s',
    (name, image) => {
      const ends = Array.from({ length: Math.ceil(image.length / 4096) }, (_, i) => i * 4096);
      const outcomes = ends.flatMap((end) => [end, end + 1234]).map((end) => survive(image.subarray(0, end), name));
      expect(outcomes[0]).toBe('refused');
      expect(outcomes.at(-2)).toBe('read');
    },
    60_000,
  );

  it('tells lost pages from good ones by the checksum of zlib', () => {
    const image = kdump({ encoding: 'zlib' });
    const at = image.length - 3000;
    const bytes = Uint8Array.from(image);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    const dump = openDump([file('checksum/vmcore', bytes)]);
    const before = dump.physical.counts();
    const gaps = dump.physical.read(0, new Uint8Array(machine.endFrame * 4096)).filter(({ state }) => state === 'lost');
    expect(gaps.map(({ length }) => length)).toEqual([4096]);
    expect(dump.physical.counts()).toEqual({ ...before, present: before.present - 1, lost: 1 });
    expect(dump.problems.map(({ problem }) => problem)).toEqual(['1 page could not be unpacked and count as lost']);
    dump.close();
  });
});

describe('a dump that claims more than there can be', () => {
  const edited = (edit: (bytes: Buffer) => unknown): Uint8Array => {
    const bytes = Buffer.from(kdump({ encoding: 'zlib' }));
    edit(bytes);
    return bytes;
  };

  it('is refused at once where its bitmaps would take petabytes', () => {
    const bytes = edited((b) => b.writeUInt32LE(0xffff_ffff, 436).toString());
    const start = performance.now();
    expect(() => openDump([file('petabytes/vmcore', bytes)])).toThrow(
      'ends inside its bitmaps, which take 17592186040320 bytes',
    );
    expect(performance.now() - start).toBeLessThan(500);
  });

  it.each([
    ['pages', (b: Buffer) => b.writeBigUInt64LE(2n ** 60n, 4096 + 96)],
    ['VMCOREINFO', (b: Buffer) => b.writeBigUInt64LE(2n ** 62n, 4096 + 40)],
    ['notes', (b: Buffer) => b.writeBigUInt64LE(2n ** 62n, 4096 + 56)],
    ['a part', (b: Buffer) => b.fill(0xff, 4096 + 80, 4096 + 96).writeInt32LE(1, 4096 + 12)],
  ])('is read as far as the file goes: %s', (name, edit) => {
    expect(survive(edited(edit), `claims-${name}`)).toBe('read');
  });

  it('keeps memory that an ELF core places beyond all addresses apart', () => {
    for (const at of [64 + 56 + 24, 64 + 56 + 32, 64 + 56 + 40])
      for (const bit of [2n ** 30n, 2n ** 44n, 2n ** 51n, 2n ** 63n]) {
        const bytes = Buffer.from(IMAGES.find(([name]) => name === 'ELF')?.[1] ?? []);
        bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) ^ bit, at);
        expect(['read', 'refused']).toContain(survive(bytes, 'far'));
      }
  });
});
