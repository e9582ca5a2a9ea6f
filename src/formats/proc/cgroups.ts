import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { isQuantity } from '../../base/units.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated } from './named-counts.ts';

/** One controller of control groups. */
export interface CgroupsRow {
  readonly controller: string;
  readonly hierarchy: number;
  /** Groups that the kernel still holds, removed ones that something pins included. */
  readonly groups: number;
  readonly enabled: boolean;
  readonly at: Provenance;
}

const HEADER = /^\s*#subsys_name\s+hierarchy\s+num_cgroups\s+enabled/;
const ROW =
  /^\s*(cpuset|cpu|cpuacct|blkio|io|memory|devices|freezer|net_cls|perf_event|net_prio|hugetlb|pids|rdma|misc|dmem|debug|ns)\s+(\d+)\s+(\d+)\s+([01])\s*$/;

/**
 * `/proc/cgroups`, whole or a row of it.
 *
 * Written by kernel/cgroup/cgroup-v1.c, proc_cgroupstats_show(), since 2.6.24; newest kernels list
 * only controllers that version 1 has.
 */
export const cgroups: TextFormat<'cgroups', readonly CgroupsRow[]> = {
  kind: 'cgroups',
  looksFor: 'the header "#subsys_name hierarchy num_cgroups enabled", or a row such as "memory 5 122 1"',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const header = HEADER.test(first) ? 1 : 0;
    if (!header && !ROW.test(first)) return 0;
    return header + claimUnrepeated(lines, at + header, (text) => ROW.exec(text)?.[1], 2);
  },

  parse(lines, file): Parsed<readonly CgroupsRow[]> {
    const rows: CgroupsRow[] = [];
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, controller, hierarchy, groups, enabled] = ROW.exec(text) ?? [];
      if (controller !== undefined && [Number(hierarchy), Number(groups)].every(isQuantity))
        rows.push({ controller, hierarchy: Number(hierarchy), groups: Number(groups), enabled: enabled === '1', at });
      else if (text.trim() !== '' && !HEADER.test(text)) problems.push({ problem: 'cgroups: unreadable row', at });
    }
    return { value: rows, problems };
  },
};
