import { spellBytes, spellShare } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Slabs kept alive by few objects: memory that is free inside the cache and for nobody else. Not a leak. */
export const fragmentedCache: Rule<'caches', 'accounting'> = defineRule({
  id: 'slab-fragmentation',
  title: 'a slab cache keeps many half-empty slabs',
  needs: ['caches'],
  mayUse: ['accounting'],
  examine({ caches, accounting }): readonly Finding[] {
    // Without RAM to measure it by, holes say something only where they are a good part of all slab.
    const ram = accounting?.total.bytes;
    const floor = Math.max(64 * 1024 * 1024, ram === undefined ? caches.slab.bytes * 0.15 : ram * 0.02);
    if (ram === undefined && !caches.whole && caches.basis === 'rows') return [];
    return caches.ranking
      .flatMap((c) => {
        if (c.objects === undefined || !c.slots) return [];
        const free = bytes(Math.round(c.bytes * (1 - Math.min(1, c.objects / c.slots))));
        return free >= floor && c.objects < c.slots * 0.6 ? [{ cache: c, free, used: c.objects / c.slots }] : [];
      })
      .toSorted((a, b) => b.free - a.free)
      .slice(0, 2)
      .map(({ cache, free, used }) => ({
        id: 'slab-fragmentation',
        title: `${cache.name}: ${spellBytes(free)} free inside half-empty slabs (${spellShare(used)} of the slots in use)`,
        summary: `The slab cache ${cache.name} holds ${spellBytes(cache.bytes)}, of which ${spellBytes(free)} are free slots in half-empty slabs: fragmentation after a peak, not a leak.`,
        verdict: 'not-a-leak',
        layer: cache.reclaimable ? 'slab-reclaimable' : 'slab-unreclaimable',
        confidence: 0.7,
        bytes: free,
        subject: { cache: cache.name },
        evidence: [
          {
            text: `${cache.objects?.toLocaleString('en') ?? ''} of ${cache.slots?.toLocaleString('en') ?? ''} slots in use`,
            source: cache.at,
          },
        ],
        next: [
          {
            command: `echo 1 > '/sys/kernel/slab/${cache.name.replaceAll(/[^\w:.-]/g, '')}/shrink'`,
            why: 'SLUB gives empty slabs back; what stays is held by objects spread over it',
            risk: 'low',
          },
        ],
        terms: ['fragmentation', 'slab cache'],
      }));
  },
});
