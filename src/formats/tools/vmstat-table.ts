import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { blockOf, shellCommand } from './commands.ts';
import { readSize } from './size.ts';

export interface VmstatTable {
  /** Of the last row: the first one averages since boot in its rates, but memory is of the moment in all of them. */
  readonly amounts: Amounts;
  readonly rows: number;
}

const BANNER = /^\s*procs\s+-+memory-+/;
const HEADER = /^\s*r\s+b\s+(?:w\s+)?swpd\s+free\s+(?:buff\s+cache|inact\s+active)\s+si\s+so\s/;
const ROW = /^\s*\d+(?:\s+\d+){11,}\b/;
const NAMES: Readonly<Record<string, string>> = {
  free: 'MemFree',
  buff: 'Buffers',
  inact: 'Inactive',
  active: 'Active',
};

/**
 * `vmstat`, `vmstat 1`, `vmstat -a`, with or without times at the end of rows.
 *
 * Written by procps src/vmstat.c, new_format(). KiB unless `-S` says otherwise, which shows only in the command.
 */
export const vmstatTable: TextFormat<'vmstat-table', VmstatTable> = {
  kind: 'vmstat-table',
  looksFor: 'the header of vmstat: "r  b   swpd   free   buff  cache   si   so"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const asked = /\bvmstat\b/.test(first) && shellCommand(first) !== undefined;
    const next = lines[at + 1]?.text ?? '';
    if (!BANNER.test(first) && !HEADER.test(first) && !(asked && (BANNER.test(next) || HEADER.test(next)))) return 0;
    return blockOf(
      lines,
      at,
      (text) => BANNER.test(text) || HEADER.test(text) || ROW.test(text),
      () => false,
    );
  },

  parse(lines, file): Parsed<VmstatTable> {
    const collector = new AmountCollector();
    const unit = unitOf(lines[0]?.text ?? '');
    let header: readonly string[] = [];
    let rows = 0;
    for (const { text, number } of lines) {
      const cells = text.trim().split(/\s+/);
      if (HEADER.test(text)) header = cells;
      else if (ROW.test(text) && header.length > 0 && cells.length >= header.length) {
        rows++;
        const at = { kind: 'line', file, line: number } as const;
        header.forEach((name, i) => collector.put(NAMES[name], readSize(cells[i], unit), at));
      }
    }
    return { value: { amounts: collector.amounts, rows }, problems: [] };
  },
};

/** `-S`: k 1000, K 1024, m 1,000,000, M 1,048,576 bytes. */
function unitOf(command: string): number {
  const letter = /\s-S\s?([kKmM])\b/.exec(command)?.[1] ?? 'K';
  return { k: 1000, K: 1024, m: 1e6, M: 1024 ** 2 }[letter] ?? 1024;
}
