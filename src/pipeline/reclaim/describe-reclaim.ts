import type { ReclaimFacts, Reclaimed } from '../../analysis/experiment/reclaim.ts';
import { spellBytes, spellCount, spellShare } from '../../base/spelling.ts';
import { BUCKETS } from '../../findings/buckets.ts';
import type { ReclaimRow, ReclaimTest } from '../../findings/reclaim-test.ts';

export const PLAN: readonly string[] = [
  'run sync, so that what is dirty can be dropped',
  'write 3 to /proc/sys/vm/drop_caches, twice: page cache, dentries and inodes that nothing uses are given back',
  'measure what came back, and what did not',
];
export const RISK: string =
  'everything that was cached is read from disk again: for minutes the host is slower, and latency rises; no data is lost. ' +
  'While it drops, one CPU is busy, and file look-ups may stall for seconds where there are many millions of dentries.';

/** Reclaimable slab below this share of RAM, or this many bytes, is no trouble whatever it does. */
const WORTH_A_WORD = 0.005;
const LEAST = 32 * 2 ** 20;
/** What stays of it is suspicious from this share of what there was on. */
const STAYED = 0.4;
const MOST_ROWS = 40;
const SMALL = 256 * 1024;

type Conclusion = Pick<ReclaimTest, 'verdict' | 'layer' | 'summary' | 'next' | 'cameBackBytes' | 'pinnedBytes'>;

/** What came back was cache. Objects that are called reclaimable and stay although nothing else needs them are held by somebody. */
export function concludeReclaim(facts: ReclaimFacts | undefined, totalBytes: number): Conclusion {
  if (!facts)
    return {
      verdict: 'inconclusive',
      layer: 'none',
      summary: 'Caches were dropped, but too few samples were taken to say what came back.',
      next: [],
    };
  const { cameBack, slabBefore, slabAfter, pinned, inUse } = facts;
  const common = { cameBackBytes: Math.round(cameBack), pinnedBytes: Math.round(pinned) };
  const least = Math.max(LEAST, totalBytes * WORTH_A_WORD);
  const held = pinned - inUse;
  const back = `${spellBytes(cameBack)} came back: that was cache.`;
  const stayed = largestPinned(facts);
  if (held >= least && held >= slabBefore * STAYED && stayed) {
    return {
      ...common,
      verdict: 'growth',
      layer: 'slab-reclaimable',
      summary: `${back} But ${spellBytes(held)} of slab that is called reclaimable stayed, most in ${stayed.name} (${spellCount(stayed.objects?.after ?? 0)} objects): somebody holds references to them.${deadWords(facts)}`,
      next: [
        {
          command: 'kleak diagnose',
          why: 'says whether dentries and inodes grow in lockstep with sockets or files',
          risk: 'none',
        },
        {
          command: 'kleak core dentries /proc/kcore',
          why: 'groups them by directory; reads the live kernel, as root',
          risk: 'none',
        },
      ],
    };
  }
  if (slabBefore < least) {
    return {
      ...common,
      verdict: 'inconclusive',
      layer: 'none',
      summary: `${back} Reclaimable slab was only ${spellBytes(slabBefore)}: whatever this host misses is elsewhere.`,
      next: [{ command: 'kleak diagnose', why: 'says which layer holds memory', risk: 'none' }],
    };
  }
  const share = slabBefore > 0 ? Math.max(0, 1 - slabAfter / slabBefore) : 0;
  return {
    ...common,
    verdict: 'not-a-leak',
    layer: 'slab-reclaimable',
    summary: `${back} Of ${spellBytes(slabBefore)} reclaimable slab ${spellShare(share)} came back${restWords(facts)}.`,
    next: [],
  };
}

/** Why the rest stayed: files in memory and sockets that exist, and pages that a few objects keep. */
function restWords({ slabAfter, pinned, inUse }: ReclaimFacts): string {
  const kept = Math.max(0, slabAfter - pinned);
  const parts = [
    ...(inUse > SMALL ? [`${spellBytes(inUse)} belong to files in memory and sockets that exist`] : []),
    ...(kept > SMALL ? [`${spellBytes(kept)} are pages that a few objects keep`] : []),
  ];
  return parts.length > 0 ? `; of the rest, ${parts.join(', and ')}` : '';
}

function deadWords({ deadSockets }: ReclaimFacts): string {
  if (!deadSockets) return '';
  const { inodes, sockets } = deadSockets;
  const exist =
    sockets === 0 ? 'none belongs to a socket that exists' : `only ${spellCount(sockets)} belong to sockets that exist`;
  return ` Of ${spellCount(inodes)} socket inodes ${exist}: the others were closed, and are still referred to.`;
}

function largestPinned({ rows }: ReclaimFacts): Reclaimed | undefined {
  return rows
    .filter((r) => r.kind === 'cache' && r.reclaimable)
    .toSorted((a, b) => (b.pinned ?? 0) - (a.pinned ?? 0))[0];
}

/** Where it comes back to. */
const FREE: ReadonlySet<string> = new Set(['free', 'per-cpu-lists']);

/** What can come back first, then the rest; the largest first. */
export function describeRows({ rows }: ReclaimFacts): readonly ReclaimRow[] {
  return rows
    .filter((r) => Math.max(r.effect.before, r.effect.after) >= SMALL && !FREE.has(r.name))
    .toSorted(
      (a, b) =>
        Number(a.kind === 'cache') - Number(b.kind === 'cache') ||
        Number(b.reclaimable) - Number(a.reclaimable) ||
        b.effect.before - a.effect.before,
    )
    .slice(0, MOST_ROWS)
    .map(({ kind, name, effect, reclaimable, objects, pinned }) => {
      const label = kind === 'bucket' ? (BUCKETS[name]?.label ?? name) : undefined;
      const { value, low, high } = effect.change;
      return {
        kind,
        name,
        ...(label === undefined ? {} : { label }),
        beforeBytes: Math.round(effect.before),
        afterBytes: Math.round(effect.after),
        changeBytes: { value: Math.round(value), low: Math.round(low), high: Math.round(high) },
        ...(objects ? { beforeObjects: objects.before, afterObjects: objects.after } : {}),
        reclaimable,
        ...(pinned === undefined ? {} : { pinnedBytes: Math.round(pinned) }),
      };
    });
}
