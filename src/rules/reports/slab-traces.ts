import { spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import { defineRule, type Rule } from '../rule.ts';
import { nameSites } from '../sites.ts';

/** slab_debug's user tracking: one call site has far more live objects than a cache of its kind should. */
export const slabTraces: Rule<'callSites'> = defineRule({
  id: 'slab-traces',
  title: 'call sites with many live objects (slab alloc_traces)',
  needs: ['callSites'],
  examine({ callSites }): readonly Finding[] {
    const traced = callSites.filter((g) => g.detector === 'slab-traces').toSorted((a, b) => b.count - a.count);
    return traced
      .filter((g) => g.count >= 10_000)
      .slice(0, 3)
      .map((g) => describe(g, traced));
  },
});

function describe(group: CallSiteGroup, all: readonly CallSiteGroup[]): Finding {
  const where = nameSites([group]);
  const inCache = group.cache === undefined ? '' : ` in ${group.cache}`;
  const mate = all.find((g) => g !== group && Math.abs(g.count - group.count) <= group.count * 0.2);
  const name = group.site.module ?? group.site.subsystem;
  return {
    id: 'slab-traces',
    title: `${where}: ${spellCount(group.count)} live objects${inCache}`,
    summary: `${spellCount(group.count)} objects allocated by ${where} are alive${inCache}, more than this call site needs at one time.`,
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: 0.6 + (group.site.module ? 0.1 : 0) + (mate ? 0.05 : 0),
    ...(group.bytes === undefined ? {} : { bytes: group.bytes }),
    objects: group.count,
    subject: { function: group.site.function, ...(group.cache ? { cache: group.cache } : {}) },
    ...(name === undefined
      ? {}
      : { owner: { kind: group.site.module ? 'module' : 'subsystem', name, function: group.site.function } }),
    evidence: [
      { text: `${spellCount(group.count)} × ${where}`, source: group.at },
      ...(mate
        ? [{ text: `${spellCount(mate.count)} × ${nameSites([mate])}, about as many: made together`, source: mate.at }]
        : []),
    ],
    next: [
      {
        command: `cat '/sys/kernel/debug/slab/${(group.cache ?? 'kmalloc-128').replaceAll(/[^\w:.-]/g, '')}/alloc_traces'`,
        why: 'in an hour: a count that only rises is the leak; the age column says since when',
        risk: 'none',
      },
    ],
    terms: ['slab traces', 'slab cache'],
  };
}
