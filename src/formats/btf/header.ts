import { FormatError, type Problem } from '../../base/errors.ts';
import { recordLengths, type RecordLengths } from './kinds.ts';

const MAGIC = 0xeb9f;
const VERSION = 1;
/** magic u16, version u8, flags u8, hdr_len, type_off, type_len, str_off, str_len u32. */
const LEAST_HEADER = 24;
/** Behind those layout_off and layout_len, since 2026. */
const LAYOUT_FIELD = 24;

export interface BtfSections {
  /** Type records as 32-bit words. */
  readonly types: Uint32Array;
  readonly strings: Uint8Array;
  /** Where the type records begin in the file, in bytes; for problems. */
  readonly typesAt: number;
  readonly lengths: RecordLengths;
  readonly problems: readonly Problem[];
}

/** `struct btf_header` of include/uapi/linux/btf.h, little-endian. Sections that run past the end are cut there. */
export function readBtfSections(bytes: Uint8Array, source: string): BtfSections {
  const fail = (problem: string, offset: number, length: number): never => {
    throw new FormatError('BTF', problem, { kind: 'bytes', file: source, offset, length });
  };
  if (bytes.length < LEAST_HEADER) fail(`${bytes.length} bytes are too few for a header`, 0, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint16(0, true);
  if (magic === 0x9feb) fail('big-endian types are not supported', 0, 2);
  if (magic !== MAGIC) fail(`no magic 0x${MAGIC.toString(16)}`, 0, 2);
  if (view.getUint8(2) !== VERSION) fail(`version ${view.getUint8(2)} is not known`, 2, 1);
  const headerSize = view.getUint32(4, true);
  if (headerSize < LEAST_HEADER || headerSize > bytes.length) fail(`hdr_len ${headerSize} cannot be`, 4, 4);

  const problems: Problem[] = [];
  const section = (name: string, field: number): { readonly start: number; readonly end: number } => {
    const start = headerSize + view.getUint32(field, true);
    const length = view.getUint32(field + 4, true);
    const end = Math.min(start + length, bytes.length);
    if (start + length > bytes.length) {
      const problem = `the ${name} run past the end: ${length} bytes from ${start} on, of ${bytes.length}`;
      problems.push({ problem, at: { kind: 'bytes', file: source, offset: field, length: 8 } });
    }
    return { start, end: Math.max(start, end) };
  };
  const types = section('types', 8);
  const strings = section('strings', 16);
  const layout = headerSize >= LAYOUT_FIELD + 8 ? section('layouts', LAYOUT_FIELD) : { start: 0, end: 0 };
  // A copy, because words have to be aligned.
  const whole = bytes.slice(types.start, types.end - ((types.end - types.start) % 4));
  return {
    types: new Uint32Array(whole.buffer, whole.byteOffset, whole.length / 4),
    strings: bytes.subarray(strings.start, strings.end),
    typesAt: types.start,
    lengths: recordLengths(bytes.subarray(layout.start, layout.end)),
    problems,
  };
}
