import { spellBytes, spellCount } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { LockstepGroup } from '../../model/facts.ts';
import { isReclaimableCache } from '../../model/slab-names.ts';
import { readKmemleak, secondSnapshot, slabUsers } from '../next-steps.ts';
import { defineRule, type Rule } from '../rule.ts';

/**
 * Several unreclaimable caches with the same number of objects, in one snapshot: one leaked aggregate made of an
 * allocation from each. Over a series the growth of the caches says it, and this rule stands back.
 */
export const lockstepCaches: Rule<'lockstep' | 'caches', 'accounting' | 'growth'> = defineRule({
  id: 'slab-lockstep',
  title: 'several caches hold the same number of objects',
  needs: ['lockstep', 'caches'],
  mayUse: ['accounting', 'growth'],
  examine({ lockstep, caches, accounting, growth }) {
    if (growth && growth.caches.length > 0) return [];
    const floor = Math.max(16 * 1024 * 1024, (accounting?.total.bytes ?? 0) * 0.02);
    return lockstep
      .filter((g) => g.from === 'count' && g.bytes >= floor && g.bytes >= caches.slab.bytes * 0.15)
      .filter((g) => g.caches.filter((c) => !isNaturalPair(c.name)).length > 1)
      .slice(0, 2)
      .map(describe);
  },
});

/** Caches that go together on every healthy host: areas and their chains, inodes and their security blobs. */
const isNaturalPair = (name: string): boolean =>
  isReclaimableCache(name) ||
  /^(?:anon_vma(?:_chain)?|vm_area_struct|maple_node|filp|cred_jar|task_struct|signal_cache|sighand_cache|files_cache|fs_cache|mm_struct|pid|kmem_cache(?:_node)?|lsm_\w+|selinux_\w+|security_\w+|xfs_il[ei]|kernfs_\w+|Acpi-.*)$/.test(
    name,
  );

function describe(group: LockstepGroup): Finding {
  const names = group.caches.map((c) => c.name);
  const [first] = group.caches;
  const listed = names.slice(0, 6).join(', ');
  return {
    id: 'slab-lockstep',
    title: `${listed}: about ${spellCount(group.objects)} objects each, ${spellBytes(group.bytes)} together`,
    summary: `${names.length} slab caches (${listed}) hold the same number of objects, about ${spellCount(group.objects)}: one thing made of all of them piles up, ${spellBytes(group.bytes)} in all.`,
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: Math.min(0.9, 0.55 + names.length * 0.06),
    bytes: group.bytes,
    objects: group.objects,
    ...(first ? { subject: { cache: first.name, together: names.slice(1) } } : {}),
    evidence: [
      {
        text: `${first?.name ?? ''}: ${spellCount(first?.objects ?? 0)} objects`,
        source: first?.at ?? { kind: 'derived', from: [], by: 'lockstep' },
      },
      ...group.caches.slice(1, 6).map((c) => ({ text: `${c.name}: ${spellCount(c.objects)} objects`, source: c.at })),
    ],
    next: [secondSnapshot, readKmemleak, ...(first ? [slabUsers(first.name)] : [])],
    terms: ['lockstep', 'kmalloc', 'SUnreclaim'],
  };
}
