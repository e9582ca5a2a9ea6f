import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, pages, type Bytes, type Pages } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';
import { readKernelRow, type RowFields } from './slabinfo-row.ts';

/** One cache as slabinfo has it. Names may repeat: one cache per device, per memory cgroup. */
export interface SlabinfoRow {
  readonly name: string;
  readonly activeObjects: number;
  readonly totalObjects: number;
  readonly objectSize: Bytes;
  readonly objectsPerSlab: number;
  readonly pagesPerSlab: Pages;
  readonly slabs: number;
  readonly at: Provenance;
}

export interface Slabinfo {
  readonly rows: readonly SlabinfoRow[];
  /** True where the header line was there: the table is then the whole of it, not a row or two cut out. */
  readonly whole: boolean;
}

const HEADER = /^\s*slabinfo - version: \d\.\d/;
const COLUMNS = /^\s*#\s*name\s+<active_objs>/;
/** Release 2.x. Names may hold blanks (`dnotify cache` on old kernels), so the row is anchored on the colons. */
const ROW_2 =
  /^\s*(\S(?:.*?\S)?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*:\s*tunables((?:\s+\d+)*)\s*:\s*slabdata\s+(\d+)\s+(\d+)\s+(\d+)/;
/** Release 1.x, kernel 2.4: name active total size active_slabs slabs pages_per_slab [: limit batchcount]. */
const ROW_1 = /^\s*(\S(?:.*?\S)?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)(?:\s*:.*)?$/;

/**
 * `/proc/slabinfo`, releases 1.x and 2.x, SLAB and SLUB, with or without statistics; also single rows cut out of it.
 *
 * Written by mm/slab_common.c, slab_show() (2.6 and 5.x: mm/slab.c, s_show()). Caches that the kernel merged appear
 * once, under the name of the first; docs/formats/slabinfo.md says what that hides.
 */
export const slabinfo: TextFormat<'slabinfo', Slabinfo> = {
  kind: 'slabinfo',
  looksFor: 'the header "slabinfo - version: 2.1", or rows with ": tunables … : slabdata …"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (HEADER.test(first)) return rowsBehind(lines, at, columnsAt(lines, at + 1), /version: 1\./.test(first));
    if (COLUMNS.test(first)) return rowsBehind(lines, at, at + 1, false);
    return ROW_2.test(first) ? runOf(lines, at, isRow2, 2, beginsTable) : 0;
  },

  parse(lines, file): Parsed<Slabinfo> {
    const rows: SlabinfoRow[] = [];
    const problems: Problem[] = [];
    let old = false;
    let whole = false;
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const row = old ? readRow1(text, at) : readRow2(text, at);
      if (row) rows.push(row);
      else if (HEADER.test(text)) {
        whole = true;
        old = /version: 1\./.test(text);
      } else if (text.trim() !== '' && !text.trimStart().startsWith('#')) {
        problems.push({ problem: 'slabinfo: unreadable row', at });
      }
    }
    return { value: { rows, whole }, problems };
  },
};

const beginsTable = (text: string): boolean => HEADER.test(text) || COLUMNS.test(text);
/** What stands in a row and in no other table's; whether the row can be read is seen when it is. */
const isRow2 = (text: string): boolean => text.includes('slabdata') && text.includes('tunables');

/** The line behind the titles, which follow the version, perhaps behind a blank line; else that behind the version. */
function columnsAt(lines: readonly TextLine[], at: number): number {
  for (let i = at; i < at + 3; i++) if (COLUMNS.test(lines[i]?.text ?? '')) return i + 1;
  return at;
}

/** A table ends where the next one begins, also where no time stamp stands between them. */
const rowsBehind = (lines: readonly TextLine[], at: number, first: number, old: boolean): number =>
  first - at + runOf(lines, first, old ? (text) => ROW_1.test(text) : isRow2, 3, beginsTable);

function readRow2(text: string, at: Provenance): SlabinfoRow | undefined {
  const fields = readKernelRow(text) ?? matchRow2(text);
  if (!fields) return undefined;
  const [activeObjects, totalObjects, objectSize, objectsPerSlab, pagesPerSlab] = fields.sizes;
  return {
    name: fields.name,
    activeObjects,
    totalObjects,
    objectSize: bytes(objectSize),
    objectsPerSlab,
    pagesPerSlab: pages(pagesPerSlab),
    slabs: fields.slabdata[1],
    at,
  };
}

function matchRow2(text: string): RowFields | undefined {
  const [, name = '', active, total, size, perSlab, perPage, , slabsInUse, slabs, shared] = ROW_2.exec(text) ?? [];
  const sizes = [Number(active), Number(total), Number(size), Number(perSlab), Number(perPage)] as const;
  const slabdata = [Number(slabsInUse), Number(slabs), Number(shared)] as const;
  return sizes.every(isQuantity) && isQuantity(slabdata[1]) ? { name, sizes, slabdata } : undefined;
}

function readRow1(text: string, at: Provenance): SlabinfoRow | undefined {
  const [, name = '', ...digits] = ROW_1.exec(text) ?? [];
  const [active = NaN, total = NaN, size = NaN, , slabs = NaN, pagesPerSlab = NaN] = digits.map(Number);
  if (name === '' || ![active, total, size, slabs, pagesPerSlab].every(isQuantity)) return undefined;
  return {
    name,
    activeObjects: active,
    totalObjects: total,
    objectSize: bytes(size),
    objectsPerSlab: slabs > 0 ? Math.floor(total / slabs) : 0,
    pagesPerSlab: pages(pagesPerSlab),
    slabs,
    at,
  };
}
