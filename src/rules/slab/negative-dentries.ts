import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DentryFacts, GrowthFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { countDentries, reclaimTest } from '../next-steps.ts';
import { rateOf, spellGrowth, withoutEnd } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Dentries of names that do not exist: a cache of failed look-ups, given back under pressure. */
export const negativeDentries: Rule<'dentries' | 'snapshot', 'growth' | 'accounting'> = defineRule({
  id: 'negative-dentries',
  title: 'dentries are negative or unused',
  needs: ['dentries', 'snapshot'],
  mayUse: ['growth', 'accounting'],
  examine({ dentries, snapshot, growth, accounting }) {
    const grown = growth?.caches.find((c) => /^dentry(_cache)?$/.test(c.name) && c.last - c.first >= growth.gate);
    const added = dentries.added;
    if (growth && grown && added && added.negative >= added.dentries * 0.8) {
      return [describe(dentries, added.negative / added.dentries, snapshot, grown, added)];
    }
    const floor = Math.max(64 * 1024 * 1024, (accounting?.total.bytes ?? 0) * 0.05);
    const share = (dentries.negative?.count ?? 0) / Math.max(1, dentries.dentries.count);
    return dentries.dentries.bytes >= floor && share >= 0.5 && share <= 1.05
      ? [describe(dentries, Math.min(1, share), snapshot)]
      : [];
  },
});

function describe(
  dentries: DentryFacts,
  share: number,
  snapshot: Snapshot,
  grown?: GrowthFacts['caches'][number],
  added?: DentryFacts['added'],
): Finding {
  const held = grown ? bytes(grown.last - grown.first) : dentries.dentries.bytes;
  const counted = dentries.negative?.counted === true;
  return {
    id: 'negative-dentries',
    title: `${spellBytes(held)} of dentries${grown ? ' were added' : ''}, ${spellShare(share)} of them negative (names that do not exist)`,
    summary: `Not lost: ${spellBytes(held)} of slab are dentries, ${spellShare(share)} of them negative: look-ups of names that do not exist. They are given back when memory is short.`,
    verdict: 'not-a-leak',
    layer: 'slab-reclaimable',
    confidence: counted ? 0.95 : added ? 0.88 : 0.8,
    bytes: held,
    objects: added?.dentries ?? dentries.dentries.count,
    ...(grown ? withoutEnd(rateOf(grown, snapshot)) : {}),
    subject: { cache: 'dentry', type: 'struct dentry' },
    evidence: [
      grown
        ? { text: `dentry: ${spellGrowth(grown)}`, source: grown.lastAt }
        : {
            text: `dentry: ${spellCount(dentries.dentries.count)} objects, ${spellBytes(dentries.dentries.bytes)}`,
            source: dentries.dentries.at,
          },
      ...(added
        ? [
            {
              text: `${spellCount(added.dentries)} dentries were added and ${spellCount(added.inodes)} inodes: a dentry without inode is negative`,
              source: dentries.inodes.at ?? dentries.dentries.at,
            },
          ]
        : []),
      ...(dentries.negative && !added
        ? [
            {
              text: counted
                ? `the kernel counts ${spellCount(dentries.negative.count)} negative dentries`
                : `the inode caches listed hold ${spellCount(dentries.inodes.count)} inodes, so at least ${spellCount(dentries.negative.count)} dentries have none`,
              source: dentries.negative.at,
            },
          ]
        : []),
      ...(dentries.unused
        ? [{ text: `unused, on the LRU list: ${spellCount(dentries.unused.count)}`, source: dentries.unused.at }]
        : []),
    ],
    next: [countDentries, reclaimTest],
    terms: ['negative dentry', 'SReclaimable', 'drop_caches'],
  };
}
