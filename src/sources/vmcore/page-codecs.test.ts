import { deflateSync, inflateSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { madePage } from '../../../testkit/dump/page-map.ts';
import type { PageCodec } from '../../formats/compression/page-codec.ts';
import { createPageCodecs, unpackOnce } from './page-codecs.ts';

const page = madePage(4);
const codecs = createPageCodecs();

describe.each<[string, PageCodec, (bytes: Uint8Array) => Uint8Array]>([
  ['zlib with one decoder for all pages', codecs.zlib, deflateSync],
  ['zlib with a decoder for each page', unpackOnce(inflateSync), deflateSync],
  ['zstd with one decoder for all pages', codecs.zstd, (bytes) => zstdCompressSync(bytes)],
  ['zstd with a decoder for each page', unpackOnce(zstdDecompressSync), (bytes) => zstdCompressSync(bytes)],
])('%s', (_, unpack, pack) => {
  const to = new Uint8Array(4096);

  it('unpacks page after page', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(unpack(pack(madePage(seed)), to)).toBe(4096);
      expect(to).toEqual(madePage(seed));
    }
  });

  it('says how much a page that is too short has', () => {
    expect(unpack(pack(page.subarray(0, 1000)), to)).toBe(1000);
  });

  it.each([
    ['one byte more than a page', pack(new Uint8Array(4097))],
    ['what inflates without end', pack(new Uint8Array(64 * 1024 * 1024))],
    ['no bytes', new Uint8Array(0)],
    ['noise', page.subarray(0, 300)],
  ])('refuses %s, and goes on', (_name, bytes) => {
    const start = performance.now();
    expect(unpack(bytes, to)).toBe(-1);
    expect(performance.now() - start).toBeLessThan(500);
    expect(unpack(pack(page), to)).toBe(4096);
    expect(to).toEqual(page);
  });

  it('gives no whole page from a part of one', () => {
    const packed = pack(page);
    for (let end = 0; end < packed.length; end += 50) expect(unpack(packed.subarray(0, end), to)).not.toBe(4096);
    expect(unpack(packed, to)).toBe(4096);
  });
});
