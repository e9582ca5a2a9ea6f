import { spellBytes, spellThings } from '../../base/spelling.ts';
import type { Finding, Layer } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import { defineRule, type Rule } from '../rule.ts';
import { isMemoryManager, madeBy, nameSites } from '../sites.ts';

/** Less than this is what a kernel keeps in passing. */
const WORTH = 64 * 1024;

const LAYERS: Readonly<Record<NonNullable<CallSiteGroup['area']>, Layer>> = {
  slab: 'slab-unreclaimable',
  vmalloc: 'vmalloc',
  percpu: 'percpu',
  pages: 'page-allocator',
};

/** What memleak (bcc) saw allocated since it was attached and did not see freed. */
export const outstandingAllocations: Rule<'callSites'> = defineRule({
  id: 'outstanding-allocations',
  title: 'allocations that memleak (bcc) did not see freed',
  needs: ['callSites'],
  examine({ callSites }): readonly Finding[] {
    return callSites
      .filter((g) => g.detector === 'memleak' && !isMemoryManager(g))
      .toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
      .slice(0, 3)
      .map(describe);
  },
});

function describe(group: CallSiteGroup): Finding {
  const { site } = group;
  const held = group.bytes ?? 0;
  const where = nameSites([group]);
  const made = madeBy(group);
  const bare = site.callers.length === 0 && site.through.length === 0;
  const worth = held >= WORTH && group.count > 1;
  const name = site.module ?? site.subsystem;
  const callers = site.callers.length > 0 ? `, called from ${site.callers.slice(0, 3).join(' ← ')}` : '';
  const were = group.count === 1 ? 'was' : 'were';
  const things = `${spellThings(group.count, 'allocation')} of ${spellBytes(held)}`;
  return {
    id: 'outstanding-allocations',
    title: `memleak: ${things} by ${where} not freed`,
    summary: bare
      ? `${things} ${were} made through ${where} and not freed while memleak traced; the stacks end at the allocator, so who asked cannot be told.`
      : `${things} made by ${where} ${were} not freed while memleak traced${callers}: what rises from round to round is not given back.`,
    verdict: worth ? 'growth' : 'inconclusive',
    layer: group.area === undefined ? 'slab-unreclaimable' : LAYERS[group.area],
    confidence: worth ? (bare ? 0.5 : site.module === undefined ? 0.55 : 0.65) : 0.35,
    ...(group.bytes === undefined ? {} : { bytes: group.bytes }),
    objects: group.count,
    subject: {
      ...(made ? { type: made.type } : {}),
      function: site.function,
      callSite: [site.function, ...site.callers].join(' ← '),
    },
    ...(name === undefined
      ? {}
      : { owner: { kind: site.module === undefined ? 'subsystem' : 'module', name, function: site.function } }),
    evidence: [
      {
        text: `${spellBytes(held)} in ${spellThings(group.count, 'allocation')}, stack ${[site.function, ...site.callers].join(' ← ')}`,
        source: group.at,
      },
    ],
    next: [
      {
        command: 'memleak-bpfcc -o 600000 60 30',
        why: 'only what is older than ten minutes, every minute for half an hour: a stack that only rises is the leak',
        risk: 'low',
      },
    ],
  };
}
