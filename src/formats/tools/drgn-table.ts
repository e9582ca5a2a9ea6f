import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextLine } from '../text/line.ts';
import { FEWEST_CACHES, present, type CacheRow, type CacheRows } from './cache-row.ts';
import { blockOf } from './commands.ts';
import { quantity, readCount } from './size.ts';

const HEADER = /^\s*struct kmem_cache \*\s*\|\s*name\s*\|\s*active_objs\s*\|\s*num_objs\s*\|\s*objsize\s*\|/;
const RULE = /^\s*-{5,}\s*\|[\s|-]*$/;
const ROW =
  /^\s*0x[0-9a-f]{8,16}\s*\|\s*([^|\s][^|]{0,80})\|\s*(\d{1,16})\s*\|\s*(\d{1,16})\s*\|\s*(\d{1,16})\s*\|\s*(\d{1,9})\s*\|\s*(\d{1,9})\s*$/;

const belongs = (text: string): boolean =>
  text.length < 300 && (ROW.test(text) || HEADER.test(text) || RULE.test(text));

/** Lines of the slabinfo table of drgn's contrib/slabinfo.py, columns parted by bars; 0 for anything else. */
export function claimDrgnTable(lines: readonly TextLine[], at: number): number {
  const first = lines[at]?.text ?? '';
  if (first.length > 300 || !(HEADER.test(first) || ROW.test(first))) return 0;
  return blockOf(lines, at, belongs, (text) => HEADER.test(text));
}

/**
 * Reads that table. It has no count of slabs and not the size of a page, so that the memory of a cache is its slots by
 * their size, a lower bound.
 */
export function readDrgnTable(lines: readonly TextLine[], file: string): Parsed<CacheRows> {
  const problems: Problem[] = [];
  const rows = lines.flatMap(({ text, number }): CacheRow[] => {
    const at = { kind: 'line', file, line: number } as const;
    if (HEADER.test(text) || RULE.test(text)) return [];
    const [, name, objects, slots, size] = ROW.exec(text) ?? [];
    const [all, each] = [readCount(slots), readCount(size)];
    if (name === undefined || all === undefined || each === undefined) {
      if (text.trim() !== '') problems.push({ problem: 'drgn slabinfo: unreadable row', at });
      return [];
    }
    const counts = { objects: readCount(objects), slots: all, objectSize: quantity(each), bytes: quantity(all * each) };
    return [{ name: name.trim(), at, ...present(counts) }];
  });
  return { value: { rows, whole: HEADER.test(lines[0]?.text ?? '') && rows.length >= FEWEST_CACHES }, problems };
}
