import { constants, createInflate, createZstdDecompress, inflateSync, zstdDecompressSync } from 'node:zlib';
import { unpackLzo } from '../../formats/compression/lzo.ts';
import type { PageCodec, PageCodecs } from '../../formats/compression/page-codec.ts';
import { unpackSnappy } from '../../formats/compression/snappy.ts';
import { reuseDecoder } from './reused-decoder.ts';

/** One byte more than a page: what makes more than a page is damaged. */
const SPARE = 1;

type UnpackOnce = (
  from: Uint8Array,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
) => Uint8Array;

/** The codecs of one dump. zlib and zstd are Node's; each is made when the first page asks for it. */
export function createPageCodecs(): PageCodecs {
  return {
    zlib: onFirstUse(() => reuseDecoder(createInflate, constants.Z_FINISH) ?? unpackOnce(inflateSync)),
    zstd: onFirstUse(() => reuseDecoder(createZstdDecompress, constants.ZSTD_e_end) ?? unpackOnce(zstdDecompressSync)),
    lzo: unpackLzo,
    snappy: unpackSnappy,
  };
}

function onFirstUse(make: () => PageCodec): PageCodec {
  let codec: PageCodec | undefined;
  return (from, to) => (codec ??= make())(from, to);
}

/** By the functions of node:zlib that make a decoder for each call, with a buffer that one step fills. */
export const unpackOnce =
  (unpack: UnpackOnce): PageCodec =>
  (from, to) => {
    try {
      const made = unpack(from, { maxOutputLength: to.length, chunkSize: to.length + SPARE });
      to.set(made);
      return made.length;
    } catch {
      return -1;
    }
  };
