import { spellBytes, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { readKmemleak, slabUsers } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/** A list of what each cache gained between two readings: one of them gained most. */
export const listedDifference: Rule<'caches'> = defineRule({
  id: 'slab-listed-difference',
  title: 'one cache gained most between two readings',
  needs: ['caches'],
  examine({ caches }): readonly Finding[] {
    const [top, next] = caches.ranking;
    if (!caches.difference || !top || top.reclaimable) return [];
    if (top.bytes < 4 * 1024 * 1024 || top.share < 0.4 || top.bytes < (next?.bytes ?? 0) * 2) return [];
    return [
      {
        id: 'slab-listed-difference',
        title: `${top.name} gained ${spellBytes(top.bytes)}, ${spellShare(top.share)} of what all listed caches gained`,
        summary: `The slab cache ${top.name} gained ${spellBytes(top.bytes)} between the two readings, far more than any other.`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: 0.65,
        bytes: top.bytes,
        subject: { cache: top.name },
        evidence: [
          { text: `${top.name}: ${spellBytes(top.bytes)} more`, source: top.at },
          ...(next ? [{ text: `the next, ${next.name}: ${spellBytes(next.bytes)} more`, source: next.at }] : []),
        ],
        next: [readKmemleak, slabUsers(top.name)],
        terms: ['slab cache', 'growth rate'],
      },
    ];
  },
});
