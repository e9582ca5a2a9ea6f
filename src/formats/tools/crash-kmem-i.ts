import type { Parsed, Problem } from '../../base/errors.ts';
import type { Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { blockOf, crashCommand } from './commands.ts';
import { quantity, readCount, readSize } from './size.ts';

export interface CrashKmemI {
  readonly amounts: Amounts;
  /** Told by the ratio of the columns TOTAL and PAGES. */
  readonly pageSize?: Bytes;
}

const HEADER = /^\s*PAGES\s+TOTAL\s+PERCENTAGE\s*$/;
const ROW =
  /^\s*(TOTAL MEM|FREE|USED|SHARED|BUFFERS|CACHED|SLAB|TOTAL HUGE|HUGE FREE|TOTAL SWAP|SWAP USED|SWAP FREE|COMMIT LIMIT|COMMITTED|TOTAL HIGH|FREE HIGH|TOTAL LOW|FREE LOW)\s+(\d+)\s+(\d+(?:\.\d+)?(?:\s[KMGT]B)?)(?:\s+(?:-+|\d+%.*))?\s*$/;
/** SHARED is pages mapped more than once, not Shmem. */
const NAMES: Readonly<Record<string, string>> = {
  'TOTAL MEM': 'MemTotal',
  FREE: 'MemFree',
  USED: 'Used',
  BUFFERS: 'Buffers',
  CACHED: 'Cached',
  SLAB: 'Slab',
  'TOTAL HUGE': 'Hugetlb',
  'HUGE FREE': 'HugetlbFree',
  'TOTAL SWAP': 'SwapTotal',
  'SWAP FREE': 'SwapFree',
  'COMMIT LIMIT': 'CommitLimit',
  COMMITTED: 'Committed_AS',
};
const PAGE_SIZES = [4096, 8192, 16_384, 65_536];

/**
 * `kmem -i` of crash, pasted, with or without its prompt. Amounts are PAGES × page size: TOTAL is rounded.
 *
 * Written by crash memory.c, dump_kmeminfo().
 */
export const crashKmemI: TextFormat<'crash-kmem-i', CrashKmemI> = {
  kind: 'crash-kmem-i',
  looksFor: 'the table of crash\'s kmem -i: "TOTAL MEM   981585       3.7 GB"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const asked = /^kmem\s+-i/.test(crashCommand(first) ?? '');
    if (!asked && !HEADER.test(first) && !/^\s*TOTAL MEM\s+\d/.test(first)) return 0;
    const ends = (text: string): boolean => crashCommand(text) !== undefined || /^\s*TOTAL MEM\s/.test(text);
    const head = asked || HEADER.test(first) ? 1 + (HEADER.test(lines[at + 1]?.text ?? '') ? 1 : 0) : 0;
    return head + blockOf(lines, at + head, (text) => ROW.test(text) || HEADER.test(text), ends);
  },

  parse(lines, file): Parsed<CrashKmemI> {
    const problems: Problem[] = [];
    const rows = lines.flatMap(({ text, number }) => {
      const [, label, pages, total] = ROW.exec(text) ?? [];
      const at = { kind: 'line', file, line: number } as const;
      if (label !== undefined)
        return [{ label, pages: readCount(pages), total: readSize(total?.replace(' ', '')), at }];
      if (/^\s*[A-Z]{3,}/.test(text) && !HEADER.test(text)) problems.push({ problem: 'kmem -i: unreadable row', at });
      return [];
    });
    const pageSize = pageSizeOf(rows);
    const collector = new AmountCollector();
    for (const { label, pages, total, at } of rows) {
      const exact = pageSize === undefined || pages === undefined ? total : quantity(pages * pageSize);
      collector.put(NAMES[label], exact, at);
    }
    return { value: { amounts: collector.amounts, ...(pageSize === undefined ? {} : { pageSize }) }, problems };
  },
};

/** The row with most pages has the smallest error of rounding: TOTAL shows at least two digits. */
function pageSizeOf(
  rows: readonly { readonly pages: number | undefined; readonly total: number | undefined }[],
): Bytes | undefined {
  const [largest] = rows
    .flatMap(({ pages, total }) => (pages !== undefined && total !== undefined && pages > 0 ? [{ pages, total }] : []))
    .toSorted((a, b) => b.pages - a.pages);
  if (!largest) return undefined;
  const ratio = largest.total / largest.pages;
  const fit = PAGE_SIZES.find((size) => ratio > size * 0.75 && ratio < size * 1.3);
  return fit === undefined ? undefined : quantity(fit);
}
