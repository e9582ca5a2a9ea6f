import { spellBytes, spellCount } from '../../base/spelling.ts';
import { bytes, sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import type { CacheUsage, GrowthFacts } from '../../model/facts.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { listSockets, reclaimTest, secondSnapshot } from '../next-steps.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

/**
 * Socket inodes and dentries that pile up together. A socket's inode and dentry are no cache: they go when the last
 * file goes. Many of them, all in use, with no process holding sockets, are references that somebody took on the path
 * and never dropped.
 */
export const pinnedSockets: Rule<'caches' | 'snapshot', 'growth' | 'accounting'> = defineRule({
  id: 'slab-pinned-sockets',
  title: 'socket inodes and dentries pile up together',
  needs: ['caches', 'snapshot'],
  mayUse: ['growth', 'accounting'],
  examine({ caches, snapshot, growth, accounting }) {
    const sockets = caches.ranking.find((c) => c.name === 'sock_inode_cache');
    const dentries = caches.ranking.find((c) => /^dentry(_cache)?$/.test(c.name));
    if (!sockets || !dentries || sockets.objects === undefined) return [];
    const held = snapshot.sockets?.used.count;
    const spare = sockets.objects - (held ?? 0);
    const enough = Math.max(4 * 1024 * 1024, (accounting?.total.bytes ?? 0) * 0.02);
    const full = sockets.slots === undefined || sockets.objects >= sockets.slots * 0.9;
    if (spare < 10_000 || spare < sockets.objects * 0.5 || !full || sockets.bytes + dentries.bytes < enough) return [];
    // Open sockets have a struct file each; references on closed ones do not.
    const files = caches.ranking.find((c) => c.name === 'filp')?.objects ?? 0;
    if (files >= spare * 0.7) return [];
    if ((dentries.objects ?? 0) < spare * 0.8 || (growth && !growth.caches.some((c) => c.name === sockets.name)))
      return [];
    return [describe(sockets, dentries, snapshot, growth)];
  },
});

function describe(
  sockets: CacheUsage,
  dentries: CacheUsage,
  snapshot: Snapshot,
  growth: GrowthFacts | undefined,
): Finding {
  const grown = growth?.caches.find((c) => c.name === sockets.name);
  const grownDentries = growth?.caches.find((c) => c.name === dentries.name);
  const held = snapshot.sockets?.used;
  const few = held !== undefined && held.count < (sockets.objects ?? 0) / 4;
  const amount = grown
    ? bytes(grown.last - grown.first + Math.max(0, (grownDentries?.last ?? 0) - (grownDentries?.first ?? 0)))
    : sumBytes([sockets.bytes, dentries.bytes]);
  const what = `${spellCount(sockets.objects ?? 0)} sock_inode_cache and ${spellCount(dentries.objects ?? 0)} dentry objects`;
  return {
    id: 'slab-pinned-sockets',
    title: `sock_inode_cache and dentry ${grown ? 'grow' : 'are large'} together: ${what}`,
    summary: `${few ? 'Inodes of closed sockets and their dentries stay' : 'Inodes of sockets and their dentries pile up'} in memory: ${what}, ${spellBytes(amount)}${grown ? ' more than at the beginning' : ''}. ${few ? 'A reference on each path is held and never dropped.' : 'They are no cache, they go when a socket is closed: a reference on each path seems to be held and never dropped.'}`,
    verdict: few ? 'leak' : 'growth',
    layer: 'slab-reclaimable',
    confidence: few ? 0.92 : grown ? 0.85 : 0.75,
    bytes: amount,
    ...(sockets.objects === undefined ? {} : { objects: sockets.objects }),
    ...(grown ? rateOf(grown, snapshot) : {}),
    subject: { cache: sockets.name, together: [dentries.name], type: 'struct socket_alloc' },
    evidence: [
      {
        text: `sock_inode_cache: ${grown ? spellGrowth(grown) : `${spellCount(sockets.objects ?? 0)} objects, ${spellBytes(sockets.bytes)}`}`,
        source: sockets.at,
      },
      {
        text: `dentry: ${grownDentries ? spellGrowth(grownDentries) : `${spellCount(dentries.objects ?? 0)} objects, ${spellBytes(dentries.bytes)}`}`,
        source: dentries.at,
      },
      ...(held ? [{ text: `sockets that exist: ${spellCount(held.count)}`, source: held.at }] : []),
      {
        text: 'counted as reclaimable by the allocator, but a referenced dentry cannot be given back',
        source: dentries.at,
      },
    ],
    next: [listSockets, reclaimTest, ...(grown ? [] : [secondSnapshot])],
    terms: ['sock_inode_cache', 'dentry', 'reference count'],
  };
}
