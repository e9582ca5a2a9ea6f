import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One row of a table by NUMA node. */
export interface NumastatRow {
  readonly name: string;
  /** By node, in the order of the table's columns; one value where it is the file of a single node. */
  readonly values: readonly number[];
  /** The `Total` column of `numastat -m`. */
  readonly total?: number;
  readonly at: Provenance;
}

export interface Numastat {
  /** What the numbers are: allocations since boot, or MiB with two decimals. */
  readonly unit: 'allocations' | 'mebibytes';
  readonly rows: readonly NumastatRow[];
}

const FILE_ROW = /^\s*(?:numa_hit|numa_miss|numa_foreign|interleave_hit|local_node|other_node)(?:\s+\d+){1,64}\s*$/;
const FIRST = /^\s*numa_hit(?:\s+\d+){1,64}\s*$/;
const NODES = /^\s*node\d+(?:\s+node\d+){0,63}\s*$/;
const TITLE = /^\s*Per-node system memory usage \(in MBs\)/;
const COLUMNS = /^\s*Node \d+(?:\s+Node \d+){0,63}(?:\s+Total)?\s*$/;
const RULE = /^[\s-]*-{4,}[\s-]*$/;
const TABLE_ROW = /^\s*([A-Z][A-Za-z_]+(?:\((?:anon|file)\))?)((?:\s+\d+(?:\.\d+)?){1,65})\s*$/;
/** Rows that vmstat does not have beside its own numa_hit. */
const FILE_ONLY = /^\s*(?:interleave_hit|local_node|other_node)\s/;

/**
 * `numastat` of one node (/sys/devices/system/node/nodeN/numastat), of all (the command), and `numastat -m`.
 *
 * Written by drivers/base/node.c, node_read_numastat(), and numactl's numastat.c. Long tables of many nodes, which the
 * command breaks into several, are read as several blocks.
 */
export const numastat: TextFormat<'numastat', Numastat> = {
  kind: 'numastat',
  looksFor: '"Per-node system memory usage (in MBs):", or the rows numa_hit, numa_miss … local_node, other_node',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    if (TITLE.test(first)) {
      return 1 + runOf(lines, at + 1, (t) => COLUMNS.test(t) || RULE.test(t) || TABLE_ROW.test(t), 2);
    }
    const head = NODES.test(first) ? 1 : 0;
    if (!FIRST.test(lines[at + head]?.text ?? '')) return 0;
    const six = lines.slice(at + head, at + head + 6);
    const rows = runOf(six, 0, (text) => FILE_ROW.test(text));
    return six.slice(0, rows).some(({ text }) => FILE_ONLY.test(text)) ? head + rows : 0;
  },

  parse(lines, file): Parsed<Numastat> {
    const rows: NumastatRow[] = [];
    const problems: Problem[] = [];
    const tabular = lines.some(({ text }) => TITLE.test(text) || COLUMNS.test(text));
    const totals = lines.some(({ text }) => COLUMNS.test(text) && /Total\s*$/.test(text));
    for (const { text, number } of lines) {
      if (text.trim() === '' || [TITLE, COLUMNS, RULE, NODES].some((known) => known.test(text))) continue;
      const at = { kind: 'line', file, line: number } as const;
      const [name = '', ...columns] = text.trim().split(/\s+/);
      const values = columns.map(Number);
      const total = totals ? values.pop() : undefined;
      if (values.length === 0 || !values.every((n) => n >= 0))
        problems.push({ problem: 'numastat: unreadable row', at });
      else rows.push({ name, values, ...(total === undefined ? {} : { total }), at });
    }
    return { value: { unit: tabular ? 'mebibytes' : 'allocations', rows }, problems };
  },
};
