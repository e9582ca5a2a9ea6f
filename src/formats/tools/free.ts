import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { nextFilled, textAt } from './commands.ts';
import { guessUnit } from './free-unit.ts';
import { quantity, readSize } from './size.ts';

/** What one run of free(1) says. Amounts by the names that meminfo, or `Counters`, has for them. */
export interface Free {
  readonly amounts: Amounts;
  /** `stated`: by suffixes or by an option that is shown; `inferred`: from the figures, see docs/formats/free.md. */
  readonly unit: 'stated' | 'inferred';
}

const NUMBER = String.raw`\d{1,16}(?:[.,]\d{1,3})?(?:[BKMGTPkmgt]i?B?)?`;
const ROW = new RegExp(String.raw`^\s*([^\s\d:：][^\s:：]{0,15})\s?[:：]\s*(${NUMBER}(?:\s+${NUMBER}){2,6})\s*$`);
const ENGLISH =
  /^\s*total\s+used\s+free(?:\s+shared\s+(?:buffers\s+cached|buff\/cache\s+available|buffers\s+cache\s+available|buff\/cache|buffers))?\s*$/;
/** Three to seven words without digits or colons: a header in another language, if rows follow. */
const WORDS = /^\s*[^\s\d:：]{1,24}(?:\s+[^\s\d:：]{1,24}){2,6}\s*$/;
const MEMORY =
  /^\s*(?:Mem\.?|Speicher|Memoria|Memória|Mémoire|Память|Мем|内存|記憶體|メモリ|メモリー|메모리|Pamięć|Pam|Paměť|Bellek|Minne|Geheugen)\s?[:：]\s*\d/;
