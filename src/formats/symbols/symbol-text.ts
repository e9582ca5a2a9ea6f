import { FormatError, type Parsed, type Problem } from '../../base/errors.ts';
import { spellCount } from '../../base/spelling.ts';
import type { SymbolColumns } from './symbol-columns.ts';
import { SymbolWriter } from './symbol-writer.ts';

/**
 * A System.map (nm -n of vmlinux, link-time addresses) or a saved /proc/kallsyms (kernel/kallsyms.c, s_show: addresses of
 * the running kernel, a tab and `[module]` behind symbols of modules): `ffffffff81000000 T _text` a line. Torn lines are
 * left out. Throws FormatError where no line is a symbol, and where kptr_restrict hid all addresses.
 */
export function parseSymbolText(text: Uint8Array, file: string): Parsed<SymbolColumns> {
  const writer = new SymbolWriter();
  const torn = { lines: 0, first: 0 };
  let isHidden = true;
  for (let start = 0, line = 1; start < text.length; line++) {
    const end = endOfLine(text, start);
    const symbol = readLine(text, start, end);
    if (symbol !== undefined) {
      const { address, letter, nameStart, nameEnd, module } = symbol;
      writer.add(address, letter, text, nameStart, nameEnd, module);
      if (address !== 0n) isHidden = false;
    } else if (end > start) {
      torn.lines++;
      torn.first ||= line;
    }
    start = end + 1;
  }
  if (writer.count === 0) throw new FormatError('symbols', 'no line is `ADDRESS LETTER NAME`', at(file, 1));
  if (isHidden) {
    const problem =
      'all addresses are 0: kptr_restrict hid them; read it as root, or take the System.map of that kernel';
    throw new FormatError('symbols', problem, at(file, 1));
  }
  const problem = `${spellCount(torn.lines)} lines are no symbols, this the first of them`;
  const problems: readonly Problem[] = torn.lines === 0 ? [] : [{ problem, at: at(file, torn.first) }];
  return { value: writer.finish(), problems };
}

/** True where the first line of `head` is a symbol; for telling this format from others. */
export const isSymbolText = (head: Uint8Array): boolean => readLine(head, 0, endOfLine(head, 0)) !== undefined;

const at = (file: string, line: number): Problem['at'] => ({ kind: 'line', file, line });

const [SPACE, TAB, LINE_FEED, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
/** MODULE_NAME_LEN and some. */
const LONGEST_MODULE = 128;

function endOfLine(text: Uint8Array, start: number): number {
  const end = text.indexOf(LINE_FEED, start);
  return end < 0 ? text.length : end;
}

interface Line {
  readonly address: bigint;
  readonly letter: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly module: string;
}

function readLine(text: Uint8Array, start: number, end: number): Line | undefined {
  let high = 0;
  let low = 0;
  let i = start;
  for (let digit = hexDigit(text[i]); digit >= 0 && i < end; digit = hexDigit(text[++i])) {
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = ((low << 4) | digit) >>> 0;
  }
  const digits = i - start;
  const letter = text[i + 1] ?? 0;
  const nameStart = i + 3;
  if (digits < 8 || digits > 16 || text[i] !== SPACE || text[i + 2] !== SPACE || !isLetter(letter)) return undefined;
  let nameEnd = nameStart;
  while (nameEnd < end && !isSpace(text[nameEnd])) nameEnd++;
  const module = moduleIn(text, nameEnd, end);
  if (nameEnd <= nameStart || module === undefined) return undefined;
  return { address: (BigInt(high) << 32n) | BigInt(low), letter, nameStart, nameEnd, module };
}

/** `\t[name]`; empty where the line ends; undefined where something else follows. */
function moduleIn(text: Uint8Array, start: number, end: number): string | undefined {
  let from = start;
  while (from < end && isSpace(text[from])) from++;
  if (from >= end) return '';
  const rest = String.fromCharCode(...text.subarray(from, Math.min(end, from + LONGEST_MODULE + 3)));
  return /^\[([^\]\s]+)\]\s*$/.exec(rest)?.[1];
}

const isSpace = (byte: number | undefined): boolean => byte === SPACE || byte === TAB || byte === RETURN;

/** nm's letters, and `?` and `-` that it has for kinds it does not know. */
const isLetter = (byte: number): boolean =>
  (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x3f || byte === 0x2d;

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
