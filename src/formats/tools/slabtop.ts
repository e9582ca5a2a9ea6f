import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { present, type CacheRow } from './cache-row.ts';
import { blockOf } from './commands.ts';
import { quantity, readCount, readSize } from './size.ts';

/** What slabtop prints above its table: sums over every cache, listed or not. Lines that were cut are absent. */
export interface SlabtopTotals {
  readonly activeObjects?: number;
  readonly objects?: number;
  readonly slabs?: number;
  /** From "Active / Total Size": objects in use, and all slots. */
  readonly size?: { readonly used: Bytes; readonly held: Bytes; readonly at: Provenance };
}
export interface Slabtop {
  readonly totals: SlabtopTotals;
  readonly rows: readonly CacheRow[];
}

const TOTAL = /^\s*Active \/ Total (Objects|Slabs|Caches|Size) \(% used\)\s*:\s*(\S{1,30})\s*\/\s*(\S{1,30})/;
const TOP = /^\s*Active \/ Total Objects/;
const OTHER = /^\s*(?:Minimum \/ Average \/ Maximum Object\s*:|OBJS\s+ACTIVE\s+USE\s+OBJ)/;
const ROW =
  /^\s*(\d+)\s+(\d+)\s+(\d+)%\s+(\d+(?:[.,]\d+)?[BKMG]?i?)\s+(\d+)\s+(\d+)\s+(\d+(?:[.,]\d+)?[BKMG]?i?)\s+(\S(?:.{0,100}\S)?)\s*$/;

/**
 * `slabtop` in any order of sorting, header and table, or either of them, cut at the top or at the bottom.
 *
 * Written by procps src/slabtop.c (3.x: slabtop.c); 4.0.6 can print sizes with `--human`.
 */
export const slabtop: TextFormat<'slabtop', Slabtop> = {
  kind: 'slabtop',
  looksFor:
    'slabtop\'s "Active / Total Objects (% used)" or its rows "83628  83586  99%    0.38K   3987   21   31896K kmalloc-128"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!TOTAL.test(first) && !OTHER.test(first) && !ROW.test(first)) return 0;
    return blockOf(lines, at, belongs, (text) => TOP.test(text));
  },

  parse(lines, file): Parsed<Slabtop> {
    const rows: CacheRow[] = [];
    const problems: Problem[] = [];
    let totals: SlabtopTotals = {};
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const total = TOTAL.exec(text);
      const row = readRow(text, at);
      if (total) totals = { ...totals, ...readTotal(total, at) };
      else if (row) rows.push(row);
      else if (/^\s*\d/.test(text)) problems.push({ problem: 'slabtop: unreadable row', at });
    }
    return { value: { totals, rows }, problems };
  },
};

const belongs = (text: string): boolean => ROW.test(text) || TOTAL.test(text) || OTHER.test(text);

function readTotal([, what, first, second]: readonly string[], at: Provenance): SlabtopTotals {
  const [active, total] = [readCount(first), readCount(second)];
  const [used, held] = [readSize(first, 1024), readSize(second, 1024)];
  if (what === 'Objects') return present({ activeObjects: active, objects: total });
  if (what === 'Slabs') return present({ slabs: total });
  return what === 'Size' && used !== undefined && held !== undefined ? { size: { used, held, at } } : {};
}

function readRow(text: string, at: Provenance): CacheRow | undefined {
  const [, slots, objects, , size, slabs, perSlab, held, name = ''] = ROW.exec(text) ?? [];
  const bytes = readSize(held, 1024);
  if (name === '' || bytes === undefined) return undefined;
  const counts = { slots: readCount(slots), objects: readCount(objects), slabs: readCount(slabs) };
  const objectSize = slotSize(readSize(size, 1024), bytes / Number(slabs), Number(perSlab));
  return { name, at, bytes, ...present({ ...counts, objectSize }) };
}

/**
 * slabtop rounds sizes to hundredths of a KiB. Slots are multiples of 8 bytes, and as many as fit are in a slab: of the
 * sizes that round to the one printed, take one that fits, the roundest first.
 */
function slotSize(printed: Bytes | undefined, slab: number, perSlab: number): Bytes | undefined {
  if (printed === undefined) return undefined;
  const first = Math.ceil((printed - 5.63) / 8) * 8;
  const near = [first, first + 8].filter((n) => n > 0 && n <= printed + 5.63);
  const fitting = near.filter((n) => Math.floor(slab / n) === perSlab);
  const [best = printed] = (fitting.length > 0 ? fitting : near).toSorted((a, b) => roundness(b) - roundness(a));
  return quantity(best);
}

/** The largest power of two that divides it. */
const roundness = (n: number): number => n & -n;
