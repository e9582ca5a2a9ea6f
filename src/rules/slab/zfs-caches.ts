import { spellBytes, spellShare } from '../../base/spelling.ts';
import { sumBytes } from '../../base/units.ts';
import type { Finding } from '../../findings/finding.ts';
import { defineRule, type Rule } from '../rule.ts';

const MIB = 1024 * 1024;

/** Caches that the modules zfs and spl create; the names are theirs alone. */
const OF_ZFS =
  /^(?:dnode_t|dmu_buf_impl_t|arc_buf\w*|l2arc\w*|hdr_\w+_cache|sa_cache|sio_cache_\w+|zfs_\w+|zio_\w+|zil_\w+|abd_\w+|spl_\w+|ddt_\w+|brt_\w+|range_seg\w*|taskq_\w+|lz4_cache)$/;

/**
 * ZFS keeps its cache (ARC) in slab caches of its own that carry no flag: unreclaimable by the kernel's books, given
 * back by ZFS. Their size says something only beside that of the ARC.
 */
export const zfsCaches: Rule<'caches' | 'snapshot', 'accounting'> = defineRule({
  id: 'slab-zfs',
  title: 'slab caches of ZFS are most of slab',
  needs: ['caches', 'snapshot'],
  mayUse: ['accounting'],
  examine({ caches, snapshot, accounting }): readonly Finding[] {
    const own = caches.ranking.filter((c) => OF_ZFS.test(c.name));
    const [first] = own;
    const held = sumBytes(own.map((c) => c.bytes));
    const ram = accounting?.total.bytes;
    if (!first || caches.difference || held < Math.max(256 * MIB, caches.slab.bytes * 0.3)) return [];
    if (ram !== undefined && held < ram * 0.05) return [];
    const arc = snapshot.pools.find((p) => p.id === 'zfs-arc');
    // Slabs are not full, and a dnode keeps more than the ARC counts for it.
    const explained = arc !== undefined && held <= arc.bytes * 1.5;
    const listed = own
      .slice(0, 3)
      .map((c) => c.name)
      .join(', ');
    const share =
      ram === undefined ? `${spellShare(held / caches.slab.bytes)} of slab` : `${spellShare(held / ram)} of RAM`;
    return [
      {
        id: 'slab-zfs',
        title: `slab caches of ZFS hold ${spellBytes(held)} (${share})`,
        summary: explained
          ? `Not lost: ${spellBytes(held)} (${share}) are slab caches of ZFS (${listed}), part of its cache, the ARC (${spellBytes(arc.bytes)}).`
          : `${spellBytes(held)} (${share}) are slab caches of ZFS (${listed}): most likely its cache, the ARC, with what belongs to it. ${arc ? `The ARC itself says ${spellBytes(arc.bytes)}, much less` : 'How large the ARC is was not seen'}.`,
        verdict: explained ? 'not-a-leak' : 'inconclusive',
        layer: 'slab-unreclaimable',
        confidence: explained ? 0.8 : 0.6,
        bytes: held,
        subject: { cache: first.name, together: own.slice(1, 4).map((c) => c.name) },
        owner: { kind: 'module', name: 'zfs' },
        evidence: [
          { text: `${first.name}: ${spellBytes(first.bytes)}`, source: first.at },
          ...own.slice(1, 5).map((c) => ({ text: `${c.name}: ${spellBytes(c.bytes)}`, source: c.at })),
          ...(arc ? [{ text: `ARC: ${spellBytes(arc.bytes)}`, source: arc.at }] : []),
        ],
        next: [
          {
            command: 'cat /proc/spl/kstat/zfs/arcstats',
            why: '`size` is what the ARC holds, `c_max` its limit: slab far beyond it does not come from caching',
            risk: 'none',
          },
        ],
        terms: ['ZFS ARC', 'SPL', 'SUnreclaim'],
      },
    ];
  },
});
