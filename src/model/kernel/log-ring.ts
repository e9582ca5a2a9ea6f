import { MemoryFault } from '../memory/memory-fault.ts';
import type { Walked } from './kernel.ts';
import type { LogRecord, LogSource } from './kernel-log.ts';
import { fieldOffset, sizeOfStruct, symbolAddress, toSeconds } from './log-fields.ts';

/** 16 million records, 1 GiB of text: CONFIG_LOG_BUF_SHIFT ends at 25. */
const MOST_COUNT_BITS = 24;
const MOST_SIZE_BITS = 30;
/** Of prb_desc.state_var: the upper two bits are the state, the rest the id. */
const STATE_SHIFT = 62n;
const ID_MASK = (1n << STATE_SHIFT) - 1n;
const COMMITTED = 1n;
const FINALIZED = 2n;
/** Each block of text begins with the id of its record. */
const ID_BYTES = 8;

interface Ring {
  readonly count: bigint;
  readonly descriptors: bigint;
  readonly infos: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly text: bigint;
  readonly textBits: bigint;
}

/** Offsets in bytes. */
interface Fields {
  readonly descriptorSize: number;
  readonly state: number;
  readonly begin: number;
  readonly next: number;
  readonly infoSize: number;
  readonly time: number;
  readonly textLength: number;
}

/**
 * The ring of 5.10 and later (896fbe20b4e2; kernel/printk/printk_ringbuffer.c): descriptors, as many infos, and blocks of
 * text, which go round on their own. VMCOREINFO has all offsets, so that it is read without types. Undefined where the
 * kernel has no such ring.
 */
export function readLogRing(kernel: LogSource): Walked<readonly LogRecord[]> | undefined {
  const pointer = symbolAddress(kernel, 'prb');
  if (pointer === undefined) return undefined;
  const records: LogRecord[] = [];
  let lost = 0;
  try {
    const ring = openRing(kernel, kernel.memory.u64(pointer));
    if (ring === undefined) return { value: [], problems: ['the ring of the log has sizes that cannot be'] };
    const fields = fieldsOf(kernel);
    for (let id = ring.first; ; id = (id + 1n) & ID_MASK) {
      const record = tryRecord(kernel, ring, fields, id);
      if (record === 'lost') lost++;
      else if (record !== undefined) records.push(record);
      if (id === ring.last) break;
    }
  } catch (cause) {
    if (!(cause instanceof MemoryFault)) throw cause;
    return { value: records, problems: [`the log breaks off: ${cause.message}`] };
  }
  return { value: records, problems: lost === 0 ? [] : [`${lost} records of the log cannot be read`] };
}

function openRing(kernel: LogSource, at: bigint): Ring | undefined {
  const { memory } = kernel;
  const descriptors = at + BigInt(fieldOffset(kernel, 'printk_ringbuffer', 'desc_ring'));
  const texts = at + BigInt(fieldOffset(kernel, 'printk_ringbuffer', 'text_data_ring'));
  const ofDescriptors = (member: string): bigint => descriptors + BigInt(fieldOffset(kernel, 'prb_desc_ring', member));
  const ofTexts = (member: string): bigint => texts + BigInt(fieldOffset(kernel, 'prb_data_ring', member));
  const countBits = memory.u32(ofDescriptors('count_bits'));
  const textBits = memory.u32(ofTexts('size_bits'));
  if (countBits > MOST_COUNT_BITS || textBits > MOST_SIZE_BITS) return undefined;
  const [first, last] = [memory.u64(ofDescriptors('tail_id')), memory.u64(ofDescriptors('head_id'))];
  const count = 1n << BigInt(countBits);
  if (((last - first) & ID_MASK) >= count) return undefined;
  return {
    count,
    descriptors: memory.u64(ofDescriptors('descs')),
    infos: memory.u64(ofDescriptors('infos')),
    first: first & ID_MASK,
    last: last & ID_MASK,
    text: memory.u64(ofTexts('data')),
    textBits: BigInt(textBits),
  };
}

function fieldsOf(kernel: LogSource): Fields {
  const block = fieldOffset(kernel, 'prb_desc', 'text_blk_lpos');
  return {
    descriptorSize: sizeOfStruct(kernel, 'prb_desc'),
    state: fieldOffset(kernel, 'prb_desc', 'state_var'),
    begin: block + fieldOffset(kernel, 'prb_data_blk_lpos', 'begin'),
    next: block + fieldOffset(kernel, 'prb_data_blk_lpos', 'next'),
    infoSize: sizeOfStruct(kernel, 'printk_info'),
    time: fieldOffset(kernel, 'printk_info', 'ts_nsec'),
    textLength: fieldOffset(kernel, 'printk_info', 'text_len'),
  };
}

function tryRecord(kernel: LogSource, ring: Ring, fields: Fields, id: bigint): LogRecord | 'lost' | undefined {
  try {
    return readRecord(kernel, ring, fields, id);
  } catch (cause) {
    if (cause instanceof MemoryFault) return 'lost';
    throw cause;
  }
}

/** Undefined for what is not written yet, or given up already. */
function readRecord({ memory }: LogSource, ring: Ring, fields: Fields, id: bigint): LogRecord | 'lost' | undefined {
  const place = id & (ring.count - 1n);
  const descriptor = ring.descriptors + place * BigInt(fields.descriptorSize);
  const state = memory.u64(descriptor + BigInt(fields.state));
  const isWritten = state >> STATE_SHIFT === COMMITTED || state >> STATE_SHIFT === FINALIZED;
  if ((state & ID_MASK) !== id || !isWritten) return undefined;
  const begin = memory.u64(descriptor + BigInt(fields.begin));
  const next = memory.u64(descriptor + BigInt(fields.next));
  const info = ring.infos + place * BigInt(fields.infoSize);
  const seconds = toSeconds(memory.u64(info + BigInt(fields.time)));
  const length = memory.u16(info + BigInt(fields.textLength));
  // Behind text_len: the facility, then flags in five bits and the level in three.
  const level = memory.u8(info + BigInt(fields.textLength) + 3n) >> 5;
  if (length === 0) return { seconds, level, text: '' };
  const block = blockOf(ring, begin, next);
  if (block === undefined || memory.u64(block.at) !== id) return 'lost';
  const bytes = memory.read(block.at + BigInt(ID_BYTES), Math.min(length, block.size - ID_BYTES));
  return { seconds, level, text: new TextDecoder().decode(bytes) };
}

/** Undefined for a text that found no room. Positions count on for ever; a block that would go over the end begins at 0. */
function blockOf(ring: Ring, begin: bigint, next: bigint): { readonly at: bigint; readonly size: number } | undefined {
  const mask = (1n << ring.textBits) - 1n;
  if ((begin & 1n) === 1n && (next & 1n) === 1n) return undefined;
  const isWrapped = begin >> ring.textBits !== (next - 1n) >> ring.textBits;
  const [start, end] = isWrapped ? [0n, next & mask] : [begin & mask, (begin & mask) + (next - begin)];
  const size = Number(end - start);
  return size <= ID_BYTES || end > mask + 1n ? undefined : { at: ring.text + start, size };
}
