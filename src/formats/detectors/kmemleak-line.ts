import { isFrameTail, isStackLine, isTornStackLine } from './stack-line.ts';

/** What a line of a kmemleak report is, told from the line alone: indentation is lost in many pastes. */
export type KmemleakLine =
  | { readonly kind: 'object'; readonly address: string; readonly size: number | undefined; readonly type: string }
  | { readonly kind: 'size'; readonly size: number }
  | { readonly kind: 'comm'; readonly comm: string | undefined }
  | { readonly kind: 'hex-header' }
  | { readonly kind: 'hex'; readonly text: string }
  | { readonly kind: 'backtrace' }
  | { readonly kind: 'frame'; readonly text: string }
  | { readonly kind: 'frame-tail'; readonly text: string }
  | { readonly kind: 'times'; readonly count: number; readonly next: boolean }
  | { readonly kind: 'more'; readonly count: number }
  | { readonly kind: 'between' }
  | { readonly kind: 'torn' }
  | { readonly kind: 'foreign' };

/** `(percpu)` and `(phys)` since 6.12. */
const OBJECT = /^unreferenced object(?: \((\w{1,16})\))? (0x[0-9a-f]{4,16}) ?\(size(?: (\d{1,16})\):?)?$/;
const COMM = /^comm "(.{0,64})", pid -?\d+/;
const HEX_HEADER = /^hex dump \(first \d+ bytes?(?: on cpu \d+)?\):$/;
const HEX = /^(?:[0-9a-f]{2} ){0,15}[0-9a-f]{2}(?:\s{2,}.{0,40})?$/;
const BACKTRACE = /^backtrace(?: \(crc [0-9a-f]{1,8}\))?:$/;
/** What people write who fold a report by hand or by script. */
const OCCURRENCES = /^[([]?(\d{1,9})\s{0,4}(?:occurr?[ea]nces?\b.{0,60}|times)([:.)\]]{0,2})$/i;
const REPEATED = /^[([]?repeated (\d{1,9}) times[.)\]]?$/i;
/** Verbose scans fold entries with one stack. */
const MORE = /^\.{3} and (\d{1,9}) more objects? with the same backtrace$/;
const BETWEEN =
  /BUG: memory leak$|^executing program|^(?:\d{4}\/\d\d\/\d\d [\d:]{8} )?executing program|^[-=_*<>~]{2,}(?: tail report )?[-=_*<>~]{0,40}$/;
const REST = /^(?:unreferenced obj|comm "|hex dump|backtrace|\(?(?:age )?\d{1,12}\.\d{1,6}s\)$)/;

/** Reads the shape of one line. */
export function readKmemleakLine(line: string): KmemleakLine {
  const text = (line.startsWith('kmemleak:') ? line.slice(9) : line).trim();
  if (isStackLine(text)) return { kind: 'frame', text };
  if (HEX.test(text)) return { kind: 'hex', text };
  return (text.length > 400 ? undefined : readWords(text)) ?? { kind: isTornStackLine(text) ? 'torn' : 'foreign' };
}

function readWords(text: string): KmemleakLine | undefined {
  const object = OBJECT.exec(text);
  if (object) {
    const [, type = '', address = '', digits] = object;
    return { kind: 'object', address, type, size: digits === undefined ? undefined : Number(digits) };
  }
  const comm = COMM.exec(text);
  if (comm) return { kind: 'comm', comm: comm[1] };
  if (HEX_HEADER.test(text)) return { kind: 'hex-header' };
  if (BACKTRACE.test(text)) return { kind: 'backtrace' };
  const size = /^(\d{1,16})\):?$/.exec(text);
  if (size) return { kind: 'size', size: Number(size[1]) };
  if (isFrameTail(text)) return { kind: 'frame-tail', text };
  return readTimes(text) ?? (BETWEEN.test(text) ? { kind: 'between' } : REST.test(text) ? { kind: 'torn' } : undefined);
}

function readTimes(text: string): KmemleakLine | undefined {
  const more = MORE.exec(text);
  if (more) return { kind: 'more', count: Number(more[1]) };
  const repeated = REPEATED.exec(text);
  if (repeated) return { kind: 'times', count: Number(repeated[1]), next: false };
  const found = OCCURRENCES.exec(text);
  return found ? { kind: 'times', count: Number(found[1]), next: found[2]?.includes(':') === true } : undefined;
}
