import { spellBytes, spellCount } from '../../base/spelling.ts';
import { bytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { rateOf, spellGrowth } from '../rate.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Socket inodes that grow because sockets are open: the kernel's own count says so. A process leaks them, or is busy. */
export const openSockets: Rule<'growth' | 'snapshot', 'lockstep'> = defineRule({
  id: 'open-sockets',
  title: 'open sockets that grow in number',
  needs: ['growth', 'snapshot'],
  mayUse: ['lockstep'],
  examine({ growth, snapshot, lockstep = [] }): readonly Finding[] {
    const grown = growth.caches.find((c) => c.name === 'sock_inode_cache');
    const used = snapshot.sockets?.used;
    if (!grown?.objects || !used || grown.last - grown.first < growth.gate) return [];
    const added = grown.objects.last - grown.objects.first;
    if (used.count < grown.objects.last * 0.7) return [];
    const mates = lockstep.find((g) => g.caches.some((c) => c.name === grown.name))?.caches ?? [];
    const near = growth.caches.filter(
      (c) => c.objects && Math.abs(c.objects.last - c.objects.first - added) < added * 0.1,
    );
    const names = [...new Set([...mates, ...near].map((c) => c.name))].filter((n) => n !== grown.name);
    const together = bytes(
      [grown, ...near.filter((c) => c.name !== grown.name)].reduce((sum, c) => sum + c.last - c.first, 0),
    );
    return [
      {
        id: 'open-sockets',
        title: `${spellCount(used.count)} sockets are open, ${spellCount(added)} more than at the beginning: ${spellBytes(together)}`,
        summary: `Sockets that processes hold open rise to ${spellCount(used.count)}; with them the caches made for each${names.length > 0 ? ` (sock_inode_cache, ${names.slice(0, 4).join(', ')})` : ''}, ${spellBytes(together)} more. A process opens them and does not close them.`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: 0.8,
        bytes: together,
        objects: added,
        ...rateOf(grown, snapshot),
        subject: { cache: grown.name, ...(names.length > 0 ? { together: names } : {}) },
        evidence: [
          { text: `sockets that exist, by the kernel's own count: ${spellCount(used.count)}`, source: used.at },
          { text: `sock_inode_cache: ${spellGrowth(grown)}`, source: grown.lastAt },
          ...near
            .filter((c) => c.name !== grown.name)
            .slice(0, 3)
            .map((c) => ({ text: `${c.name}: ${spellGrowth(c)}`, source: c.lastAt })),
        ],
        next: [
          {
            command:
              'for p in /proc/[0-9]*; do echo "$(ls $p/fd 2>/dev/null | wc -l) $(cat $p/comm)"; done | sort -rn | head',
            why: 'the process that holds most files and sockets',
            risk: 'none',
          },
        ],
        terms: ['sock_inode_cache', 'slab cache'],
      },
    ];
  },
});
