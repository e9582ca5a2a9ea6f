import { FormatError, type Parsed } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { isNamed, standsAlone } from './standing-alone.ts';

/** Memory of one zram device. */
export interface ZramMmStat {
  /** What was written to it. */
  readonly original: Bytes;
  readonly compressed: Bytes;
  /** What it holds, the allocator's losses included. */
  readonly used: Bytes;
  readonly at: Provenance;
}

const ROW = /^\s*(\d+(?:\s+\d+){6,8})\s*$/;
const numbersOf = (text: string): readonly number[] => (ROW.exec(text)?.[1] ?? '').split(/\s+/).map(Number);

/**
 * `/sys/block/zramN/mm_stat`: seven to nine numbers on one line.
 *
 * Written by drivers/block/zram/zram_drv.c, mm_stat_show(), since 4.1: orig_data_size compr_data_size mem_used_total
 * mem_limit mem_used_max same_pages pages_compacted and, on newer kernels, huge_pages and huge_pages_since.
 */
export const zramMmStat: TextFormat<'zram-mm-stat', ZramMmStat> = {
  kind: 'zram-mm-stat',
  looksFor: 'a line of seven to nine numbers below a prompt or heading that names mm_stat',
  many: true,

  claim(lines, at) {
    const text = lines[at]?.text ?? '';
    if (!ROW.test(text)) return 0;
    const numbers = numbersOf(text);
    const [original = 0, compressed = 0, used = 0, , most = 0] = numbers;
    const plausible = compressed <= used && used <= most && original % 4096 === 0 && used % 4096 === 0 && used > 0;
    if (isNamed(lines, at, /\bmm_stat\b/)) return 1;
    return numbers.length > 7 && plausible && standsAlone(lines, at, /\bmm_stat\b/) ? 1 : 0;
  },

  parse(lines, file): Parsed<ZramMmStat> {
    const at = { kind: 'line', file, line: lines[0]?.number ?? 1 } as const;
    const [original = NaN, compressed = NaN, used = NaN] = numbersOf(lines[0]?.text ?? '');
    if (![original, compressed, used].every(isQuantity)) throw new FormatError('zram-mm-stat', 'not seven numbers', at);
    return { value: { original: bytes(original), compressed: bytes(compressed), used: bytes(used), at }, problems: [] };
  },
};
