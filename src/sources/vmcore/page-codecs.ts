import { inflateSync, zstdDecompressSync } from 'node:zlib';
import { unpackLzo } from '../../formats/compression/lzo.ts';
import type { PageCodec, PageCodecs } from '../../formats/compression/page-codec.ts';
import { unpackSnappy } from '../../formats/compression/snappy.ts';

type Unpack = (from: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Damage is an answer here, not an error: a page that does not unpack is lost. */
const bounded =
  (unpack: Unpack): PageCodec =>
  (from, to) => {
    try {
      const made = unpack(from, { maxOutputLength: to.length });
      to.set(made);
      return made.length;
    } catch {
      return -1;
    }
  };

export const pageCodecs: PageCodecs = {
  zlib: bounded((from, options) => inflateSync(from, options)),
  zstd: bounded((from, options) => zstdDecompressSync(from, options)),
  lzo: unpackLzo,
  snappy: unpackSnappy,
};
