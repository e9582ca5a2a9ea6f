import { spellBytes, spellShare } from '../../base/spelling.ts';
import { bytesLess } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { countDentries, secondSnapshot } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/**
 * slabtop states what all caches hold and what of it is in use. Much of it free, over many caches, is either what a
 * peak left behind or, before Linux 5.9, one copy of every cache for each memory cgroup, most of them nearly empty.
 */
export const halfEmptySlab: Rule<'snapshot' | 'caches', 'accounting'> = defineRule({
  id: 'slab-half-empty',
  title: 'slabs are half empty over many caches',
  needs: ['snapshot', 'caches'],
  mayUse: ['accounting'],
  examine({ snapshot, caches, accounting }): readonly Finding[] {
    const stated = snapshot.caches?.stated;
    if (!stated || stated.used > stated.held * 0.65) return [];
    const free = bytesLess(stated.held, stated.used);
    const ram = accounting?.total.bytes;
    if (free < Math.max(512 * MIB, (ram ?? 0) * 0.05)) return [];
    // One cache that has most of the holes is the finding of another rule.
    if (caches.ranking.some((c) => c.slots && c.bytes * (1 - (c.objects ?? c.slots) / c.slots) > free * 0.5)) return [];
    const flagged = caches.ranking.filter((c) => c.reclaimable).reduce((n, c) => n + c.bytes, 0);
    const listed = caches.ranking.reduce((n, c) => n + c.bytes, 0);
    return [
      {
        id: 'slab-half-empty',
        title: `${spellBytes(free)} of ${spellBytes(stated.held)} of slab are free slots in half-empty slabs`,
        summary: `Slab holds ${spellBytes(stated.held)}, and only ${spellShare(stated.used / stated.held)} of it is in use: ${spellBytes(free)} are free slots, over many caches. Either a peak left them behind, or, before Linux 5.9, every memory cgroup has a copy of each cache, those of deleted ones too.`,
        verdict: 'inconclusive',
        layer: flagged > listed * 0.5 ? 'slab-reclaimable' : 'slab-unreclaimable',
        confidence: 0.6,
        bytes: free,
        evidence: [
          {
            text: `all caches: ${spellBytes(stated.used)} in use of ${spellBytes(stated.held)} held`,
            source: stated.at,
          },
        ],
        next: [
          {
            command: 'uname -r; grep memory /proc/cgroups; ls /sys/kernel/slab | grep -c ":"',
            why: 'release, memory cgroups with the deleted ones, and caches by the kernel’s count',
            risk: 'none',
          },
          countDentries,
          secondSnapshot,
        ],
        terms: ['fragmentation', 'dying cgroup', 'slab cache'],
      },
    ];
  },
});
