import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { textAt } from './commands.ts';
import { quantity } from './size.ts';
import { readRowTime, type RowTime } from './table-time.ts';

/** A table somebody kept by hand or by a script: moments against fields of meminfo. */
export interface MemoryTable {
  readonly rows: readonly MemoryTableRow[];
}
export interface MemoryTableRow {
  /** The first cell as it stands: `00:45`, `day 3`, an ISO time. */
  readonly label: string;
  /** What the label says of the time, where it says something. */
  readonly time?: RowTime;
  /** By meminfo's names. */
  readonly amounts: Amounts;
  readonly at: Provenance;
}

const FIELD =
  /^(MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapCached|SwapTotal|SwapFree|Active|Inactive|Unevictable|AnonPages|Mapped|Shmem|KReclaimable|Slab|SReclaimable|SUnreclaim|KernelStack|PageTables|VmallocUsed|Percpu|Committed_AS)(?:[\s_([]*(kB|KB|KiB|MB|MiB|GB|GiB|bytes|B|k|K|M|G)[)\]]?)?$/i;
const MOMENT =
  /^(?:#|n|date|day|days|hours?|min|minutes?|time|timestamp|when|uptime|sample|at|epoch|elapsed|date ?\/ ?time|datetime|iteration|step|run|loop|cycle)\b/i;
const VALUE = /^(\d[\d.,' ]{0,24}?)\s*(kB|KB|KiB|MB|MiB|GB|GiB|bytes|B|k|K|M|G)?$/;
const RULE = /^[\s|:+-]*-[\s|:+-]*$/;
const SPELLING = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'SwapCached',
  'SwapTotal',
  'SwapFree',
  'Active',
  'Inactive',
  'Unevictable',
  'AnonPages',
  'Mapped',
  'Shmem',
  'KReclaimable',
  'Slab',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'VmallocUsed',
  'Percpu',
  'Committed_AS',
];

/** Tables in Markdown (pipes) or CSV (commas, semicolons, tabs). Units: the value's, else the column's, else KiB. */
export const memoryTable: TextFormat<'memory-table', MemoryTable> = {
  kind: 'memory-table',
  looksFor: 'a table of times against meminfo fields: "Time | MemAvailable | SUnreclaim", or CSV alike',
  many: true,

  claim(lines, at) {
    const header = headerOf(lines[at]?.text ?? '');
    if (!header) return 0;
    let end = at + 1;
    while (end < lines.length) {
      const text = lines[end]?.text ?? '';
      const row =
        text.length < 2_000 && (RULE.test(text) || cellsOf(text, header.separator).length === header.cells.length);
      if (!row || headerOf(text)) break;
      end++;
    }
    return end - at > 1 ? end - at : 0;
  },

  parse(lines, file): Parsed<MemoryTable> {
    const rows: MemoryTableRow[] = [];
    const problems: Problem[] = [];
    const header = headerOf(textAt(lines, 0));
    if (!header) return { value: { rows }, problems };
    const [moment = '', ...columns] = header.cells;
    for (const { text, number } of lines.slice(1)) {
      if (text.trim() === '' || RULE.test(text)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const [label = '', ...cells] = cellsOf(text, header.separator);
      const amounts = readRow(columns, cells, at);
      const time = readRowTime(label, moment, rows.at(-1)?.time);
      if (amounts.size > 0) rows.push({ label, ...(time ? { time } : {}), amounts, at });
      else problems.push({ problem: 'memory table: no value in the row could be read', at });
    }
    return { value: { rows }, problems };
  },
};

function readRow(header: readonly string[], cells: readonly string[], at: Provenance): Amounts {
  const collector = new AmountCollector();
  for (const [i, column] of header.entries()) {
    const [, field, unit] = FIELD.exec(column) ?? [];
    if (field !== undefined) collector.put(spelled(field), readValue(cells[i] ?? '', unit), at);
  }
  return collector.amounts;
}

const spelled = (field: string): string => SPELLING.find((s) => s.toLowerCase() === field.toLowerCase()) ?? field;

/** The header's cells, where it is one: a moment first, then at least one field of meminfo. */
function headerOf(text: string): { readonly cells: readonly string[]; readonly separator: string } | undefined {
  if (text.length > 1_000 || !/mem|slab|recl|cached/i.test(text)) return undefined;
  const separator = ['|', '\t', ';', ','].find((s) => text.includes(s));
  if (separator === undefined) return undefined;
  const cells = cellsOf(text, separator);
  return MOMENT.test(cells[0] ?? '') && cells.slice(1).some((c) => FIELD.test(c)) ? { cells, separator } : undefined;
}

/** Cells of a row, trimmed and without quotes; the outer pipes of Markdown make none. */
function cellsOf(text: string, separator: string): readonly string[] {
  const inner = separator === '|' ? text.trim().replace(/^\|/, '').replace(/\|$/, '') : text;
  const quoted = separator === ',' && text.includes('"');
  const cells = quoted
    ? [...inner.matchAll(/(?:^|,)(?:"([^"]*)"|([^",]*))/g)].map((m) => m[1] ?? m[2] ?? '')
    : inner.split(separator);
  return cells.map((cell) => cell.trim());
}

/**
 * `90.720 kB` is 90,720 kB: nobody prints thousandths of one, so groups of three digits are thousands. With larger
 * units a single group is a fraction.
 */
function readValue(cell: string, columnUnit: string | undefined): Bytes | undefined {
  const [, digits = '', own] = VALUE.exec(cell) ?? [];
  if (digits === '') return undefined;
  const letter = (own ?? columnUnit ?? 'k')[0]?.toUpperCase() ?? 'K';
  const groups = /^\d{1,3}(?:[.,' ]\d{3})+$/.test(digits);
  const small = letter === 'K' || letter === 'B';
  const thousands = groups && (small || digits.split(/[.,' ]/).length > 2);
  const n = Number(thousands ? digits.replaceAll(/[.,' ]/g, '') : digits.replace(',', '.'));
  return quantity(n * ({ B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[letter] ?? NaN));
}
