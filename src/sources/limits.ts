/** How much of an input is read. They bound time and memory on hostile or mistaken input, not on honest large ones. */
export interface Limits {
  /** Bytes read from one input, decompressed ones included. */
  readonly totalBytes: number;
  /** Files, directories and archive entries looked at in one input. */
  readonly entries: number;
  /** Bytes read of one file; the rest of it is passed over. */
  readonly fileBytes: number;
  /** Decompressed bytes per compressed byte, asked once `ratioFrom` bytes have come out. */
  readonly ratio: number;
  readonly ratioFrom: number;
  /** Containers within containers: a compressed archive is one, a compressed file in it the second. */
  readonly depth: number;
  /** Bytes of one line; the rest of it is passed over. */
  readonly lineBytes: number;
}

/**
 * Series of /proc files compress well, up to about 100:1, because one sample resembles the next; so the ratio is
 * asked late, and deflate's ceiling of 1032:1 is still well above it.
 */
export const defaultLimits: Limits = {
  totalBytes: 16 * 2 ** 30,
  entries: 200_000,
  fileBytes: 4 * 2 ** 30,
  ratio: 150,
  ratioFrom: 256 * 2 ** 20,
  depth: 3,
  lineBytes: 2 ** 20,
};
