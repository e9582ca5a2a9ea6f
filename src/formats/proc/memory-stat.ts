import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated, namedRow, readNamedCounts, type NamedCounts } from './named-counts.ts';

/** One control group's memory.stat. */
export interface MemoryStat {
  /** Version of the cgroup hierarchy; absent where the rows given do not tell. */
  readonly version?: 1 | 2;
  /** Bytes, except the event counters (`pgfault`, `workingset_*`, `pg*`, `thp_*`), by the kernel's own names. */
  readonly counts: NamedCounts;
}

/** First rows of a whole file: version 1 begins with cache and rss, version 2 with anon and file. */
const FIRST = /^\s*(anon|cache)\s+\d+\s*$/;
const SECOND = /^\s*(?:file|rss)\s+\d+\s*$/;
/** Rows that only memory.stat has, for a few rows cut out of one. */
const OWN =
  /^\s*(?:slab_(?:un)?reclaimable|kernel_stack|pagetables|sec_pagetables|hierarchical_mem\w+|total_(?:cache|rss|rss_huge|mapped_file|shmem))\s+\d+\s*$/;
const VERSION_1 = ['rss', 'hierarchical_memory_limit', 'total_rss', 'total_cache', 'mapped_file'];
const VERSION_2 = ['anon', 'file', 'slab_unreclaimable', 'kernel_stack', 'sock', 'anon_thp'];

/**
 * `memory.stat` of a control group, versions 1 and 2, whole or a few rows.
 *
 * Written by mm/memcontrol.c, memory_stat_show() and memcg_stat_show() (since 6.11 the latter in memcontrol-v1.c).
 */
export const memoryStat: TextFormat<'memory-stat', MemoryStat> = {
  kind: 'memory-stat',
  looksFor: 'rows "anon 12345" then "file 678", or "cache 12345" then "rss 678", or "slab_unreclaimable 4096"',
  many: true,

  claim(lines, at) {
    const first = lines[at]?.text ?? '';
    const begins = FIRST.test(first) ? SECOND.test(lines[at + 1]?.text ?? '') : OWN.test(first);
    return begins ? claimUnrepeated(lines, at, namedRow, 1) : 0;
  },

  parse(lines, file): Parsed<MemoryStat> {
    const { counts, problems } = readNamedCounts('memory-stat', lines, file, /^hierarchical_/);
    const has = (names: readonly string[]): boolean => names.some((name) => counts.has(name));
    const version = has(VERSION_1) ? 1 : has(VERSION_2) ? 2 : undefined;
    return { value: { ...(version ? { version } : {}), counts }, problems };
  },
};
