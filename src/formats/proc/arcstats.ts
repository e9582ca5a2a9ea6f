import type { Parsed, Problem } from '../../base/errors.ts';
import type { Provenance } from '../../base/provenance.ts';
import { runOf, type TextFormat } from '../text/text-format.ts';

/** One statistic of the ARC. Sizes are bytes; memory_available_bytes may be negative. */
export interface ArcStatistic {
  readonly value: number;
  readonly at: Provenance;
}
export type Arcstats = ReadonlyMap<string, ArcStatistic>;

/** The kstat header: id type flags rows bytes created snapshot. */
const KSTAT = /^\s*\d+ \d+ 0x[0-9a-f]+ \d+ \d+ -?\d+ -?\d+\s*$/;
const TITLES = /^\s*name\s+type\s+data\s*$/;
const ROW = /^\s*([a-z][a-z0-9_]*)\s+([0-9])\s+(-?\d+)\s*$/;
const TORN = /^\s*[a-z][a-z0-9_]*(?:\s|$)/;
/** Names that no other kstat of ZFS has. */
const OWN =
  /^\s*(?:arc_\w+|mru_\w+|mfu_\w+|demand_\w+|prefetch_\w+|c|c_min|c_max|l2_size|hash_chain_max|evict_skip)\s+\d\s/;
/** Where a whole file shows what it is. */
const SOON = 40;

/**
 * `/proc/spl/kstat/zfs/arcstats`, whole or some rows of it.
 *
 * Written by OpenZFS module/zfs/arc.c (arc_stats) through the SPL's kstat.
 */
export const arcstats: TextFormat<'arcstats', Arcstats> = {
  kind: 'arcstats',
  looksFor: 'the header "name  type  data" with rows such as "c_max  4  16777216000", or such rows alone',
  many: false,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const head = TITLES.test(first) ? 1 : KSTAT.test(first) && TITLES.test(lines[at + 1]?.text ?? '') ? 2 : 0;
    if (head === 0 && !ROW.test(first)) return 0;
    const ours = lines.slice(at, at + SOON).some(({ text }) => OWN.test(text) && ROW.test(text));
    return ours ? head + runOf(lines, at + head, (text) => ROW.test(text), 1) : 0;
  },

  parse(lines, file): Parsed<Arcstats> {
    const statistics = new Map<string, ArcStatistic>();
    const problems: Problem[] = [];
    for (const { text, number } of lines) {
      const at = { kind: 'line', file, line: number } as const;
      const [, name, , digits] = ROW.exec(text) ?? [];
      // Wrapped 64-bit counters are no damage; they are beyond exact numbers and say nothing.
      if (name !== undefined && Number.isSafeInteger(Number(digits)))
        statistics.set(name, { value: Number(digits), at });
      else if (name === undefined && TORN.test(text) && !TITLES.test(text))
        problems.push({ problem: 'arcstats: unreadable row', at });
    }
    return { value: statistics, problems };
  },
};
