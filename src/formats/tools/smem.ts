import type { Parsed, Problem } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { AmountCollector, type Amounts } from './amounts.ts';
import { blockOf } from './commands.ts';
import { quantity, readSize } from './size.ts';

export interface SmemAreas {
  readonly amounts: Amounts;
}

const HEADER = /^\s*Area\s+Used\s+Cache\s+Noncache\s*$/;
const ROW =
  /^\s*(firmware\/hardware|kernel image|kernel dynamic memory|userspace memory|free memory)\s+(\S{1,20})\s+(\S{1,20})\s+(\S{1,20})\s*$/;
const TOTAL = /^\s*(?:-{5,}|[\d.]+[KMGT]?\s+[\d.]+[KMGT]?\s+[\d.]+[KMGT]?)\s*$/;

/**
 * `smem -w`: memory by area, in KiB unless suffixed (`-k`).
 *
 * Written by smem, showsystem(): userspace is AnonPages + Mapped, its cache Mapped; the kernel's dynamic memory is
 * MemTotal − MemFree − userspace, its cache Buffers + SReclaimable + Cached − Mapped. Its noncache part is therefore
 * every kernel allocation but reclaimable slab, counted by the kernel or not.
 */
export const smem: TextFormat<'smem', SmemAreas> = {
  kind: 'smem',
  looksFor: 'the area table of smem -w: "kernel dynamic memory  2354356  2240392  113964"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (!HEADER.test(first) && !ROW.test(first)) return 0;
    return blockOf(
      lines,
      at,
      (text) => ROW.test(text) || HEADER.test(text) || TOTAL.test(text),
      (text) => HEADER.test(text),
    );
  },

  parse(lines, file): Parsed<SmemAreas> {
    const collector = new AmountCollector();
    const problems: Problem[] = [];
    const used = new Map<string, number>();
    for (const { text, number } of lines) {
      const [, area, ...cells] = ROW.exec(text) ?? [];
      if (area === undefined) continue;
      const at = { kind: 'line', file, line: number } as const;
      const [all, cache, noncache] = cells.map((c) => readSize(c, 1024));
      if (all === undefined) problems.push({ problem: 'smem: unreadable row', at });
      else used.set(area, all);
      const names = {
        'kernel dynamic memory': ['KernelCache', 'KernelNoncache'],
        'userspace memory': ['Mapped', 'AnonPages'],
      };
      if (area === 'free memory') collector.put('MemFree', all, at);
      if (area === 'kernel dynamic memory' || area === 'userspace memory') {
        collector.put(names[area][0], cache, at);
        collector.put(names[area][1], noncache, at);
      }
      const parts = ['kernel dynamic memory', 'userspace memory', 'free memory'].map((a) => used.get(a));
      collector.put('MemTotal', quantity(parts.reduce<number>((sum, part) => sum + (part ?? NaN), 0)), at);
    }
    return { value: { amounts: collector.amounts }, problems };
  },
};
