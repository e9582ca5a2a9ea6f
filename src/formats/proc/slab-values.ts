import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One file of one cache's folder in /sys/kernel/slab. */
export interface SlabValue {
  readonly cache: string;
  /** `reclaim_account`, `order`, `cpu_slabs`, … */
  readonly name: string;
  /** As the file has it: `1`; some have a number for each node behind a sum. */
  readonly value: string;
  readonly at: Provenance;
}

const ROW = /^\s*\/sys\/kernel\/slab\/([^\s/]{1,100})\/([a-z_]{2,40}):\s*(\S.{0,400}?)\s*$/;
const BEGINS = /^\s*\/sys\/kernel\/slab\/[^\s/]{1,100}\/[a-z_]{2,40}:/;
/** Lists of callers, which are a format of their own. */
const LISTS = /\/(?:alloc|free)_(?:calls|traces):/;

const belongs = (text: string): boolean => BEGINS.test(text) && !LISTS.test(text);

/**
 * Files of `/sys/kernel/slab`, as `grep . /sys/kernel/slab/*\/reclaim_account` lists them.
 *
 * Written by mm/slub.c, one show function for each (slab_attrs[]); SLUB only.
 */
export const slabValues: TextFormat<'slab-values', readonly SlabValue[]> = {
  kind: 'slab-values',
  looksFor: 'lines such as "/sys/kernel/slab/dentry/reclaim_account:1"',
  many: true,

  claim(lines, at) {
    return belongs(lines[at]?.text ?? '') ? runOf(lines, at, belongs) : 0;
  },

  parse(lines, file): Parsed<readonly SlabValue[]> {
    const values: SlabValue[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, cache, name, value] = ROW.exec(text) ?? [];
      if (cache !== undefined && name !== undefined && value !== undefined) values.push({ cache, name, value, at });
      else problems.push({ problem: 'slab-values: unreadable line', at });
    }
    return { value: values, problems };
  },
};
