import { deflateSync, zstdCompressSync } from 'node:zlib';

/** How pages of a made-up dump are stored. */
export type PageEncoding = 'raw' | 'zlib' | 'lzo' | 'snappy' | 'zstd';

/** DUMP_DH_COMPRESSED_* of makedumpfile. */
export const ENCODING_FLAGS: Readonly<Record<PageEncoding, number>> = {
  raw: 0,
  zlib: 1,
  lzo: 2,
  snappy: 4,
  zstd: 0x20,
};

/** LZO and snappy are written without looking for anything to shorten: one run of literals, as their formats allow. */
export const ENCODERS: Readonly<Record<PageEncoding, (page: Uint8Array) => Uint8Array>> = {
  raw: (page) => page,
  zlib: (page) => deflateSync(page, { level: 1 }),
  zstd: (page) => zstdCompressSync(page),
  lzo: literalLzo,
  snappy: literalSnappy,
};

/** The first byte carries a run of up to 238; a longer one has zeros that count 255 each. The end is marked. */
function literalLzo(page: Uint8Array): Uint8Array {
  const { length } = page;
  const rest = length - 18;
  const head =
    length <= 238
      ? [length + 17]
      : [0, ...Array.from({ length: Math.ceil(rest / 255) - 1 }, () => 0), ((rest - 1) % 255) + 1];
  return Buffer.concat([Buffer.from(head), page, Buffer.from([0x11, 0, 0])]);
}

/** The length, then a literal with its length less one in two bytes. */
function literalSnappy(page: Uint8Array): Uint8Array {
  const { length } = page;
  const varint = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
  return Buffer.concat([Buffer.from([...varint, 61 << 2, (length - 1) & 0xff, (length - 1) >> 8]), page]);
}
