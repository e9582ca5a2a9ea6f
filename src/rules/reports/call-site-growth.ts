import { spellBytes } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { GrowthFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';
import { isMemoryManager, madeBy, nameSites } from '../sites.ts';

/** A call site that holds more in each reading of allocinfo or page_owner. */
export const callSiteGrowth: Rule<'growth' | 'snapshot'> = defineRule({
  id: 'call-site-growth',
  title: 'a call site holds more and more (allocinfo, page_owner)',
  needs: ['growth', 'snapshot'],
  examine({ growth, snapshot }) {
    return growth.sites
      .filter((s) => {
        const change = s.last - s.first;
        return change >= growth.gate && change >= s.first * 0.15 && s.trend > 0.5 && !isMemoryManager(s.group);
      })
      .slice(0, 3)
      .map((s) => describe(s, snapshot));
  },
});

function describe(grown: GrowthFacts['sites'][number], snapshot: Snapshot): Finding {
  const { group } = grown;
  const change = bytes(grown.last - grown.first);
  const where = nameSites([group]);
  const source = group.site.frame.source;
  const name = group.site.module ?? group.site.subsystem;
  const made = madeBy(group);
  return {
    id: 'call-site-growth',
    title: `${where} holds ${spellBytes(change)} more${source ? ` (${source})` : ''}`,
    summary: `What ${where}${source ? ` (${source})` : ''} allocated grows by ${spellBytes(change)}, by the kernel's own books (${group.detector}).${made?.partner ? ` Look for: ${made.partner}.` : ''}`,
    verdict: 'growth',
    layer:
      group.area === 'vmalloc'
        ? 'vmalloc'
        : group.area === 'percpu'
          ? 'percpu'
          : group.area === 'slab'
            ? 'slab-unreclaimable'
            : 'page-allocator',
    confidence: growth(grown),
    bytes: change,
    ...(grown.objects ? { objects: grown.objects.last - grown.objects.first } : {}),
    ...rateOf(grown, snapshot),
    subject: {
      ...(made ? { type: made.type } : {}),
      function: group.site.function,
      ...(source ? { callSite: source } : {}),
    },
    ...(name === undefined
      ? {}
      : { owner: { kind: group.site.module ? 'module' : 'subsystem', name, function: group.site.function } }),
    evidence: [{ text: `${group.detector}: ${where} ${spellGrowth(grown)}`, source: grown.lastAt }],
    next: [
      {
        command: `grep -rn '${group.site.function.replaceAll(/[^\w.]/g, '')}' .`,
        why: 'in the source of the kernel or module: every way that frees what it allocates, and the one that does not',
        risk: 'none',
      },
    ],
    terms: [group.detector === 'allocinfo' ? 'allocinfo' : 'page_owner', 'growth rate'],
  };
}

const growth = ({ trend, samples }: GrowthFacts['sites'][number]): number =>
  Math.min(0.9, 0.7 + (samples > 2 ? 0.1 : 0) + (trend > 0.9 ? 0.05 : 0));
