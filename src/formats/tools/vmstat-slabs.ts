import type { Parsed, Problem } from '../../base/errors.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { present, type CacheRow, type CacheRows } from './cache-row.ts';
import { blockOf } from './commands.ts';
import { quantity, readCount } from './size.ts';

const HEADER = /^\s*Cache\s+Num\s+Total\s+Size\s+Pages\s*$/;
const ROW = /^\s*(\S(?:.{0,60}\S)?)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*$/;

/**
 * `vmstat -m`. Its column `Pages` is objects per slab, not pages, so the memory of a cache is not in it; slots × size
 * stands in for it and is a lower bound.
 *
 * Written by procps src/vmstat.c, slabformat().
 */
export const vmstatSlabs: TextFormat<'vmstat-slabs', CacheRows> = {
  kind: 'vmstat-slabs',
  looksFor: 'the header of vmstat -m: "Cache   Num  Total   Size  Pages"',
  many: false,

  claim(lines, at) {
    if (!HEADER.test(lines[at]?.text ?? '')) return 0;
    return blockOf(
      lines,
      at,
      (text) => HEADER.test(text) || ROW.test(text),
      () => false,
    );
  },

  parse(lines, file): Parsed<CacheRows> {
    const rows: CacheRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      if (text.trim() === '' || HEADER.test(text)) continue;
      const at = { kind: 'line', file, line: number } as const;
      const [, name, objects, slots, size, perSlab] = ROW.exec(text) ?? [];
      const held = quantity(Number(slots) * Number(size));
      if (name === undefined || held === undefined) {
        problems.push({ problem: 'vmstat -m: unreadable row', at });
        continue;
      }
      const slabs = Number(perSlab) > 0 ? Math.ceil(Number(slots) / Number(perSlab)) : undefined;
      const counts = { objects: readCount(objects), slots: readCount(slots), objectSize: quantity(Number(size)) };
      const known = slabs !== undefined && isQuantity(slabs) ? { slabs } : {};
      rows.push({ name, bytes: held, at, ...known, ...present(counts) });
    }
    return { value: { rows, whole: false }, problems };
  },
};
