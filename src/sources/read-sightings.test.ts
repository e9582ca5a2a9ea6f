import { describe, expect, it } from 'vitest';
import { fixture } from '../../testkit/exercise-format.ts';
import { inChunks } from '../../testkit/read-input.ts';
import { textFormats, type Sighting } from '../formats/catalog.ts';
import { readSightings, type ReadOptions, type Tally } from './read-sightings.ts';
import type { SourceFile, Unread } from './source-file.ts';

const fileOf = (bytes: Uint8Array, chunk = 4096): SourceFile => ({
  input: 'f',
  path: '',
  name: 'f',
  text: () => inChunks(bytes, chunk),
});

async function read(
  content: string | Uint8Array,
  options: ReadOptions = {},
  chunk?: number,
): Promise<{ found: Sighting[]; tally: Tally | undefined }> {
  const found: Sighting[] = [];
  let tally: Tally | undefined;
  const file = fileOf(typeof content === 'string' ? Buffer.from(content) : content, chunk);
  for await (const sighting of readSightings(file, textFormats, { ...options, done: (t) => (tally = t) }))
    found.push(sighting);
  return { found, tally };
}

const slab = (n: number): string => `kmalloc-${n} ${n} ${n + 1} 128 32 1 : tunables 0 0 0 : slabdata ${n} ${n} 0\n`;
const sample = (n: number): string =>
  `zzz ***Mon Nov 10 10:0${n}:00 UTC 2025\nMemTotal:  ${n}000 kB\nMemFree:  ${n}00 kB\nSlab: 5 kB\n` +
  `slabinfo - version: 2.1\n${slab(n)}torn\n${slab(n + 1)}a\nb\nc\n${slab(n + 2)}\n\nwhat is this\n12.00 34.00\n`;

describe('readSightings', () => {
  it('finds the same blocks, whatever the window and the chunks', async () => {
    const text = [1, 2, 3].map(sample).join('');
    const whole = await read(text);
    expect(whole.found.filter((s) => s.kind === 'slabinfo')).toHaveLength(3);
    for (let windowBytes = 1; windowBytes <= 300; windowBytes++)
      expect(await read(text, { windowBytes }, 1 + (windowBytes % 50))).toEqual(whole);
  }, 60_000);

  it('finds the same blocks of a real capture in small windows', async () => {
    const text = fixture('proc/meminfo/6.1-slub.txt') + fixture('proc/slabinfo/6.1-slub.txt');
    const whole = await read(text.repeat(3));
    expect(whole.found).toHaveLength(6);
    for (const windowBytes of [100, 1000, 5000]) expect(await read(text.repeat(3), { windowBytes })).toEqual(whole);
  });

  it('takes a lone line for what it is only where it is the whole file', async () => {
    for (const windowBytes of [1, 5, 1000]) {
      expect((await read('1795.19 3498.65\n', { windowBytes })).found.map((s) => s.kind)).toEqual(['uptime']);
      expect((await read(`${'nothing\n'.repeat(100)}1795.19 3498.65\n`, { windowBytes })).found).toEqual([]);
    }
  });

  it('reads lines that end in CR LF, and a last line without an end', async () => {
    const unix = await read('MemTotal: 8 kB\nMemFree: 4 kB\n');
    expect(unix.found).toHaveLength(1);
    expect(await read('MemTotal: 8 kB\r\nMemFree: 4 kB\r\n')).toEqual(unix);
    expect(await read('MemTotal: 8 kB\nMemFree: 4 kB', { windowBytes: 3 }, 1)).toEqual(unix);
  });

  it.each([1, 3, 100])('reads UTF-16 and UTF-8 with byte order marks, in chunks of %i bytes', async (chunk) => {
    const text = 'MemTotal: 8 kB\nMemFree: 4 kB\n';
    const plain = await read(text);
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, Buffer.from(`\ufeff${text}`)])
      expect(await read(bytes, {}, chunk)).toEqual(plain);
  });

  it('keeps lines with bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('caf\xe9 \xff\n', 'latin1'),
      Buffer.from('MemTotal: 8 kB\nMemFree: 4 kB\n'),
    ]);
    expect(await read(bytes, {}, 2)).toMatchObject({
      found: [{ kind: 'meminfo', line: 2 }],
      tally: { unclaimed: 1, lines: 3 },
    });
  });

  it('cuts a line that is too long, once for all chunks, and says so', async () => {
    const unread: Unread[] = [];
    const text = `${'x'.repeat(5000)}\nMemTotal: 8 kB\nMemFree: 4 kB\n${'y'.repeat(5000)}\n`;
    for (const chunk of [7, 100_000]) {
      const { found, tally } = await read(text, { lineBytes: 100, unread: (u) => unread.push(u) }, chunk);
      expect(found).toMatchObject([{ kind: 'meminfo', line: 2 }]);
      expect(tally?.lines).toBe(4);
    }
    const said = { what: 'f', why: '2 lines longer than 100 bytes were cut' };
    expect(unread).toEqual([said, said]);
  });

  it('counts what nothing claimed, and tells a binary file', async () => {
    expect((await read('hello\n\nMemTotal: 8 kB\nMemFree: 1 kB\n')).tally).toEqual({
      lines: 4,
      unclaimed: 1,
      binary: false,
    });
    expect((await read(Buffer.from('MemTotal: 8 kB\n\0'))).tally).toEqual({ lines: 0, unclaimed: 0, binary: true });
    expect((await read('')).tally).toEqual({ lines: 0, unclaimed: 0, binary: false });
  });

  it('reads a block without end in parts, and reads a file without line ends', async () => {
    const rows = Array.from({ length: 260_000 }, (_, i) => slab(i % 50)).join('');
    const { found } = await read(rows, {}, 1 << 20);
    expect(found.length).toBeGreaterThan(1);
    expect(found.every((s) => s.kind === 'slabinfo')).toBe(true);
    expect((await read('z'.repeat(3_000_000), {}, 1 << 16)).tally).toMatchObject({ lines: 1, unclaimed: 1 });
  }, 30_000);
});
