import { FormatError } from '../../base/errors.ts';
import type { EventFormat } from './event-format.ts';

/** How the pages of a trace buffer are laid out on this host. Offsets and sizes in bytes. */
export interface RingPageLayout {
  readonly commit: number;
  readonly commitSize: number;
  readonly data: number;
  readonly dataSize: number;
  readonly littleEndian: boolean;
}

/** Called for each event: nanoseconds of the buffer's clock, and where its record lies in the page. */
export type OnRecord = (at: number, offset: number, length: number) => void;

const LENGTH_MASK = 2 ** 27 - 1;
const [PADDING, TIME_EXTEND, TIME_STAMP] = [29, 30, 31];
/** Bits of a time that stand in an event's first word. */
const DELTA = 2 ** 27;

/** From `events/header_page`. */
export function ringPageLayout(header: EventFormat, littleEndian: boolean, file: string): RingPageLayout {
  const [commit, data] = [header.fields.get('commit'), header.fields.get('data')];
  if (!commit || !data || ![4, 8].includes(commit.size) || data.size < 16)
    throw new FormatError('header_page', 'it describes no page of a trace buffer', { kind: 'line', file, line: 1 });
  return { commit: commit.offset, commitSize: commit.size, data: data.offset, dataSize: data.size, littleEndian };
}

/**
 * Reads one page of `per_cpu/cpuN/trace_pipe_raw`: a time, the length in use, then events; each begins with a word of five
 * bits of type or length and 27 bits of time since the one before.
 *
 * False where an event runs past the end of the page; what came before it was handed over.
 *
 * Written by kernel/trace/ring_buffer.c, ring_buffer_read_page(); include/linux/ring_buffer.h has the types.
 */
export function decodeRingPage(page: DataView, layout: RingPageLayout, onRecord: OnRecord): boolean {
  const { littleEndian, data } = layout;
  if (page.byteLength < data + 8) return false;
  const stated = lowWord(page, layout.commit, layout.commitSize, littleEndian);
  const end = data + Math.min(stated & LENGTH_MASK, page.byteLength - data);
  let at = Number(page.getBigUint64(0, littleEndian));
  for (let here = data; here + 4 <= end;) {
    const { type, delta, second, header, length } = readHead(page, here, end, littleEndian);
    if (type === PADDING && delta === 0) break;
    if (here + length > end || length < header) return false;
    if (type === TIME_STAMP) at = Math.floor(at / 2 ** 59) * 2 ** 59 + second * DELTA + delta;
    else if (type === TIME_EXTEND) at += second * DELTA + delta;
    else if (type < PADDING) {
      at += delta;
      onRecord(at, here + header, length - header);
    }
    here += length;
  }
  return true;
}

interface EventHead {
  readonly type: number;
  /** Nanoseconds since the event before. */
  readonly delta: number;
  /** The second word; 0 where there is none. */
  readonly second: number;
  /** Bytes before the record, and with it. */
  readonly header: number;
  readonly length: number;
}

function readHead(page: DataView, here: number, end: number, littleEndian: boolean): EventHead {
  const word = page.getUint32(here, littleEndian);
  const type = littleEndian ? word & 31 : word >>> 27;
  const delta = littleEndian ? word >>> 5 : word & (DELTA - 1);
  const second = here + 8 <= end ? page.getUint32(here + 4, littleEndian) : 0;
  const long = type === 0 || type === PADDING;
  return {
    type,
    delta,
    second,
    header: long ? 8 : 4,
    length: type > PADDING ? 8 : 4 + (long ? second : type * 4),
  };
}

/** The low 32 bits of a number of four or eight bytes. */
const lowWord = (page: DataView, offset: number, size: number, littleEndian: boolean): number =>
  page.getUint32(offset + (littleEndian ? 0 : size - 4), littleEndian);
