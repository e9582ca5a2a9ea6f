import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { Count } from '../../model/snapshot.ts';
import { defineRule, type Rule } from '../rule.ts';

/** Memory cgroups that are gone for user space and not for the kernel, with the caches made for each. */
export const cgroupRemnants: Rule<'snapshot', 'caches' | 'accounting'> = defineRule({
  id: 'cgroup-remnants',
  title: 'memory cgroups that were removed and not freed',
  needs: ['snapshot'],
  mayUse: ['caches', 'accounting'],
  examine({ snapshot, caches, accounting }): readonly Finding[] {
    const controller = snapshot.cgroups.find((c) => c.name === 'memory');
    const dying = snapshot.dyingCgroups;
    const counted = dying && dying.count >= MANY_DYING ? [dying] : [];
    // Where the dying ones are counted, the sum with the living says nothing more.
    const groups = controller && dying === undefined && controller.groups >= 4000 ? [controller] : [];
    const cache = caches?.ranking.find((c) => c.name === 'kmem_cache');
    const node = caches?.ranking.find((c) => c.name === 'kmem_cache_node');
    const paired =
      cache?.objects !== undefined &&
      node?.objects !== undefined &&
      // A few thousand descriptors are a busy host's; tens of thousands, or a share of RAM, are remnants.
      (cache.objects >= 30_000 || cache.bytes >= (accounting?.total.bytes ?? Infinity) * 0.01) &&
      Math.abs(cache.objects - node.objects) <= cache.objects * 0.05;
    return [
      ...counted.map(dyingGroups),
      ...groups.map((c): Finding => ({
        id: 'cgroup-remnants',
        title: `${spellCount(c.groups)} memory cgroups exist${c.groups >= 65_000 ? ', the most there can be' : ''}`,
        summary: `${spellCount(c.groups)} memory cgroups exist in the kernel${c.groups >= 65_000 ? ', the limit of 65,535 is reached and no more can be made' : ', far more than a host has services and containers'}: removed ones are not freed while kernel memory charged to them lives.`,
        verdict: 'growth',
        layer: 'slab-unreclaimable',
        confidence: c.groups >= 65_000 ? 0.75 : 0.6,
        objects: c.groups,
        owner: { kind: 'subsystem', name: 'memory cgroups' },
        evidence: [{ text: `/proc/cgroups: memory num_cgroups ${spellCount(c.groups)}`, source: c.at }],
        next: [
          {
            command: 'find /sys/fs/cgroup -name memory.stat 2>/dev/null | wc -l',
            why: 'cgroups that are alive; the difference are remnants',
            risk: 'none',
          },
          {
            command: 'sync && echo 2 > /proc/sys/vm/drop_caches; grep memory /proc/cgroups',
            why: 'frees those that only cached objects keep alive',
            risk: 'low',
          },
        ],
        terms: ['memory cgroup', 'dying cgroup'],
      })),
      ...(paired && cache
        ? [
            {
              id: 'cgroup-remnants',
              title: `${spellCount(cache.objects ?? 0)} kmem_cache descriptors (${spellBytes(cache.bytes)}), one per cgroup and cache`,
              summary: `The kernel keeps ${spellCount(cache.objects ?? 0)} slab cache descriptors (kmem_cache), ${spellBytes(cache.bytes)}: caches of memory cgroups that were removed and not freed.`,
              verdict: 'growth',
              layer: 'slab-unreclaimable',
              confidence: 0.75,
              bytes: cache.bytes,
              ...(cache.objects === undefined ? {} : { objects: cache.objects }),
              subject: { cache: 'kmem_cache', together: ['kmem_cache_node'] },
              owner: { kind: 'subsystem', name: 'memory cgroups' },
              evidence: [
                {
                  text: `kmem_cache: ${spellCount(cache.objects ?? 0)} objects; a host has a few hundred caches`,
                  source: cache.at,
                },
                {
                  text: `kmem_cache_node: ${spellCount(node?.objects ?? 0)} objects, one for each`,
                  source: node?.at ?? cache.at,
                },
              ],
              next: [
                {
                  command: 'sync && echo 2 > /proc/sys/vm/drop_caches; grep memory /proc/cgroups',
                  why: 'frees those that only cached objects keep alive',
                  risk: 'low',
                },
              ],
              terms: ['memory cgroup', 'dying cgroup', 'slab cache'],
            } satisfies Finding,
          ]
        : []),
    ];
  },
});

/** Some are always dying: those whose last pages are not written yet. Thousands do not go by themselves. */
const MANY_DYING = 2000;

function dyingGroups({ count, at }: Count): Finding {
  return {
    id: 'cgroup-remnants',
    title: `${spellCount(count)} control groups were removed and are not freed`,
    summary: `${spellCount(count)} control groups were removed by user space and are still held by the kernel, with the memory and the per-CPU counters of each: something charged to them lives on.`,
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: 0.65,
    objects: count,
    owner: { kind: 'subsystem', name: 'memory cgroups' },
    evidence: [{ text: `cgroup.stat of the root: nr_dying_descendants ${spellCount(count)}`, source: at }],
    next: [
      {
        command: 'sync && echo 2 > /proc/sys/vm/drop_caches; cat /sys/fs/cgroup/cgroup.stat',
        why: 'frees those that only cached objects keep alive',
        risk: 'low',
      },
    ],
    terms: ['memory cgroup', 'dying cgroup'],
  };
}
