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

/**
 * LZO and snappy are written as literals, and one copy at the end of pages that end in a row of one byte: enough to be
 * smaller than the page, which is what a dump has them for.
 */
export const ENCODERS: Readonly<Record<PageEncoding, (page: Uint8Array) => Uint8Array>> = {
  raw: (page) => page,
  zlib: (page) => deflateSync(page, { level: 1 }),
  zstd: (page) => zstdCompressSync(page),
  lzo,
  snappy,
};

/** Bytes that the copy makes. */
const TAIL = 64;

const literalsOf = (page: Uint8Array): Uint8Array => {
  const tail = page.subarray(page.length - TAIL - 1);
  return tail.every((byte) => byte === tail[0]) ? page.subarray(0, page.length - TAIL) : page;
};

/** The first byte carries a run of up to 238; a longer one has zeros that count 255 each. The end is marked. */
function lzo(page: Uint8Array): Uint8Array {
  const literals = literalsOf(page);
  const { length } = literals;
  const rest = length - 18;
  const long = [0, ...Array.from({ length: Math.ceil(rest / 255) - 1 }, () => 0), ((rest - 1) % 255) + 1];
  const copy = length < page.length ? [0x20, TAIL - 2 - 31, 0, 0] : [];
  return Buffer.concat([
    Buffer.from(length <= 238 ? [length + 17] : long),
    literals,
    Buffer.from([...copy, 0x11, 0, 0]),
  ]);
}

/** The length of the page, literals with their length less one in two bytes, a copy of 64 bytes from one byte before. */
function snappy(page: Uint8Array): Uint8Array {
  const literals = literalsOf(page);
  const varint = [(page.length & 0x7f) | 0x80, ((page.length >> 7) & 0x7f) | 0x80, page.length >> 14];
  const last = literals.length - 1;
  const copy = literals.length < page.length ? [((TAIL - 1) << 2) | 2, 1, 0] : [];
  return Buffer.concat([Buffer.from([...varint, 61 << 2, last & 0xff, last >> 8]), literals, Buffer.from(copy)]);
}
