import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated, namedRow, readNamedCounts, type NamedCount } from './named-counts.ts';

/** How many control groups are below one, alive and dying. */
export interface CgroupStat {
  readonly descendants?: NamedCount;
  /** Removed by user space, and still held by something in the kernel. */
  readonly dying?: NamedCount;
}

const ROW = /^nr_(?:dying_)?(?:descendants|subsys_\w{1,20})$/;
const FIRST = /^\s*nr_(?:dying_)?descendants\s+\d+\s*$/;

const nameOf = (text: string): string | undefined => {
  const name = namedRow(text);
  return name !== undefined && ROW.test(name) ? name : undefined;
};

/**
 * `cgroup.stat` of the root of cgroup version 2.
 *
 * Written by kernel/cgroup/cgroup.c, cgroup_stat_show(), since 4.14; 6.13 adds the counts of each controller.
 */
export const cgroupStat: TextFormat<'cgroup-stat', CgroupStat> = {
  kind: 'cgroup-stat',
  looksFor: 'the rows "nr_descendants 45" and "nr_dying_descendants 3"',
  many: false,

  claim(lines, at) {
    return FIRST.test(lines[at]?.text ?? '') ? claimUnrepeated(lines, at, nameOf, 0) : 0;
  },

  parse(lines, file): Parsed<CgroupStat> {
    const { counts, problems } = readNamedCounts('cgroup-stat', lines, file);
    const [descendants, dying] = [counts.get('nr_descendants'), counts.get('nr_dying_descendants')];
    return { value: { ...(descendants ? { descendants } : {}), ...(dying ? { dying } : {}) }, problems };
  },
};
