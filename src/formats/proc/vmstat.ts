import type { Parsed } from '../../base/errors.ts';
import type { TextFormat } from '../text/text-format.ts';
import { claimUnrepeated, namedRow, readNamedCounts, type NamedCounts } from './named-counts.ts';

/** Numbers by name: `nr_*` are pages (nr_kernel_stack: KiB since 4.8), the others events since boot. */
export type Vmstat = NamedCounts;

/** Names that no cgroup file shares begin a block; others are taken while it lasts. Zoneinfo's are indented deeper. */
const FIRST =
  /^ {0,4}(?:nr_(?:free_pages|free_cma|zone_\w+|(?:in)?active(?:_\w+)?|unevictable|mlock|slab_\w+|anon_\w+|file_\w+|mapped|shmem\w*|page_table_pages|sec_page_table_pages|kernel_\w+|zspages|isolated_\w+|bounce|dirty|dirtied|written|writeback\w*|unstable|swapcached|vmscan_\w+|hugetlb|balloon_pages|foll_pin_\w+|dirty_\w+)|pgpg(?:in|out)|pswp(?:in|out)|pgalloc_\w+|allocstall\w*|slabs_scanned|drop_(?:slab|pagecache)|kswapd_\w+)\s+\d+\s*$/;
/** The first rows of a cgroup's memory.stat, which may follow in a pasted text. */
const FOREIGN = /^\s*(?:anon|file|cache|rss|kernel)\s/;

/**
 * `/proc/vmstat`, whole or a few rows of it.
 *
 * Written by mm/vmstat.c, vmstat_show(), since 2.6; which rows there are depends on release and configuration.
 */
export const vmstat: TextFormat<'vmstat', Vmstat> = {
  kind: 'vmstat',
  looksFor: 'rows such as "nr_free_pages 43309" or "nr_slab_unreclaimable 4212"',
  many: false,

  claim(lines, at) {
    if (!FIRST.test(lines[at]?.text ?? '')) return 0;
    return claimUnrepeated(lines, at, (text) => (FOREIGN.test(text) ? undefined : namedRow(text)), 1);
  },

  parse(lines, file): Parsed<Vmstat> {
    const { counts, problems } = readNamedCounts('vmstat', lines, file);
    return { value: counts, problems };
  },
};
