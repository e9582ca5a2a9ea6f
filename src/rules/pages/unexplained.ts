import type { Provenance } from '../../base/provenance.ts';
import { spellBytes, spellRate, spellShare } from '../../base/spelling.ts';
import { bytes, sumBytes, type Bytes } from '../../base/units.ts';
import type { Evidence, Finding } from '../../findings/finding.ts';
import type { CallSiteGroup } from '../../model/call-site.ts';
import type { AccountedMemory, GrowthFacts } from '../../model/facts.ts';
import type { DumpFacts } from '../../model/dump-facts.ts';
import type { Pool, Snapshot } from '../../model/snapshot.ts';
import { bootPageOwner, secondSnapshot } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';
import { nameSites } from '../sites.ts';
import { findUnseenOwner } from './unseen-owners.ts';

type UnexplainedGrowth = GrowthFacts['buckets'][number];

/** Pages taken straight from the page allocator: no counter explains them, no process holds them. */
export const unexplainedPages: Rule<'accounting' | 'snapshot', 'growth' | 'callSites' | 'caches' | 'dump'> = defineRule(
  {
    id: 'unexplained-pages',
    title: 'memory that no counter explains',
    needs: ['accounting', 'snapshot'],
    mayUse: ['growth', 'callSites', 'caches', 'dump'],
    examine({ accounting, snapshot, growth, callSites = [], dump }) {
      const { unexplained, low, total } = accounting;
      if (unexplained === undefined || low === undefined) return [];
      const grown = growth?.buckets.find((b) => b.name === 'unexplained');
      const grows = growth && grown && (risesFast(grown, growth, total.bytes) || risesSteadily(grown, growth));
      const large = low >= total.bytes * innocentShare(snapshot);
      if (!grows && !large) return [];
      if (grows && !large && dump && areKnown(dump, grown.last - grown.first)) return [];
      const pools = poolsOutside(snapshot, unexplained);
      return [
        pools.bytes >= unexplained * 0.6
          ? explained(unexplained, pools, accounting)
          : describe(unexplained, accounting, snapshot, grows ? grown : undefined, callSites),
      ];
    },
  },
);

/**
 * A dump tells the pages themselves: neither are so many lost, nor does anybody hold so many alone. What counters showed is
 * what they say too late, on a busy machine a few MiB.
 */
function areKnown({ lostMemory, holdings }: DumpFacts, grown: number): boolean {
  const lost = lostMemory.reduce((sum, { bytes: size }) => sum + size, 0);
  const isHeld = holdings.some(({ parts }) =>
    parts.some(({ of, objects, bytes: size }) => of === 'pages' && objects >= FEWEST_HELD && size >= grown / 2),
  );
  return lost < grown / 4 && !isHeld;
}

/** Blocks of pages. */
const FEWEST_HELD = 64;

function risesFast({ first, last }: UnexplainedGrowth, { gate }: GrowthFacts, ram: number): boolean {
  return last - first >= gate * 2 && last >= first * 1.5 && last >= ram * 0.02;
}

/** Small against RAM, but up in nearly every sample over an hour and more: a slow leak of a large host. */
function risesSteadily(
  { first, last, trend, samples, perHour }: UnexplainedGrowth,
  { gate, spanSeconds = 0 }: GrowthFacts,
): boolean {
  return (
    last - first >= gate * 4 &&
    last >= first * 1.3 &&
    trend > 0.8 &&
    samples >= 4 &&
    spanSeconds >= 3600 &&
    (perHour?.low ?? 0) > 0
  );
}

/** Small machines and page_owner's records raise what the equation leaves open without a leak. */
function innocentShare(snapshot: Snapshot): number {
  const detectors = snapshot.reports.some((r) => r.detector === 'page_owner') ? 0.06 : 0.04;
  const ram = snapshot.counters.get('MemTotal')?.bytes ?? 0;
  return ram < 512 * 1024 * 1024 ? Math.max(0.08, detectors) : Math.max(0.05, detectors);
}

interface Pools {
  readonly bytes: Bytes;
  readonly names: readonly string[];
  readonly at: readonly { readonly text: string; readonly source: Provenance }[];
}

/** Pools whose pages are in no counter of meminfo: ARC buffers, balloons. */
function poolsOutside(snapshot: Snapshot, unexplained: Bytes): Pools {
  const pools = [
    ...snapshot.pools.filter((p) => p.id === 'zfs-arc' || p.id === 'balloon' || p.id === 'spl-slab'),
    ...countedBalloon(snapshot, unexplained),
  ];
  return {
    bytes: sumBytes(pools.map((p) => p.bytes)),
    names: pools.map((p) => p.name),
    at: pools.map((p) => ({ text: `${p.name}: ${spellBytes(p.bytes)}`, source: p.at })),
  };
}

/** Since 6.18 meminfo counts the balloon. Some drivers lower MemTotal by it as well; then it is not in the rest. */
function countedBalloon(
  { counters, pools }: Snapshot,
  unexplained: Bytes,
): readonly Pick<Pool, 'name' | 'bytes' | 'at'>[] {
  const balloon = counters.get('Balloon');
  if (!balloon || balloon.bytes === 0 || unexplained < balloon.bytes * 0.8) return [];
  return pools.some((p) => p.id === 'balloon') ? [] : [{ name: 'the balloon', ...balloon }];
}

