import { spellBytes, spellDuration, spellShare } from '../../base/spelling.ts';
import { bytesLess, sumBytes, type Bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { AccountedMemory, Growth, GrowthFacts } from '../../model/facts.ts';
import { secondSnapshot } from '../next-steps.ts';
import { leastPart, sprouts } from '../rate.ts';
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
    // Counters that add up to far more than RAM are of different moments, or not of one machine.
    if (sumBytes(accounting.buckets.map((b) => b.bytes)) > total.bytes * 1.03) return [];
    const grown = growth?.caches.find((c) => climbs(c, growth) || sprouts(c, growth));
    const unexplainedGrowth = growth?.buckets.find((b) => b.name === 'unexplained');
    if (grown || (growth && unexplainedGrowth && unexplainedGrowth.last - unexplainedGrowth.first >= growth.gate * 2))
      return [];
    if (growth?.buckets.some((b) => rises(b, growth, accounting))) return [];
    const looked =
      growth?.spanSeconds === undefined
        ? 'One snapshot shows no growth; a second one later would.'
        : `No part of it grew by ${spellBytes(growth.gate)} or more in ${spellDuration(growth.spanSeconds)}${growth.spanSeconds < 3600 ? '; a slow leak needs a longer look' : ''}.`;
    return [
      {
        id: 'all-accounted',
        title: `all but ${spellBytes(unexplained)} (${spellShare(unexplained / total.bytes)}) of ${spellBytes(total.bytes)} is accounted for${growth ? `, and no part of it grew by ${spellBytes(growth.gate)} or more` : ''}`,
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

/** A cache that ends higher than it began, unless it is a saw-tooth that comes back to where it was. */
function climbs(cache: Growth, growth: GrowthFacts): boolean {
  const { first, last, samples, trend, floor } = cache;
  const rise = (floor.at(-1) ?? 0) - (floor[0] ?? 0);
  const rests = samples >= 8 && trend < 0.3 && rise < growth.gate;
  return last - first >= growth.gate && last - first >= first * leastPart(cache, growth) && !rests;
}

/** A container's view leaves the kernel out, so what it shows must add up by itself. */
function insideContainer({ total, buckets, notes }: AccountedMemory): Bytes | undefined {
  return notes.includes('container-view') ? bytesLess(total.bytes, sumBytes(buckets.map((b) => b.bytes))) : undefined;
}
