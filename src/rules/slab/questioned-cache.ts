import { spellBytes, spellCount, spellShare, spellThings } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { collectAll, secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/**
 * A row or two that somebody cut out of the table, or its head without rows: what they say in words, so that a known
 * issue can match, and what would answer the question.
 */
export const questionedCache: Rule<'caches', 'growth' | 'accounting'> = defineRule({
  id: 'slab-questioned',
  title: 'rows cut out of a table of slab caches',
  needs: ['caches'],
  mayUse: ['growth', 'accounting'],
  examine({ caches, growth, accounting }): readonly Finding[] {
    if (caches.whole || caches.difference || growth || caches.ranking.length > 3) return [];
    const [top] = caches.ranking;
    const ram = accounting?.total.bytes;
    const share = ram === undefined ? '' : ` (${spellShare(caches.slab.bytes / ram)} of RAM)`;
    if (!top) {
      return caches.slab.bytes < 512 * 1024 * 1024
        ? []
        : [
            {
              id: 'slab-questioned',
              title: `slab holds ${spellBytes(caches.slab.bytes)}${share}; the rows of the table were not given`,
              summary: `Slab caches hold ${spellBytes(caches.slab.bytes)}${share}. Which of them, and whether they can be given back, stands in the rows that were not given.`,
              verdict: 'inconclusive',
              layer: 'slab-unreclaimable',
              confidence: 0.5,
              bytes: caches.slab.bytes,
              evidence: [
                { text: `the head of the table: ${spellBytes(caches.slab.bytes)} in all`, source: caches.slab.at },
              ],
              next: [collectAll],
              terms: ['slab', 'slab cache'],
            },
          ];
    }
    const objects = top.objects === undefined ? '' : ` in ${spellThings(top.objects, 'object')}`;
    return [
      {
        id: 'slab-questioned',
        title: `${top.name}: ${spellBytes(top.bytes)}${objects}`,
        summary: `The slab cache ${top.name} holds ${spellBytes(top.bytes)}${objects}; a row by itself does not tell whether that is much or grows.`,
        verdict: 'inconclusive',
        layer: top.reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable',
        confidence: 0.4,
        bytes: top.bytes,
        ...(top.objects === undefined ? {} : { objects: top.objects }),
        subject: { cache: top.name },
        evidence: [
          {
            text: `${top.name}: ${top.objects === undefined ? '' : `${spellCount(top.objects)} objects, `}${spellBytes(top.bytes)}`,
            source: top.at,
          },
        ],
        next: [secondSnapshot, collectAll],
        terms: ['slab cache'],
      },
    ];
  },
});
