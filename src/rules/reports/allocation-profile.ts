import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import { defineRule, type Rule } from '../rule.ts';
import { isMemoryManager, nameSites } from '../sites.ts';

const GIB = 1024 ** 3;

/** Call sites that hold much memory by the kernel's own books (allocinfo, page_owner), the memory manager's set aside. */
export const allocationProfile: Rule<'callSites', 'accounting'> = defineRule({
  id: 'allocation-profile',
  title: 'call sites that hold much memory (allocinfo, page_owner)',
  needs: ['callSites'],
  mayUse: ['accounting'],
  examine({ callSites, accounting }): readonly Finding[] {
    const sites = callSites.filter((g) => g.detector === 'allocinfo' || g.detector === 'page_owner');
    const all = sumBytes(sites.map((g) => g.bytes).filter((b) => b !== undefined));
    const ram = accounting?.total.bytes;
    const floor = ram === undefined ? Math.max(GIB / 4, all * 0.1) : ram * 0.08;
    return sites
      .filter((g) => (g.bytes ?? 0) >= floor && !isMemoryManager(g))
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
      .slice(0, 3)
      .map((g) => describe(g, ram));
  },
});

function describe(group: CallSiteGroup, ram: number | undefined): Finding {
  const held = group.bytes ?? 0;
  const share = ram === undefined ? '' : ` (${spellShare(held / ram)} of RAM)`;
  const where = nameSites([group]);
  const source = group.site.frame.source;
  const name = group.site.module ?? group.site.subsystem;
  return {
    id: 'allocation-profile',
    title: `${where} holds ${spellBytes(held)}${share} in ${spellCount(group.count)} allocations`,
    summary: `${where}${source ? ` (${source})` : ''} holds ${spellBytes(held)}${share} by the kernel's own books. One look cannot tell a leak from a large cache.`,
    verdict: 'inconclusive',
    layer: group.area === 'vmalloc' ? 'vmalloc' : 'page-allocator',
    confidence: 0.5,
    ...(group.bytes === undefined ? {} : { bytes: group.bytes }),
    objects: group.count,
    subject: { function: group.site.function, ...(source ? { callSite: source } : {}) },
    ...(name === undefined
      ? {}
      : { owner: { kind: group.site.module ? 'module' : 'subsystem', name, function: group.site.function } }),
    evidence: [
      { text: `${group.detector}: ${spellBytes(held)} in ${spellCount(group.count)} allocations`, source: group.at },
    ],
    next: [
      {
        command: 'sort -rn /proc/allocinfo | head -20',
        why: 'in an hour, beside this one: the site that grows is the one',
        risk: 'none',
      },
    ],
    terms: group.detector === 'allocinfo' ? ['allocinfo'] : ['page_owner'],
  };
}