function explained(unexplained: Bytes, pools: Pools, { total }: AccountedMemory): Finding {
  const balloon = pools.names.some((n) => /balloon/i.test(n));
  return {
    id: 'unexplained-pages',
    title: `${spellBytes(unexplained)} in no counter of meminfo are ${pools.names.join(' and ')}`,
    summary: `Not lost: ${spellBytes(unexplained)} that no counter of meminfo names are ${pools.names.join(' and ')} (${spellBytes(pools.bytes)}).`,
    verdict: 'not-a-leak',
    layer: balloon ? 'balloon' : 'page-allocator',
    confidence: 0.85,
    bytes: unexplained,
    evidence: [
      { text: `of ${spellBytes(total.bytes)}, ${spellBytes(unexplained)} are in no counter`, source: total.at },
      ...pools.at,
    ],
    next: [],
    terms: balloon ? ['balloon'] : ['ZFS ARC'],
  };
}

function describe(
  unexplained: Bytes,
  accounting: AccountedMemory,
  snapshot: Snapshot,
  grown: UnexplainedGrowth | undefined,
  callSites: readonly CallSiteGroup[],
): Finding {
  const { total, low = unexplained, high = unexplained } = accounting;
  const share = unexplained / total.bytes;
  const change = grown ? bytes(grown.last - grown.first) : unexplained;
  const rate = grown?.perHour ? `, growing ${spellRate(grown.perHour.value)}` : '';
  const sites = callSites.filter((s) => s.detector === 'page_owner' && s.area !== 'slab').slice(0, 3);
  const [site] = sites;
  const unseen = grown || site ? undefined : findUnseenOwner(snapshot, unexplained);
  return {
    id: 'unexplained-pages',
    title: `Pages that no counter explains: ${spellBytes(unexplained)} (${spellShare(share)} of RAM)${rate}`,
    summary: `${spellBytes(unexplained)} (${spellShare(share)} of RAM) were taken straight from the page allocator${rate}; no counter explains them and no process holds them.${unseen ? ` ${unseen.sentence}` : ''}`,
    verdict: unseen ? 'inconclusive' : 'growth',
    layer: 'page-allocator',
    confidence: Math.min(0.95, 0.55 + Math.min(0.25, share / 2) + (grown ? 0.2 : 0)),
    bytes: change,
    ...(grown ? rateOf(grown, snapshot) : {}),
    ...(site
      ? { subject: { function: site.site.function, callSite: [site.site.function, ...site.site.callers].join(' ← ') } }
      : {}),
    ...(site?.site.module ? { owner: { kind: 'module', name: site.site.module, function: site.site.function } } : {}),
    evidence: [
      {
        text: `MemTotal ${spellBytes(total.bytes)} less all that meminfo counts leaves ${spellBytes(unexplained)}${high - low > unexplained * 0.01 ? ` (between ${spellBytes(low)} and ${spellBytes(high)})` : ''}`,
        source: total.at,
      },
      ...(unseen ? [unseen.evidence] : []),
      ...(grown ? [{ text: `over the series: ${spellGrowth(grown)}`, source: grown.lastAt }] : []),
      ...processEvidence(snapshot, accounting),
      ...buddyEvidence(snapshot),
      ...moduleEvidence(snapshot),
      ...sites.map((s) => ({
        text: `page_owner: ${s.bytes === undefined ? s.count : spellBytes(s.bytes)} by ${nameSites([s])}${s.cut ? ' (report cut, lower bound)' : ''}`,
        source: s.at,
      })),
      ...noteEvidence(accounting),
    ],
    next: [
      ...(unseen ? [unseen.next] : []),
      ...(grown ? [] : [secondSnapshot]),
      bootPageOwner,
      { command: 'kleak known', why: 'drivers that are known to lose pages, by version', risk: 'none' },
    ],
    terms: ['unexplained memory', 'page allocator', 'page_owner', 'memory equation'],
  };
}

function processEvidence(snapshot: Snapshot, { total }: AccountedMemory): readonly Evidence[] {
  const sum = snapshot.processSum?.pss ?? snapshot.processSum?.rss;
  return sum && sum.bytes < total.bytes
    ? [{ text: `all processes together hold ${spellBytes(sum.bytes)}`, source: sum.at }]
    : [];
}

function buddyEvidence(snapshot: Snapshot): readonly Evidence[] {
  const small = snapshot.freeLists.filter(
    (z) => z.zone === 'Normal' && z.blocks.slice(6).every((n) => n <= 2) && z.blocks.length > 6,
  );
  const [first] = small;
  return first
    ? [
        {
          text: `zone Normal of node ${first.node} has no large free blocks left: memory is taken page by page`,
          source: first.at,
        },
      ]
    : [];
}

function moduleEvidence(snapshot: Snapshot): readonly Evidence[] {
  const foreign = snapshot.modules.filter((m) => /[OEP]/.test(m.taints)).slice(0, 5);
  const [first] = foreign;
  return first
    ? [
        {
          text: `modules from outside the kernel tree are loaded: ${foreign.map((m) => m.name).join(', ')}`,
          source: first.at,
        },
      ]
    : [];
}

function noteEvidence({ notes, total }: AccountedMemory): readonly Evidence[] {
  return notes.includes('vmalloc-not-counted')
    ? [
        {
          text: 'this kernel counts neither vmalloc pages nor kmalloc above 8 KiB; they are part of the unexplained amount',
          source: total.at,
        },
      ]
    : [];
}