const BUFFERS_ROW = /^\s*-\/\+ \S[^\d]{0,40}[:：]\s*\d/;
const COMMAND =
  /(?:^|[$#;&|>%]\s*|\b(?:sudo|watch)\s+(?:-\S+\s+(?:\d\S*\s+)?)*)free((?:\s+-{1,2}[\w-]+(?:\s\d+)?)*)(?:\s*$|\s*[;&|<>2])/;

/**
 * One run of `free`: with buffers and cached (procps before 3.3.10), with buff/cache and available, or wide; in any
 * language, unit and with or without its header.
 *
 * Written by procps src/free.c and BusyBox procps/free.c.
 */
export const free: TextFormat<'free', Free> = {
  kind: 'free',
  looksFor: 'the rows of free: "Mem:  3862616  1137532  1615380 …", "Swap: …"',
  many: false,

  claim(lines, at) {
    const first = textAt(lines, at);
    if (first.length > 400) return 0;
    const command = COMMAND.test(first);
    const header = command ? nextFilled(lines, at + 1) : at;
    const row = isHeader(textAt(lines, header)) ? nextFilled(lines, header + 1, 2) : header;
    if (header < 0 || row < 0 || !ROW.test(textAt(lines, row))) return 0;
    const named = MEMORY.test(textAt(lines, row));
    const foreign = row > header && (ENGLISH.test(textAt(lines, header)) || isSwap(textAt(lines, row + 1)));
    return named || foreign ? 1 + row - at + tailOf(lines, row + 1) : 0;
  },

  parse(lines, file): Parsed<Free> {
    const problems: Problem[] = [];
    const command = COMMAND.exec(lines[0]?.text ?? '');
    const header = lines.find(({ text }) => isHeader(text) && !COMMAND.test(text))?.text ?? '';
    const rows = lines.flatMap(({ text, number }) => {
      const match = ROW.exec(text);
      return match ? [{ label: match[1] ?? '', cells: (match[2] ?? '').split(/\s+/), number }] : [];
    });
    const mem = rows[0];
    // `-l` adds rows for low and high memory, `-t` and `-v` sums, all with three cells too.
    const swap = rows.slice(1).find((row) => row.cells.length === 3 && !/^(?:Low|High|Total|Comm)/.test(row.label));
    const collector = new AmountCollector();
    const amounts = collector.amounts;
    if (!mem) return { value: { amounts, unit: 'inferred' }, problems };
    const unit = unitOf(command?.[1], mem.cells, lines);
    const put = (name: string, text: string | undefined, line: number): void => {
      collector.put(name, readSize(text, unit.bytes, unit.step), { kind: 'line', file, line });
    };
    const columns = columnsOf(header, mem.cells, lines);
    // Before 3.3.10 "shared" was a field that kernels since 2.6 no longer count: 0 there means nothing.
    const unshared = columns.includes('Cached') && readSize(mem.cells[3]) === 0;
    columns.forEach((name, i) => put(unshared && name === 'Shmem' ? '' : name, mem.cells[i], mem.number));
    if (mem.cells.length === 7) {
      const cells = mem.cells.slice(4, 6).map((cell) => readSize(cell, unit.bytes, unit.step) ?? NaN);
      collector.put('BuffCache', quantity((cells[0] ?? NaN) + (cells[1] ?? NaN)), {
        kind: 'line',
        file,
        line: mem.number,
      });
    }
    if (swap) {
      put('SwapTotal', swap.cells[0], swap.number);
      put('SwapFree', swap.cells[2], swap.number);
    }
    if (unit.doubt !== undefined)
      problems.push({ problem: `free: ${unit.doubt}`, at: { kind: 'line', file, line: mem.number } });
    return { value: { amounts, unit: unit.stated ? 'stated' : 'inferred' }, problems };
  },
};

const isHeader = (text: string): boolean =>
  ENGLISH.test(text) || (text.length < 200 && WORDS.test(text) && !COMMAND.test(text));
/** The swap row has three cells, in whatever language. */
const isSwap = (text: string | undefined): boolean => (ROW.exec(text ?? '')?.[2] ?? '').split(/\s+/).length === 3;

/** Rows below `Mem:`: buffers, low, high, swap, total, committed; not the next `Mem:`. */
function tailOf(lines: readonly TextLine[], at: number): number {
  let end = at;
  while (end < lines.length && end - at < 6) {
    const text = lines[end]?.text ?? '';
    if (MEMORY.test(text) || !(BUFFERS_ROW.test(text) || isSwap(text))) break;
    end++;
  }
  return end - at;
}

/** Names of the columns; '' for one that has none. Without a header the arithmetic of the row tells the layout. */
function columnsOf(header: string, cells: readonly string[], lines: readonly TextLine[]): readonly string[] {
  const first = ['MemTotal', 'Used', 'MemFree'];
  if (cells.length <= 3) return first;
  if (cells.length === 7) return [...first, 'Shmem', 'Buffers', '', 'MemAvailable'];
  const old = [...first, 'Shmem', 'Buffers', 'Cached'];
  const now = [...first, 'Shmem', 'BuffCache', 'MemAvailable'];
  if (header.includes('/')) return now;
  if (/buffers\s+cached/.test(header) || lines.some(({ text }) => BUFFERS_ROW.test(text))) return old;
  const [total = 0, used = 0, unused = 0] = cells.map((c) => readSize(c) ?? 0);
  return Math.abs(total - used - unused) <= total / 200 ? old : now;
}

interface Unit {
  readonly bytes: number;
  readonly step: number;
  readonly stated: boolean;
  readonly doubt?: string;
}

/** Options of free, where the command is shown; else suffixes; else the figures. */
function unitOf(options: string | undefined, cells: readonly string[], lines: readonly TextLine[]): Unit {
  const step = /--si\b/.test(options ?? '') || /--(?:kilo|mega|giga)\b/.test(options ?? '') ? 1000 : 1024;
  const suffixed = cells.some((c) => /[A-Za-z]$/.test(c));
  if (suffixed) return { bytes: 1, step, stated: true };
  if (options !== undefined) {
    const letter =
      /(?:^|\s)-(?!-)\w*?([bkmg])\w*/.exec(options)?.[1] ??
      /--(byte|kib|mib|gib|kilo|mega|giga)/.exec(options)?.[1]?.[0] ??
      'k';
    return { bytes: step ** 'bkmg'.indexOf(letter), step, stated: true };
  }
  const swaps = lines.flatMap(({ text }) => (isSwap(text) ? (ROW.exec(text)?.[2] ?? '').split(/\s+/) : []));
  return { ...guessUnit(cells.map(Number), swaps.map(Number)), step, stated: false };
}
