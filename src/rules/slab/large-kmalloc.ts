import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/** kmalloc above the largest cache takes pages directly: in Slab, in no line of slabinfo, invisible to slabtop. */
export const largeKmalloc: Rule<'caches' | 'accounting', 'callSites'> = defineRule({
  id: 'large-kmalloc',
  title: 'slab memory that no cache holds',
  needs: ['caches', 'accounting'],
  mayUse: ['callSites'],
  examine({ caches, accounting, callSites = [] }): readonly Finding[] {
    const large = caches.largeKmalloc;
    const floor = Math.max(64 * 1024 * 1024, accounting.total.bytes * 0.03);
    if (!large || large.bytes < floor) return [];
    const site = callSites.find((s) => (s.objectSize ?? 0) > 8192 && s.area !== 'vmalloc');
    return [
      {
        id: 'large-kmalloc',
        title: `${spellBytes(large.bytes)} of slab are in no cache: kmalloc above 8 KiB`,
        summary: `${spellBytes(large.bytes)} (${spellShare(large.bytes / accounting.total.bytes)} of RAM) are large kmalloc allocations: counted as unreclaimable slab and listed in no cache, so slabtop does not show them.`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: 0.6,
        bytes: large.bytes,
        ...(site ? { subject: { function: site.site.function } } : {}),
        evidence: [
          {
            text: `Slab of meminfo is ${spellBytes(large.bytes)} more than the pages of all caches in slabinfo`,
            source: large.at,
          },
          ...(site
            ? [{ text: `${site.detector} reports ${site.site.function} with large allocations`, source: site.at }]
            : []),
        ],
        next: [
          secondSnapshot,
          {
            command: 'grep kmalloc /proc/allocinfo | sort -rn | head',
            why: 'from Linux 6.10 with memory allocation profiling: names the call site',
            risk: 'none',
          },
        ],
        terms: ['large kmalloc', 'SUnreclaim'],
      },
    ];
  },
});
