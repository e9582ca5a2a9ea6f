import type { ByteSource } from '../../base/byte-source.ts';
import { FormatError } from '../../base/errors.ts';

/** A stretch of the file. */
export interface Extent {
  readonly offset: number;
  readonly size: number;
}

/** struct disk_dump_header and struct kdump_sub_header of a 64-bit little-endian dump; docs/formats/kdump.md. */
export interface KdumpHeader {
  readonly signature: 'KDUMP' | 'DISKDUMP';
  readonly version: number;
  /** struct new_utsname; empty fields are left out. */
  readonly utsname: Readonly<Record<string, string>>;
  /** When the dump was written, in seconds since 1970; 0 where the writer did not say. */
  readonly timestamp: number;
  readonly status: number;
  /** Bytes in a block, which is a page of the dump. */
  readonly blockSize: number;
  /** One beyond the last frame that the bitmaps describe. */
  readonly frames: number;
  /** As the header claims, where that is more than the bitmaps have bits for; else equal to `frames`. */
  readonly claimedFrames: number;
  /** Which pages there were. */
  readonly memoryBitmap: Extent;
  /** Which pages the file has; the same bitmap in a diskdump that has only one. */
  readonly dumpedBitmap: Extent;
  /** Where the page descriptors begin. */
  readonly descriptors: number;
  readonly cpuCount: number;
  readonly physBase?: bigint;
  readonly dumpLevel?: number;
  /** Frames of this part of a split dump: [start, end). */
  readonly split?: { readonly start: number; readonly end: number };
  readonly vmcoreinfo?: Extent;
  readonly notes?: Extent;
}

export const DUMP_INCOMPLETE = 0x8;
export const DUMP_EXCLUDED_VMEMMAP = 0x10;

const HEADER_BYTES = 464;
const SUB_HEADER_BYTES = 104;
/** For 128 TiB of addresses in pages of 4 KiB, twice; the largest machines have had half of it. */
const MOST_BITMAP_BYTES = 2 ** 33;
const UTSNAME = ['sysname', 'nodename', 'release', 'version', 'machine', 'domainname'] as const;
const UTSNAME_AT = 12;
const UTSNAME_FIELD = 65;

const isBlockSize = (n: number): boolean => n >= 4096 && n <= 65_536 && (n & (n - 1)) === 0;

/** Reads both headers. Throws FormatError where they do not describe a dump that can be read. */
export function readKdumpHeader(source: ByteSource): KdumpHeader {
  const bytes = new Uint8Array(HEADER_BYTES);
  const held = source.read(0, bytes);
  const refuse = (problem: string, offset: number, length: number): FormatError =>
    new FormatError('kdump', problem, { kind: 'bytes', file: source.name, offset, length });
  if (held < HEADER_BYTES) throw refuse('ends inside its header; copy the file again', 0, held);
  const signature = new TextDecoder('latin1').decode(bytes.subarray(0, 8)).trimEnd();
  if (signature !== 'KDUMP' && signature !== 'DISKDUMP')
    throw refuse('has no signature of a dump; give a vmcore', 0, 8);
  const view = new DataView(bytes.buffer);
  const version = view.getInt32(8, true);
  const blockSize = view.getInt32(428, true);
  if (!isBlockSize(blockSize)) {
    if (isBlockSize(view.getInt32(416, true)))
      throw refuse('a dump of a 32-bit kernel; only 64-bit kernels are read, use crash for this one', 416, 4);
    if (isBlockSize(view.getInt32(428, false)))
      throw refuse('a big-endian dump; only x86-64 and arm64 are read, use crash for this one', 428, 4);
    throw refuse(`blocks of ${blockSize} bytes: the header is damaged; copy it again`, 428, 4);
  }
  const subBlocks = view.getInt32(432, true);
  if (subBlocks < 0) throw refuse(`a sub header of ${subBlocks} blocks: the header is damaged; copy it again`, 432, 4);
  const bitmapBlocks = view.getUint32(436, true);
  const sub = new Uint8Array(SUB_HEADER_BYTES);
  const hasSub = signature === 'KDUMP' && source.read(blockSize, sub) === SUB_HEADER_BYTES;
  const more = hasSub ? readSubHeader(new DataView(sub.buffer), version) : {};
  const frames = more.frames ?? view.getUint32(440, true);
  const bitmaps = (1 + subBlocks) * blockSize;
  const bitmapBytes = bitmapBlocks * blockSize;
  const descriptors = bitmaps + bitmapBytes;
  if (descriptors > source.size)
    throw refuse(`ends inside its bitmaps, which take ${bitmapBytes} bytes; copy the file again`, bitmaps, bitmapBytes);
  if (bitmapBytes > MOST_BITMAP_BYTES)
    throw refuse(`bitmaps of ${bitmapBytes} bytes: no machine has that much memory; copy the file again`, 436, 4);
  // Diskdump of 2.4 and 2.6 had one bitmap; makedumpfile has always written two.
  const single = signature === 'DISKDUMP' && bitmapBytes < 2 * Math.ceil(frames / 8 / blockSize) * blockSize;
  const size = single ? bitmapBytes : bitmapBytes / 2;
  return {
    signature,
    version,
    utsname: readUtsname(bytes),
    status: view.getUint32(424, true),
    blockSize,
    frames: Math.min(frames, size * 8),
    claimedFrames: frames,
    timestamp: Number(view.getBigInt64(408, true)),
    memoryBitmap: { offset: bitmaps, size },
    dumpedBitmap: { offset: single ? bitmaps : bitmaps + size, size },
    descriptors,
    cpuCount: view.getInt32(460, true),
    ...more.fields,
  };
}

interface SubHeader {
  readonly frames?: number;
  readonly fields?: Pick<KdumpHeader, 'physBase' | 'dumpLevel' | 'split' | 'vmcoreinfo' | 'notes'>;
}

/** Each version of makedumpfile's header added fields; before, what stands there means nothing. */
function readSubHeader(view: DataView, version: number): SubHeader {
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const extent = (at: number): Extent => ({ offset: u64(at), size: u64(at + 8) });
  const isSplit = version >= 2 && view.getInt32(12, true) !== 0;
  const wide = version >= 6;
  return {
    ...(wide && u64(96) > 0 && { frames: u64(96) }),
    fields: {
      physBase: view.getBigUint64(0, true),
      ...(version >= 1 && { dumpLevel: view.getInt32(8, true) }),
      ...(isSplit && { split: { start: u64(wide ? 80 : 16), end: u64(wide ? 88 : 24) } }),
      ...(version >= 3 && u64(40) > 0 && { vmcoreinfo: extent(32) }),
      ...(version >= 4 && u64(56) > 0 && { notes: extent(48) }),
    },
  };
}

function readUtsname(bytes: Uint8Array): Readonly<Record<string, string>> {
  const decoder = new TextDecoder('latin1');
  return Object.fromEntries(
    UTSNAME.flatMap((name, i) => {
      const field = bytes.subarray(UTSNAME_AT + i * UTSNAME_FIELD, UTSNAME_AT + (i + 1) * UTSNAME_FIELD);
      const value = decoder.decode(field).replace(/\0.*$/s, '');
      return value === '' || value === '(none)' ? [] : [[name, value]];
    }),
  );
}
