import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { defineRule, type Rule } from '../rule.ts';

/** The huge page pool is set aside by the administrator: used or not, it is nobody else's. */
export const hugePages: Rule<'snapshot'> = defineRule({
  id: 'huge-pages-reserved',
  title: 'huge pages are set aside',
  needs: ['snapshot'],
  examine({ snapshot }): readonly Finding[] {
    const pool = snapshot.counters.get('Hugetlb');
    const free = snapshot.counters.get('HugetlbFree');
    const total = snapshot.counters.get('MemTotal');
    if (!pool || pool.bytes < Math.max(256 * 1024 * 1024, (total?.bytes ?? 0) * 0.15)) return [];
    const share = total ? ` (${spellShare(pool.bytes / total.bytes)} of RAM)` : '';
    const idle = free ? `, ${spellBytes(free.bytes)} of it unused` : '';
    return [
      {
        id: 'huge-pages-reserved',
        title: `HugePages pool: ${spellBytes(pool.bytes)}${share} set aside${idle}`,
        summary: `Not lost: ${spellBytes(pool.bytes)}${share} are the huge page pool (HugePages_Total), set aside by the administrator${idle}.`,
        verdict: 'not-a-leak',
        layer: 'hugetlb',
        confidence: 0.9,
        bytes: pool.bytes,
        evidence: [
          { text: `HugePages_Total × Hugepagesize = ${spellBytes(pool.bytes)}`, source: pool.at },
          ...(free ? [{ text: `HugePages_Free: ${spellBytes(free.bytes)}`, source: free.at }] : []),
        ],
        next: [
          {
            command: 'sysctl vm.nr_hugepages; cat /sys/kernel/mm/hugepages/*/nr_hugepages',
            why: 'shows who asked for how many; lowering it gives unused ones back',
            risk: 'none',
          },
        ],
        terms: ['huge pages'],
      },
    ];
  },
});
