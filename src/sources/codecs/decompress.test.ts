import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { has, inChunks, runTool, textOf } from '../../../testkit/read-input.ts';
import { untilDamage } from '../chunks.ts';
import { decompress, explainDamage, type Compression } from './decompress.ts';

const text = Array.from({ length: 4000 }, (_, i) => `kmalloc-${i % 97} ${i * 7919} ${(i * 31) % 1009}`).join('\n');
const longText = Array.from({ length: 40_000 }, (_, i) => `${(i * 7919) % 100_003} ${(i * 31) % 1009}`).join('\n');
const pack: Readonly<Record<Compression, (data: string) => Buffer>> = {
  gzip: (data) => gzipSync(data),
  zstd: (data) => zstdCompressSync(data),
  xz: (data) => runTool('xz', ['-c'], Buffer.from(data)),
};
const CUT = /ends in the middle/;

async function unpack(
  compression: Compression,
  bytes: Uint8Array,
  size?: number,
): Promise<{ text: string; why: string }> {
  let why = '';
  const whole = untilDamage(decompress(compression, inChunks(bytes, size)), (cause) => (why = explainDamage(cause)));
  return { text: await textOf(whole), why };
}

describe.each(['gzip', 'zstd', 'xz'] as const)('%s', (compression) => {
  const missing = compression === 'xz' && !has('xz');

  it.skipIf(missing).each([1, 7, 1000, 1 << 20])('unpacks, whatever the chunks (%i bytes)', async (size) => {
    expect(await unpack(compression, pack[compression](text), size)).toEqual({ text, why: '' });
  });

  it.skipIf(missing).each([1, 13, 5000])(
    'unpacks several streams, one after another, in chunks of %i bytes',
    async (size) => {
      const both = Buffer.concat([pack[compression]('first\n'), pack[compression](text), pack[compression]('last\n')]);
      expect(await unpack(compression, both, size)).toEqual({ text: `first\n${text}last\n`, why: '' });
    },
  );

  it.skipIf(missing)('keeps what came before a cut, wherever it is', async () => {
    const packed = pack[compression](longText);
    let longest = 0;
    for (let cut = 1; cut < packed.length; cut += cut < 40 ? 1 : 4111) {
      const { text: part, why } = await unpack(compression, packed.subarray(0, cut));
      expect(longText.startsWith(part)).toBe(true);
      expect(why).toMatch(CUT);
      longest = part.length;
    }
    expect(longest).toBeGreaterThan(longText.length / 4);
  });

  it.skipIf(missing)('ends at damage, with what came before it', async () => {
    const packed = pack[compression](text);
    for (let at = 12; at < packed.length; at += 211) {
      const damaged = Buffer.from(packed);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      const { text: part, why } = await unpack(compression, damaged);
      expect(why !== '' || part.length > 0).toBe(true);
    }
  });

  it.skipIf(missing)('stops its source when the reader stops', async () => {
    let stopped = false;
    const packed = pack[compression](text);
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield packed.subarray(0, packed.length - 20);
        yield packed.subarray(packed.length - 20);
      } finally {
        stopped = true;
      }
    }
    for await (const _ of decompress(compression, source())) break;
    expect(stopped).toBe(true);
  });
});

it('passes over frames that zstd says to skip', async () => {
  const skip = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const bytes = Buffer.concat([skip, zstdCompressSync('a'), skip, zstdCompressSync('b')]);
  expect(await unpack('zstd', bytes, 2)).toEqual({ text: 'ab', why: '' });
});

it.skipIf(!has('xz'))('reads an xz file of many blocks while another is being read', async () => {
  const packed = runTool('xz', ['-c', '-T2', '--block-size=4096'], Buffer.from(text));
  const outer = decompress('xz', inChunks(packed));
  const first = await outer.next();
  expect((await unpack('xz', packed)).text).toBe(text);
  const rest = await textOf(outer);
  expect(Buffer.from(first.value ?? []).toString() + rest).toBe(text);
});

it.skipIf(!has('xz'))('says why it does not read an xz file with a dictionary beyond its memory', async () => {
  const packed = runTool('xz', ['-c', '--lzma2=preset=0,dict=256MiB'], Buffer.from(text));
  expect((await unpack('xz', packed)).why).toBe('needs a dictionary larger than 64 MiB');
});
