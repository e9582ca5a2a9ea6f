import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';
import { FEWEST_CACHES, type CacheRow, type CacheRows } from './cache-row.ts';
import { blockOf, crashCommand, nextFilled } from './commands.ts';
import { claimDrgnTable, readDrgnTable } from './drgn-table.ts';
import { CACHE_HEADER, isCacheRow, readCacheRow } from './crash-cache-row.ts';

const NOTE = /^\s*(?:kmem: |NOTE: |WARNING: )/;
const DRGN =
  /^\s*(?:=+ MODULE slabinfo =+|(?:drgn>|>>>)\s.*\b(?:slab|kmem)|(?:\S*[$#]\s+)?.{0,40}\bcorelens\b.*\bslabinfo\b)/;
const SECTION = /^\s*(?:SLAB|KMEM_CACHE_NODE|CPU \d+ KMEM_CACHE_CPU:)(?:\s|$)/;

/**
 * `kmem -s` of crash, pasted; both orders of columns, cut anywhere, with its NOTE lines. Without a header, rows alone.
 *
 * Written by crash memory.c, dump_kmem_cache_slub() and dump_kmem_cache_percpu_v2().
 */
export const crashKmemS: TextFormat<'crash-kmem-s', CacheRows> = {
  kind: 'crash-kmem-s',
  looksFor: 'the table of crash\'s kmem -s: "CACHE  OBJSIZE  ALLOCATED  TOTAL  SLABS  SSIZE  NAME"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const asked = /^kmem\s+-s/.test(crashCommand(first) ?? '');
    if (!asked && !CACHE_HEADER.test(first) && !isCacheRow(first)) return 0;
    return claimTable(lines, at);
  },

  parse: (lines, file) =>
    readTable(lines, file, 'kmem -s', /^kmem\s+-s\s*$/.test(crashCommand(lines[0]?.text ?? '') ?? '')),
};

/**
 * The slabinfo table of drgn-tools and corelens, told from crash's by what stands above it (drgn_tools/slabinfo.py), or
 * that of drgn's own contrib/slabinfo.py, told by its bars.
 */
export const drgnSlabs: TextFormat<'drgn-slabs', CacheRows> = {
  kind: 'drgn-slabs',
  looksFor: 'corelens\' "====== MODULE slabinfo ======" with a table "CACHE  OBJSIZE  ALLOCATED …" below',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const table = claimDrgnTable(lines, at);
    if (table > 0) return table;
    if (first.length > 300 || !DRGN.test(first)) return 0;
    const header = nextFilled(lines, at + 1);
    return header >= 0 && CACHE_HEADER.test(lines[header]?.text ?? '') ? header - at + claimTable(lines, header) : 0;
  },

  parse: (lines, file) =>
    claimDrgnTable(lines, 0) > 0 ? readDrgnTable(lines, file) : readTable(lines, file, 'drgn slabinfo', true),
};

const claimTable = (lines: readonly TextLine[], at: number): number =>
  blockOf(
    lines,
    at,
    (text) =>
      crashCommand(text) !== undefined ||
      CACHE_HEADER.test(text) ||
      isCacheRow(text) ||
      NOTE.test(text) ||
      /^\s*\.{2,}/.test(text),
    (text) => crashCommand(text) !== undefined || SECTION.test(text),
  ) || 1;

function readTable(lines: readonly TextLine[], file: string, what: string, all: boolean): Parsed<CacheRows> {
  const rows: CacheRow[] = [];
  const problems: Problem[] = [];
  let cut = false;
  for (const { text, number } of lines) {
    const at = { kind: 'line', file, line: number } as const;
    const row = readCacheRow(text, at);
    if (row) {
      rows.push(row);
      if (row.bytes === undefined) problems.push({ problem: `${what}: ${row.name} could not be counted`, at });
    } else if (NOTE.test(text)) problems.push({ problem: text.trim().slice(0, 200), at });
    else if (/^\s*\.{2,}/.test(text)) cut = true;
    else if (/^\s*[0-9a-f]{8}/.test(text)) problems.push({ problem: `${what}: unreadable row`, at });
  }
  return { value: { rows, whole: all && !cut && rows.length >= FEWEST_CACHES }, problems };
}
