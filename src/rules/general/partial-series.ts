import { spellBytes } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { collectAll } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** A series of a few meminfo fields only: says whether unreclaimable slab rises, when no cache or equation can. */
export const partialSeries: Rule<'growth' | 'snapshot', 'caches'> = defineRule({
  id: 'slab-total-growth',
  title: 'unreclaimable slab rises',
  needs: ['growth', 'snapshot'],
  mayUse: ['caches'],
  examine({ growth, snapshot, caches }): readonly Finding[] {
    const rise = growth.counters.find((c) => c.name === 'SUnreclaim');
    // A whole table names the caches that grow, and what grows beside them; what it names not is no finding.
    if (!rise || growth.caches.length > 0 || (caches?.whole === true && growth.largeKmalloc)) return [];
    const change = rise.last - rise.first;
    const steady = rise.trend > 0.8 && growth.samples >= 3;
    if (change < growth.gate || change < rise.first * 0.05 || rise.trend <= 0.5) return [];
    // Two readings say as much where time has passed and the change is beyond what hosts warm up by.
    const apart = (growth.spanSeconds ?? 0) >= 3 * 3600 && change >= Math.max(64 * MIB, rise.first * 0.5);
    const strong = (steady && change >= rise.first * 0.3) || apart;
    return [
      {
        id: 'slab-total-growth',
        title: `SUnreclaim grew by ${spellBytes(change)}`,
        summary: `Unreclaimable slab rises: ${spellGrowth(rise)}. Which cache it is was not seen.`,
        verdict: strong ? 'growth' : 'inconclusive',
        layer: 'slab-unreclaimable',
        confidence: strong ? (steady ? 0.7 : 0.6) : 0.5,
        bytes: bytes(change),
        ...rateOf(rise, snapshot),
        evidence: [{ text: `SUnreclaim: ${spellGrowth(rise)}, in ${growth.samples} readings`, source: rise.lastAt }],
        next: [collectAll],
        terms: ['SUnreclaim', 'growth rate'],
      },
    ];
  },
});
