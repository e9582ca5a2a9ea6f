import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import type { TextFormat } from '../text/text-format.ts';

/** Free blocks of one zone and one migrate type. */
export interface PagetypeRow {
  readonly node: number;
  readonly zone: string;
  /** `Unmovable`, `Movable`, `Reclaimable`, `HighAtomic`, `CMA`, `Isolate`; `Reserve` on old kernels. */
  readonly type: string;
  /** Free blocks by order, from 0. */
  readonly blocks: readonly number[];
  /** True where the kernel stopped counting a list and printed `>100000`: that number is then a lower bound. */
  readonly overflow: boolean;
  readonly at: Provenance;
}

/** Pageblocks of one zone by migrate type. */
export interface PageblockRow {
  readonly node: number;
  readonly zone: string;
  readonly blocks: ReadonlyMap<string, number>;
  readonly at: Provenance;
}

export interface Pagetypeinfo {
  readonly pagesPerBlock?: number;
  readonly free: readonly PagetypeRow[];
  readonly pageblocks: readonly PageblockRow[];
}

const HEAD = /^\s*(?:Page block order:|Pages per block:|Free pages count per migrate type)/;
const TITLES = /^\s*Number of (?:mixed )?blocks type\s+(\S.*)$/;
const FREE = /^\s*Node\s+(\d+), zone\s+(\w+), type\s+(\w+)((?:\s+>?\d+){1,32})\s*$/;
const PER_ZONE = /^\s*Node\s+(\d+), zone\s+(\w+)((?:\s+\d+){1,16})\s*$/;
/** A row of buddyinfo, which has more orders than there are types. */
const BUDDYINFO = /^\s*Node\s+\d+, zone\s+\w+(?:\s+\d+){7}/;
const TORN = /^\s*Node\s+\d+, zone/;

/**
 * `/proc/pagetypeinfo`: free blocks by zone, migrate type and order, and pageblocks by type.
 *
 * Written by mm/vmstat.c, pagetypeinfo_show(), since 2.6.24. From 5.4 on a list longer than 100,000 reads `>100000`.
 */
export const pagetypeinfo: TextFormat<'pagetypeinfo', Pagetypeinfo> = {
  kind: 'pagetypeinfo',
  looksFor: '"Page block order: 9", or rows such as "Node 0, zone Normal, type Unmovable 2546 …"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!HEAD.test(first) && !FREE.test(first)) return 0;
    let end = at;
    let rows = false;
    for (let i = at; i < lines.length && i - end <= 2; i++) {
      const text = lines[i]?.text ?? '';
      if (BUDDYINFO.test(text) || (rows && /^\s*Page block order:/.test(text))) break;
      if (!HEAD.test(text) && !TITLES.test(text) && !TORN.test(text)) continue;
      rows ||= TORN.test(text);
      end = i + 1;
    }
    return end - at;
  },

  parse(lines, file): Parsed<Pagetypeinfo> {
    const free: PagetypeRow[] = [];
    const pageblocks: PageblockRow[] = [];
    const problems: Problem[] = [];
    let pagesPerBlock: number | undefined;
    let titles: readonly string[] = [];
    for (const line of lines) {
      const at = { kind: 'line', file, line: line.number } as const;
      const size = /^\s*Pages per block:\s*(\d{1,9})\s*$/.exec(line.text)?.[1];
      if (size !== undefined) pagesPerBlock = Number(size);
      titles = TITLES.exec(line.text)?.[1]?.trim().split(/\s+/) ?? titles;
      const row = readFree(line, at);
      const blocks = row ? undefined : readPageblocks(line, titles, at);
      if (row) free.push(row);
      else if (blocks) pageblocks.push(blocks);
      else if (TORN.test(line.text)) problems.push({ problem: 'pagetypeinfo: unreadable row', at });
    }
    return { value: { ...(pagesPerBlock === undefined ? {} : { pagesPerBlock }), free, pageblocks }, problems };
  },
};

function readFree({ text }: TextLine, at: Provenance): PagetypeRow | undefined {
  const [, node, zone = '', type = '', columns = ''] = FREE.exec(text) ?? [];
  const blocks = columns
    .trim()
    .split(/\s+/)
    .map((column) => Number(column.replace('>', '')));
  if (node === undefined || ![Number(node), ...blocks].every(isQuantity)) return undefined;
  return { node: Number(node), zone, type, blocks, overflow: columns.includes('>'), at };
}

function readPageblocks({ text }: TextLine, titles: readonly string[], at: Provenance): PageblockRow | undefined {
  const [, node, zone = '', columns = ''] = PER_ZONE.exec(text) ?? [];
  const counts = columns.trim().split(/\s+/).map(Number);
  if (node === undefined || titles.length !== counts.length || ![Number(node), ...counts].every(isQuantity))
    return undefined;
  return { node: Number(node), zone, blocks: new Map(titles.map((title, i) => [title, counts[i] ?? 0])), at };
}
