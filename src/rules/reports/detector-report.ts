import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Evidence, Finding, Layer } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import type { GrowthFacts } from '../../model/facts.ts';
import { confirmKmemleak } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';
import { madeBy, nameSites } from '../sites.ts';

/** More call sites than this are summed up in one line. */
const MOST = 5;

/** What kmemleak or KEDR reports: allocations that nothing in memory points to any more. */
export const detectorReport: Rule<'callSites', 'growth'> = defineRule({
  id: 'detector-report',
  title: 'entries in a leak detector’s report',
  needs: ['callSites'],
  mayUse: ['growth'],
  examine({ callSites, growth }) {
    const found = callSites.filter((g) => g.detector === 'kmemleak' || g.detector === 'kedr');
    const all = found.reduce((n, g) => n + g.count, 0);
    const worth = found.toSorted((a, b) => weigh(b) - weigh(a));
    return worth.slice(0, MOST).map((g) => describe(g, all, growth));
  },
});

const weigh = (g: CallSiteGroup): number => (g.bytes ?? 0) + g.count;

const LAYERS: Readonly<Record<NonNullable<CallSiteGroup['area']>, Layer>> = {
  slab: 'slab-unreclaimable',
  vmalloc: 'vmalloc',
  percpu: 'percpu',
  pages: 'page-allocator',
};

function describe(group: CallSiteGroup, all: number, growth: GrowthFacts | undefined): Finding {
  const { site } = group;
  const where = nameSites([group]);
  const part = site.subsystem !== undefined && site.module === undefined ? ` (${site.subsystem})` : '';
  const size = group.bytes === undefined ? '' : `, ${spellBytes(group.bytes)}`;
  const process = group.processes[0] === undefined ? '' : ` for ${group.processes.slice(0, 3).join(', ')}`;
  const callers = site.callers.length > 0 ? `, called from ${site.callers.slice(0, 3).join(' ← ')}` : '';
  const name = site.module ?? site.subsystem;
  const made = madeBy(group);
  const things = group.count === 1 ? 'One allocation' : `${spellCount(group.count)} allocations`;
  return {
    id: 'detector-report',
    title: `${group.detector}: ${spellCount(group.count)} × ${made ? `${made.type} of ` : ''}${where}${part}${size}${group.cut ? ' (report cut)' : ''}`,
    summary: `${things} made by ${where}${part}${process} ${group.count === 1 ? 'is' : 'are'} no longer referred to by anything (${group.detector})${callers}.${made?.partner ? ` ${capital(made.partner)}.` : ''}`,
    verdict: 'leak',
    layer: group.area ? LAYERS[group.area] : 'slab-unreclaimable',
    confidence: confidence(group, all, growth),
    // The head of a buffer is the smallest part of it: its data lies in pages that the report does not count.
    ...(group.bytes === undefined || site.passedOn ? {} : { bytes: group.bytes }),
    objects: group.count,
    subject: {
      ...(made ? { type: made.type } : {}),
      function: site.function,
      callSite: [site.function, ...site.callers].join(' ← '),
      ...(group.cache ? { cache: group.cache } : {}),
    },
    ...(name === undefined
      ? {}
      : { owner: { kind: site.module ? ('module' as const) : ('subsystem' as const), name, function: site.function } }),
    evidence: [
      {
        text: `${group.count === 1 ? '1 entry' : `${spellCount(group.count)} entries`}${size}, stack ${[site.function, ...site.callers].join(' ← ')}`,
        source: group.at,
      },
      ...(group.samples.length > 0 ? [{ text: `at ${group.samples.slice(0, 4).join(', ')}`, source: group.at }] : []),
      ...wordsIn(group),
      ...(site.passedOn
        ? [
            {
              text: `${site.function} hands the object on: who allocated it need not be who forgot to free it`,
              source: group.at,
            },
          ]
        : []),
    ],
    next: [confirmKmemleak],
    terms: ['kmemleak', ...(site.passedOn ? ['skb'] : [])],
  };
}

/** Text at the beginning of an object often says whose it is: a name, a path. */
function wordsIn({ content, at }: CallSiteGroup): readonly Evidence[] {
  const text = /^[\u0020-\u007e]{4,64}/.exec(String.fromCharCode(...(content ?? []).slice(0, 64)))?.[0].trim();
  return text === undefined || text.length < 4 ? [] : [{ text: `it begins with the text “${text}”`, source: at }];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One young entry may be a pointer in flight; many with one stack are not. */
function confidence(group: CallSiteGroup, all: number, growth: GrowthFacts | undefined): number {
  const many = group.count >= 10 ? 0.2 : group.count > 1 ? 0.12 : 0;
  const most = group.count >= all / 2 ? 0.05 : 0;
  const grows = growth?.caches.some((c) => !c.reclaimable && c.last - c.first >= growth.gate) ? 0.05 : 0;
  return Math.min(0.97, 0.68 + many + most + grows);
}
