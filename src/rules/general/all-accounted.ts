import { spellBytes, spellDuration, spellShare } from '../../base/spelling.ts';
import { bytesLess, sumBytes, type Bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { AccountedMemory } from '../../model/facts.ts';
import { secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';
import { rises } from './layer-growth.ts';

/** The equation closes and nothing grows: what a healthy host looks like. */
export const allAccounted: Rule<'accounting' | 'snapshot', 'growth' | 'caches'> = defineRule({
  id: 'all-accounted',
  title: 'memory adds up',
  needs: ['accounting', 'snapshot'],
  mayUse: ['growth', 'caches'],
  examine({ accounting, growth, caches }): readonly Finding[] {
    const { total } = accounting;
    const unexplained = accounting.unexplained ?? insideContainer(accounting);
    if (unexplained === undefined || unexplained > total.bytes * 0.08) return [];
    const grown = growth?.caches.find((c) => c.last - c.first >= growth.gate && c.last - c.first >= c.first * 0.15);
    const unexplainedGrowth = growth?.buckets.find((b) => b.name === 'unexplained');
    if (grown || (growth && unexplainedGrowth && unexplainedGrowth.last - unexplainedGrowth.first >= growth.gate * 2))
      return [];
    if (growth?.buckets.some((b) => rises(b, growth, accounting))) return [];
    const looked =
      growth?.spanSeconds === undefined
        ? 'One snapshot shows no growth; a second one later would.'
        : `Nothing grew over ${spellDuration(growth.spanSeconds)}${growth.spanSeconds < 3600 ? '; a slow leak needs a longer look' : ''}.`;
    return [
      {
        id: 'all-accounted',
        title: `all but ${spellBytes(unexplained)} (${spellShare(unexplained / total.bytes)}) of ${spellBytes(total.bytes)} is accounted for${growth ? ', and nothing grows' : ''}`,
        summary: `No leak shows: all but ${spellShare(unexplained / total.bytes)} of ${spellBytes(total.bytes)} is accounted for. ${looked}`,
        verdict: 'not-a-leak',
        layer: 'none',
        confidence: growth?.spanSeconds === undefined ? 0.6 : growth.spanSeconds < 3600 ? 0.65 : 0.85,
        evidence: [
          { text: `MemTotal less all that is counted leaves ${spellBytes(unexplained)}`, source: total.at },
          ...(caches?.ranking[0]
            ? [
                {
                  text: `the largest slab cache is ${caches.ranking[0].name} with ${spellBytes(caches.ranking[0].bytes)}`,
                  source: caches.ranking[0].at,
                },
              ]
            : []),
        ],
        next: growth ? [] : [secondSnapshot],
        terms: ['memory equation'],
      },
    ];
  },
});

/** A container's view leaves the kernel out, so what it shows must add up by itself. */
function insideContainer({ total, buckets, notes }: AccountedMemory): Bytes | undefined {
  return notes.includes('container-view') ? bytesLess(total.bytes, sumBytes(buckets.map((b) => b.bytes))) : undefined;
}
