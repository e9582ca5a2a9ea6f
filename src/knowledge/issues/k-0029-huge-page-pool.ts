import type { KnownIssue } from '../issue.ts';

export const k0029: KnownIssue = {
  id: 'K-0029',
  title: 'Reserved huge pages look like lost memory',
  cause:
    'A huge page pool takes its memory when it is set up. free counts all of it as used, no process shows it until it maps the pages, and MemAvailable does not hold it.',
  fix: 'HugePages_Total times Hugepagesize in /proc/meminfo is the pool. Lower vm.nr_hugepages where less is needed.',
  status: 'not-a-fault',
  certainty: 'confirmed',
  references: ['https://docs.kernel.org/admin-guide/mm/hugetlbpage.html', 'https://github.com/ryran/xsos/issues/288'],
  signature: { layers: ['hugetlb'], verdictHint: 'not-a-leak', weight: { identifies: [], suggests: [['layers']] } },
  words: ['huge', 'pages', 'hugetlb', 'HugePages_Total', 'nr_hugepages', 'dpdk', 'database'],
};
