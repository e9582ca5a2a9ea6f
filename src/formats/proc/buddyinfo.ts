import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';

/** Free blocks of one zone. */
export interface BuddyinfoRow {
  readonly node: number;
  readonly zone: string;
  /** Free blocks by order, from 0: an order-n block is 2^n pages. */
  readonly blocks: readonly number[];
  readonly at: Provenance;
}

/** At least seven orders: the rows of pagetypeinfo's second table look alike and have at most six columns. */
const ROW = /^\s*Node\s+(\d+), zone\s+(\w+)((?:\s+\d+){7,32})\s*$/;
const TORN = /^\s*Node\s+\d+, zone/;

/**
 * `/proc/buddyinfo`: free blocks of the page allocator by zone and order.
 *
 * Written by mm/vmstat.c, frag_show(), since 2.6. The number of orders depends on the configuration, mostly 11.
 */
export const buddyinfo: TextFormat<'buddyinfo', readonly BuddyinfoRow[]> = {
  kind: 'buddyinfo',
  looksFor: 'rows such as "Node 0, zone   Normal   3483    940    819 …"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!ROW.test(first)) return 0;
    return claimUnrepeated(lines, at, zoneKey, 1);
  },

  parse(lines, file): Parsed<readonly BuddyinfoRow[]> {
    const rows: BuddyinfoRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, node, zone = '', columns = ''] = ROW.exec(text) ?? [];
      const blocks = columns.trim().split(/\s+/).map(Number);
      if (node !== undefined && [Number(node), ...blocks].every(isQuantity))
        rows.push({ node: Number(node), zone, blocks, at });
      else if (TORN.test(text)) problems.push({ problem: 'buddyinfo: unreadable row', at });
    }
    return { value: rows, problems };
  },
};

/** Node and zone, which come again where the next moment's file begins. */
function zoneKey(text: string): string | undefined {
  const [, node, zone] = ROW.exec(text) ?? [];
  return node === undefined ? undefined : `${node} ${zone}`;
}
