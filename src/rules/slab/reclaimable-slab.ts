import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import { countDentries, reclaimTest, secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Much slab that is flagged reclaimable, and nothing that proves it can be given back. */
export const reclaimableSlab: Rule<'snapshot' | 'accounting', 'caches' | 'dentries' | 'growth'> = defineRule({
  id: 'slab-reclaimable-large',
  title: 'much of memory is slab that is flagged reclaimable',
  needs: ['snapshot', 'accounting'],
  mayUse: ['caches', 'dentries', 'growth'],
  examine({ snapshot, accounting, caches, dentries }): readonly Finding[] {
    const reclaimable = snapshot.counters.get('SReclaimable');
    if (!reclaimable || reclaimable.bytes < accounting.total.bytes * 0.2) return [];
    const unused = dentries?.unused ? dentries.unused.count / Math.max(1, dentries.dentries.count) : 0;
    const top = caches?.ranking.filter((c) => c.reclaimable).slice(0, 3) ?? [];
    const proven = unused >= 0.7 && top[0] !== undefined && top[0].name.startsWith('dentry');
    const share = spellShare(reclaimable.bytes / accounting.total.bytes);
    return [
      {
        id: 'slab-reclaimable-large',
        title: `${spellBytes(reclaimable.bytes)} of slab are flagged reclaimable (${share} of RAM)`,
        summary: proven
          ? `Not lost: ${spellBytes(reclaimable.bytes)} of slab (${share} of RAM) are caches, ${spellShare(unused)} of the dentries unused.`
          : `${spellBytes(reclaimable.bytes)} of slab (${share} of RAM) are flagged reclaimable. Most likely a cache; the flag alone does not prove that it can be given back.`,
        verdict: proven ? 'not-a-leak' : 'inconclusive',
        layer: 'slab-reclaimable',
        confidence: proven ? 0.9 : 0.6,
        bytes: reclaimable.bytes,
        ...(top[0] ? { subject: { cache: top[0].name } } : {}),
        evidence: [
          { text: `SReclaimable: ${spellBytes(reclaimable.bytes)}`, source: reclaimable.at },
          ...top.map((c) => ({
            text: `${c.name}: ${spellBytes(c.bytes)}${c.objects === undefined ? '' : ` in ${spellCount(c.objects)} objects`}`,
            source: c.at,
          })),
          ...(dentries?.unused
            ? [
                {
                  text: `dentries unused, on the LRU list: ${spellCount(dentries.unused.count)}`,
                  source: dentries.unused.at,
                },
              ]
            : []),
        ],
        next: [countDentries, reclaimTest, secondSnapshot],
        terms: ['SReclaimable', 'slab', 'dentry', 'drop_caches'],
      },
    ];
  },
});
