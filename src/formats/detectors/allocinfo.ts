import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import type { AllocationReport, AllocationGroup } from './allocation-report.ts';
import { own } from './stack-fold.ts';
import { bytes } from '../../base/units.ts';

const HEADER = /^\s*allocinfo - version: ?\d{1,3}\.\d{1,3}/;
const COLUMNS = /^\s*# +<size> +<calls>/;
const ROW =
  /^\s*(-?\d{1,19}|\d{1,12}(?:\.\d{1,6})? ?[kKMGTP](?:i?B|i)?|\d{1,12} ?B)\s+(-?\d{1,19})\s+([^\s:]{1,300}):(\d{1,9}) (?:\[([^\]\s]{1,80})\] )?func:(\S{1,300})(?: (accurate:no))?\s*$/;
/** The beginning of a row: size, calls, file and line. */
const HALF = /^\s*[\d.]{1,19} ?[kKMGTP]?(?:i?B|i)?\s+\d{1,19}\s+[^\s:]{1,300}:\d{1,9}\b/;
const UNITS = 'KMGTP';
const GAP = 2;

/**
 * `/proc/allocinfo`: memory in use by the line of source that allocated it, whole, sorted, or some rows of it, also
 * with sizes that a tool rounded (`numfmt --to=iec`, the kernel's own list of the largest in an out-of-memory report).
 *
 * Written by lib/alloc_tag.c, allocinfo_show(), since 6.10, where allocation profiling is built in and switched on
 * (`sysctl vm.mem_profiling`). Version 2.0 (6.18) marks rows that are not accurate.
 */
export const allocinfo: TextFormat<'allocinfo', AllocationReport> = {
  kind: 'allocinfo',
  looksFor: 'the header "allocinfo - version: 1.0", or rows such as "4136960 1010 fs/file.c:20 [module] func:name"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!HEADER.test(first) && !COLUMNS.test(first) && !isRow(first)) {
      if (joinRow(first, lines[at + 1]?.text ?? '') === undefined) return 0;
    }
    return claimRows(lines, at);
  },

  parse(lines, file): Parsed<AllocationReport> {
    const drafts = new Map<string, Draft>();
    const problems: Problem[] = [];
    let entries = 0;
    let torn = false;
    for (const { text, number } of unfold(lines)) {
      const at = { kind: 'line', file, line: number } as const;
      if (text.trim() === '' || HEADER.test(text) || text.trimStart().startsWith('#')) continue;
      const row = readRow(text);
      torn = row === undefined;
      if (!row) problems.push({ problem: 'allocinfo: unreadable row', at });
      else if (!isQuantity(row.size) || !isQuantity(row.calls))
        problems.push({ problem: `allocinfo: ${row.place}: not a possible amount, the kernel lost count`, at });
      else {
        entries++;
        if (row.size > 0 || row.calls > 0) add(drafts, row, at);
      }
    }
    const groups = [...drafts.values()].map(finish).toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
    return { value: { detector: 'allocinfo', groups, entries, cut: torn }, problems };
  },
};

interface Row {
  readonly size: number;
  readonly calls: number;
  readonly place: string;
  readonly module: string | undefined;
  readonly symbol: string;
  readonly inexact: boolean;
}

interface Draft {
  readonly row: Row;
  readonly at: Provenance;
  size: number;
  calls: number;
  inexact: boolean;
}

/** Issue trackers put rows, or parts of them, between backquotes. */
const unquote = (text: string): string => (text.includes('`') ? text.replaceAll('`', '') : text);

/** A row that mail folded before its last word, or in the middle of one with `=` at the end. */
function unfold(lines: readonly TextLine[]): readonly TextLine[] {
  const whole: TextLine[] = [];
  for (const line of lines) {
    const last = whole.at(-1);
    const joined = last === undefined || isRow(last.text) ? undefined : joinRow(last.text, line.text);
    if (last && joined !== undefined) whole[whole.length - 1] = { ...last, text: joined };
    else whole.push(line);
  }
  return whole;
}

function joinRow(first: string, second: string): string | undefined {
  if (first.length > 600 || second.length > 600 || !HALF.test(first)) return undefined;
  const joined = first.endsWith('=') ? first.slice(0, -1) + second : `${first.trimEnd()} ${second.trimStart()}`;
  return isRow(joined) ? joined : undefined;
}

const isRow = (text: string): boolean => text.includes('func:') && text.length < 2_000 && ROW.test(unquote(text));

function readRow(text: string): Row | undefined {
  const [, size = '', calls, path = '', line = '', module, symbol = '', mark] =
    (text.length < 2_000 ? ROW.exec(unquote(text)) : null) ?? [];
  if (calls === undefined) return undefined;
  const plain = /^-?\d+$/.test(size);
  const inexact = !plain || mark !== undefined;
  return {
    size: plain ? Number(size) : roundedSize(size),
    calls: Number(calls),
    place: `${path}:${line}`,
    module,
    symbol,
    inexact,
  };
}

/** `34.0G`, `512 KiB` count in 1024s, as numfmt --to=iec and the kernel write them; `34GB` and `34k` in 1000s. */
function roundedSize(text: string): number {
  const [, digits, unit = '', suffix = ''] = /^([\d.]+) ?([kKMGTP]?)(iB|i|B)?$/.exec(text) ?? [];
  const base = unit === 'k' || suffix === 'B' ? (suffix.startsWith('i') ? 1024 : 1000) : 1024;
  return Math.round(Number(digits) * base ** (unit === '' ? 0 : UNITS.indexOf(unit.toUpperCase()) + 1));
}

/** One line of source in a header is a row of its own in every module that includes it. */
function add(drafts: Map<string, Draft>, row: Row, at: Provenance): void {
  const key = `${row.place} ${row.module ?? ''} ${row.symbol}`;
  const draft = drafts.get(key);
  if (!draft) drafts.set(key, { row, at, size: row.size, calls: row.calls, inexact: row.inexact });
  else {
    draft.size += row.size;
    draft.calls += row.calls;
    draft.inexact ||= row.inexact;
  }
}

function finish({ row, at, size, calls, inexact }: Draft): AllocationGroup {
  const frame = { symbol: own(row.symbol), source: own(row.place) };
  return {
    stack: [row.module === undefined ? frame : { ...frame, module: own(row.module) }],
    count: calls,
    ...(isQuantity(size) ? { bytes: bytes(size) } : {}),
    ...(inexact ? { inexact: true as const } : {}),
    processes: [],
    samples: [],
    at,
  };
}

/** Rows up to the next header: that is another moment. Bridges blank lines and a torn row or two. */
function claimRows(lines: readonly TextLine[], at: number): number {
  let end = at + 1;
  for (let i = at + 1; i < lines.length && i - end <= GAP; i++) {
    const text = lines[i]?.text ?? '';
    if (HEADER.test(text)) break;
    if (
      isRow(text) ||
      COLUMNS.test(text) ||
      joinRow(lines[i - 1]?.text ?? '', text) !== undefined ||
      (/^\s*-?\d+\s+-?\d+ \S{3,300}$/.test(text) && i === lines.length - 1)
    )
      end = i + 1;
  }
  return end - at;
}
