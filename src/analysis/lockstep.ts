import { bytes, sumBytes } from '../base/units.ts';
import type { CacheUsage, GrowthFacts, LockstepGroup } from '../model/facts.ts';

type Member = LockstepGroup['caches'][number];

/** Numbers this near each other, relative to the larger, count as equal. */
const TOLERANCE = 0.03;

/** Caches that grew by the same number of objects. */
export function measureGrowthLockstep(growth: GrowthFacts): readonly LockstepGroup[] {
  const members = growth.caches.flatMap((c): Member[] => {
    const added = c.objects ? c.objects.last - c.objects.first : 0;
    return added > 0 ? [{ name: c.name, objects: added, bytes: bytes(c.last - c.first), at: c.lastAt }] : [];
  });
  return group(members, 'growth').filter((g) => g.bytes >= growth.gate);
}

/**
 * Caches that hold the same number of objects in one snapshot. Only large numbers mean something: small ones meet by
 * chance. Pairs that the kernel always makes together (an inode and its security blob) are the callers' to judge.
 */
export function measureCountLockstep(ranking: readonly CacheUsage[], least = 100_000): readonly LockstepGroup[] {
  const members = ranking
    .filter((c) => (c.objects ?? 0) >= least)
    .map((c) => ({ name: c.name, objects: c.objects ?? 0, bytes: c.bytes, at: c.at }));
  return group(members, 'count');
}

function group(members: readonly Member[], from: LockstepGroup['from']): LockstepGroup[] {
  const sorted = members.toSorted((a, b) => b.objects - a.objects);
  const groups: Member[][] = [];
  for (const member of sorted) {
    const open = groups.at(-1);
    const lead = open?.[0];
    if (open && lead && member.objects >= lead.objects * (1 - TOLERANCE)) open.push(member);
    else groups.push([member]);
  }
  return groups
    .filter((g) => g.length > 1)
    .map((caches) => ({
      caches: caches.toSorted((a, b) => b.bytes - a.bytes),
      objects: Math.min(...caches.map((c) => c.objects)),
      bytes: sumBytes(caches.map((c) => c.bytes)),
      from,
    }))
    .toSorted((a, b) => b.bytes - a.bytes);
}
