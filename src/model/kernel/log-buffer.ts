import { ifThere } from '../memory/memory-fault.ts';
import type { Walked } from './kernel.ts';
import type { LogRecord, LogSource } from './kernel-log.ts';
import { fieldOffset, sizeOfStruct, symbolAddress, toSeconds } from './log-fields.ts';

/** CONFIG_LOG_BUF_SHIFT ends at 25; log_buf_len= may ask for more. */
const LARGEST_BUFFER = 2 ** 28;

/**
 * The buffer log_buf of before 5.10: records (3.5, 7ff9554bb578; `struct log`, since 3.11 `struct printk_log`), before that
 * plain text. Undefined where the kernel has none.
 */
export function readLogBuffer(kernel: LogSource): Walked<readonly LogRecord[]> | undefined {
  const [buffer, length] = ['log_buf', 'log_buf_len'].map((name) => symbolAddress(kernel, name));
  if (buffer === undefined || length === undefined) return undefined;
  const { memory } = kernel;
  const size = ifThere(() => memory.u32(length)) ?? 0;
  const bytes = size > LARGEST_BUFFER ? undefined : ifThere(() => memory.read(memory.u64(buffer), size));
  if (bytes === undefined || size === 0) return { value: [], problems: ['the buffer of the log cannot be read'] };
  const [first, next] = ['log_first_idx', 'log_next_idx'].map((name) => readIndex(kernel, name));
  if (first !== undefined && next !== undefined) return readRecords(kernel, bytes, first, next);
  const end = readIndex(kernel, 'log_end');
  const written = readIndex(kernel, 'logged_chars') ?? end;
  if (end === undefined || written === undefined) return { value: [], problems: ['nothing says where the log ends'] };
  return { value: plainRecords(bytes, end, Math.min(written, size)), problems: [] };
}

function readIndex(kernel: LogSource, name: string): number | undefined {
  const at = symbolAddress(kernel, name);
  return at === undefined ? undefined : ifThere(() => kernel.memory.u32(at));
}

/** From record to record by their lengths; length 0 says that the next one is at the start of the buffer. */
function readRecords(kernel: LogSource, bytes: Uint8Array, first: number, next: number): Walked<readonly LogRecord[]> {
  const struct = kernel.info.sizes.has('log') ? 'log' : 'printk_log';
  const header = sizeOfStruct(kernel, struct);
  const [time, length] = [fieldOffset(kernel, struct, 'ts_nsec'), fieldOffset(kernel, struct, 'len')];
  const textLength = fieldOffset(kernel, struct, 'text_len');
  // Behind dict_len, two bytes: the facility, then flags in five bits and the level in three.
  const level = fieldOffset(kernel, struct, 'dict_len') + 3;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value: LogRecord[] = [];
  let at = first;
  for (let left = bytes.length; at !== next;) {
    if (at + header > bytes.length || left < 0) return { value, problems: [`the log is torn at byte ${at}`] };
    const size = view.getUint16(at + length, true);
    if (size === 0) {
      left -= bytes.length - at;
      at = 0;
      continue;
    }
    const characters = view.getUint16(at + textLength, true);
    if (size < header + characters || at + size > bytes.length) {
      return { value, problems: [`the log is torn at byte ${at}`] };
    }
    value.push({
      seconds: toSeconds(view.getBigUint64(at + time, true)),
      level: view.getUint8(at + level) >> 5,
      text: new TextDecoder().decode(bytes.subarray(at + header, at + header + characters)),
    });
    left -= size;
    at += size;
  }
  return { value, problems: [] };
}

const LINE = /^<(\d{1,3})>(?:\[ *(\d+\.\d{6})\] ?)?(.*)$/s;

/** `written` characters before the position `end`, which counts on for ever. */
function plainRecords(bytes: Uint8Array, end: number, written: number): readonly LogRecord[] {
  const start = (((end - written) % bytes.length) + bytes.length) % bytes.length;
  const ring = new Uint8Array(written);
  for (let i = 0; i < written; i++) ring[i] = bytes[(start + i) % bytes.length] ?? 0;
  const lines = new TextDecoder().decode(ring).replace(/\n$/, '').split('\n');
  return lines.map((line) => {
    const [, level = '6', seconds, text = line] = LINE.exec(line) ?? [];
    return { level: Number(level) & 7, text, ...(seconds === undefined ? {} : { seconds: Number(seconds) }) };
  });
}
