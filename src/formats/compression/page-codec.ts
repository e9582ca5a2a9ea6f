/**
 * Unpacks `from` into `to`. Returns how many bytes it made, or -1 where the input is damaged or would make more than `to`
 * holds. Never throws, never writes elsewhere.
 */
export type PageCodec = (from: Uint8Array, to: Uint8Array) => number;

/** The codecs of page descriptors, by flag (DUMP_DH_COMPRESSED_* of makedumpfile). */
export interface PageCodecs {
  readonly zlib: PageCodec;
  readonly lzo: PageCodec;
  readonly snappy: PageCodec;
  readonly zstd: PageCodec;
}
