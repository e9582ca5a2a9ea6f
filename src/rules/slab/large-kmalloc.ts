import { spellBytes, spellShare } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Growth, GrowthFacts } from '../../model/facts.ts';
import { secondSnapshot } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

/** kmalloc above the largest cache takes pages directly: in Slab, in no line of slabinfo, invisible to slabtop. */
export const largeKmalloc: Rule<'caches' | 'accounting' | 'snapshot', 'callSites' | 'growth'> = defineRule({
  id: 'large-kmalloc',
  title: 'slab memory that no cache holds',
  needs: ['caches', 'accounting', 'snapshot'],
  mayUse: ['callSites', 'growth'],
  examine({ caches, accounting, snapshot, callSites = [], growth }): readonly Finding[] {
    const large = caches.largeKmalloc;
    const floor = Math.max(64 * 1024 * 1024, accounting.total.bytes * 0.03);
    const grown = growth?.largeKmalloc && risesSteadily(growth.largeKmalloc, growth) ? growth.largeKmalloc : undefined;
    if (!large || (large.bytes < floor && !grown)) return [];
    const site = callSites.find((s) => (s.objectSize ?? 0) > 8192 && s.area !== 'vmalloc');
    return [
      {
        id: 'large-kmalloc',
        title: `${spellBytes(large.bytes)} of slab are in no cache: kmalloc above 8 KiB${grown ? ', and it grows' : ''}`,
        summary: `${spellBytes(large.bytes)} (${spellShare(large.bytes / accounting.total.bytes)} of RAM) are large kmalloc allocations: counted as unreclaimable slab and listed in no cache, so slabtop does not show them.${grown ? ` They grow: ${spellGrowth(grown)}.` : ''}`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: grown ? 0.8 : 0.6,
        bytes: grown ? bytes(grown.last - grown.first) : large.bytes,
        ...(grown ? rateOf(grown, snapshot) : {}),
        ...(site ? { subject: { function: site.site.function } } : {}),
        evidence: [
          {
            text: `Slab of meminfo is ${spellBytes(large.bytes)} more than the pages of all caches in slabinfo`,
            source: large.at,
          },
          ...(grown ? [{ text: `over the series: ${spellGrowth(grown)}`, source: grown.lastAt }] : []),
          ...(site
            ? [{ text: `${site.detector} reports ${site.site.function} with large allocations`, source: site.at }]
            : []),
        ],
        next: [
          ...(grown ? [] : [secondSnapshot]),
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

const risesSteadily = ({ first, last, trend }: Growth, { gate }: GrowthFacts): boolean =>
  last - first >= gate && last - first >= first * 0.15 && trend > 0.5;
