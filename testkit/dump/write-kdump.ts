import type { PhysicalMemory } from '../../src/model/memory/physical-memory.ts';
import type { ByteSink } from './byte-sink.ts';
import { ENCODERS, ENCODING_FLAGS, type PageEncoding } from './page-encoders.ts';

/** What a made-up dump says of itself; docs/formats/kdump.md has the fields. */
export interface KdumpOptions {
  readonly signature?: 'KDUMP' | 'DISKDUMP';
  /** Of the header; fields that a version does not know are left zero. */
  readonly version?: number;
  readonly encoding?: PageEncoding;
  readonly utsname?: Readonly<Partial<Record<'sysname' | 'nodename' | 'release' | 'version' | 'machine', string>>>;
  readonly physBase?: bigint;
  readonly vmcoreinfo?: string;
  /** ELF notes, one behind another: see write-notes.ts. */
  readonly notes?: Uint8Array;
  /** Frames of this part of a split dump. */
  readonly part?: { readonly start: number; readonly end: number };
  /** One bitmap was all that diskdump had. */
  readonly bitmaps?: 1 | 2;
  /** Bits added to the header's status. */
  readonly status?: number;
}

interface Layout {
  readonly blockSize: number;
  readonly bitmaps: number;
  readonly bitmapBytes: number;
  readonly descriptors: number;
}

const SUB_BLOCKS = 3;
const DESCRIPTOR_BYTES = 24;
const INCOMPLETE = 0x8;
const UTSNAME = ['sysname', 'nodename', 'release', 'version', 'machine'] as const;

/**
 * Writes memory as makedumpfile does: zero pages share one page, excluded ones have no descriptor, lost ones an empty
 * one. Pages are asked for one at a time, so that a large memory takes little here.
 */
export function writeKdump(sink: ByteSink, memory: PhysicalMemory, options: KdumpOptions = {}): void {
  const { encoding = 'zlib', part, bitmaps = 2 } = options;
  const blockSize = memory.pageSize;
  const bitmapBytes = Math.ceil(memory.endFrame / 8 / blockSize) * blockSize;
  const start = (1 + SUB_BLOCKS) * blockSize;
  const layout = { blockSize, bitmaps: start, bitmapBytes, descriptors: start + bitmaps * bitmapBytes };
  const { dumped, known } = bitmapsOf(memory, bitmapBytes);
  const frames = framesOf(memory, part);
  const lost = frames.some((frame) => memory.state(frame) === 'lost');
  writeHeader(sink, memory, options, layout, ENCODING_FLAGS[encoding] | (lost ? INCOMPLETE : 0));
  if (bitmaps === 2) sink.write(start, known);
  sink.write(layout.descriptors - bitmapBytes, dumped);
  writePages(sink, memory, frames, layout, encoding);
}

function bitmapsOf(memory: PhysicalMemory, bytes: number): { readonly dumped: Uint8Array; readonly known: Uint8Array } {
  const dumped = new Uint8Array(bytes);
  const known = new Uint8Array(bytes);
  for (let frame = 0; frame < memory.endFrame; frame++) {
    const state = memory.state(frame);
    const bit = 1 << (frame & 7);
    if (state !== 'absent') known[frame >>> 3] = (known[frame >>> 3] ?? 0) | bit;
    if (state !== 'absent' && state !== 'excluded') dumped[frame >>> 3] = (dumped[frame >>> 3] ?? 0) | bit;
  }
  return { dumped, known };
}

/** Frames that have a descriptor. */
function framesOf(memory: PhysicalMemory, part?: KdumpOptions['part']): readonly number[] {
  const frames: number[] = [];
  for (let frame = part?.start ?? 0; frame < (part?.end ?? memory.endFrame); frame++) {
    const state = memory.state(frame);
    if (state !== 'absent' && state !== 'excluded') frames.push(frame);
  }
  return frames;
}

function writePages(
  sink: ByteSink,
  memory: PhysicalMemory,
  frames: readonly number[],
  layout: Layout,
  encoding: PageEncoding,
): void {
  const zeroPage = layout.descriptors + frames.length * DESCRIPTOR_BYTES;
  sink.write(zeroPage, new Uint8Array(layout.blockSize));
  let at = zeroPage + layout.blockSize;
  const descriptors = Buffer.alloc(frames.length * DESCRIPTOR_BYTES);
  frames.forEach((frame, i) => {
    const page = memory.page(frame);
    const zero = memory.state(frame) === 'zero';
    if (page === undefined) return;
    const packed = ENCODERS[encoding](page);
    // What does not get smaller is stored as it is.
    const kept = packed.length < page.length ? packed : page;
    if (!zero) sink.write(at, kept);
    descriptors.writeBigUInt64LE(BigInt(zero ? zeroPage : at), i * DESCRIPTOR_BYTES);
    descriptors.writeUInt32LE(zero ? layout.blockSize : kept.length, i * DESCRIPTOR_BYTES + 8);
    descriptors.writeUInt32LE(zero || kept === page ? 0 : ENCODING_FLAGS[encoding], i * DESCRIPTOR_BYTES + 12);
    if (!zero) at += kept.length;
  });
  sink.write(layout.descriptors, descriptors);
}

function writeHeader(
  sink: ByteSink,
  memory: PhysicalMemory,
  options: KdumpOptions,
  layout: Layout,
  status: number,
): void {
  const { signature = 'KDUMP', utsname = {}, version = 6, bitmaps = 2 } = options;
  const header = Buffer.alloc(464);
  header.write(signature.padEnd(8), 'latin1');
  header.writeInt32LE(version, 8);
  UTSNAME.forEach((field, i) => header.write(utsname[field] ?? '', 12 + i * 65, 64, 'latin1'));
  header.writeUInt32LE(status | (options.status ?? 0), 424);
  header.writeInt32LE(layout.blockSize, 428);
  header.writeInt32LE(SUB_BLOCKS, 432);
  header.writeUInt32LE((bitmaps * layout.bitmapBytes) / layout.blockSize, 436);
  header.writeUInt32LE(Math.min(memory.endFrame, 0xffff_ffff), 440);
  header.writeInt32LE(1, 460);
  sink.write(0, header);
  if (signature === 'KDUMP') writeSubHeader(sink, memory, options, layout, version);
}

/** The text and the notes follow it in its blocks. */
function writeSubHeader(
  sink: ByteSink,
  memory: PhysicalMemory,
  { vmcoreinfo, notes, part, physBase = 0n }: KdumpOptions,
  { blockSize }: Layout,
  version: number,
): void {
  const sub = Buffer.alloc(104);
  const put = (at: number, ...values: readonly number[]): void =>
    values.forEach((value, i) => sub.writeBigUInt64LE(BigInt(value), at + i * 8));
  sub.writeBigUInt64LE(BigInt.asUintN(64, physBase), 0);
  if (version >= 1) sub.writeInt32LE(31, 8);
  if (version >= 2 && part) {
    sub.writeInt32LE(1, 12);
    put(version >= 6 ? 80 : 16, part.start, part.end);
  }
  const text = Buffer.from(vmcoreinfo ?? '', 'latin1');
  const at = blockSize + sub.length;
  if (version >= 3 && text.length > 0) {
    put(32, at, text.length);
    sink.write(at, text);
  }
  if (version >= 4 && notes) {
    put(48, at + text.length, notes.length);
    sink.write(at + text.length, notes);
  }
  if (version >= 6) put(96, memory.endFrame);
  sink.write(blockSize, sub);
}
