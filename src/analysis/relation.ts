import { isReclaimableCache } from '../model/slab-names.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { clockOf } from './growth.ts';

/** How several snapshots relate: moments of one host in order, the same without a clock, or different hosts. */
export type Relation =
  | { readonly kind: 'one' }
  | { readonly kind: 'series'; readonly snapshots: readonly Snapshot[] }
  | { readonly kind: 'moments' }
  | { readonly kind: 'twins'; readonly because: readonly string[] };

export function measureRelation(snapshots: readonly Snapshot[]): Relation {
  if (snapshots.length < 2) return { kind: 'one' };
  const because = differentHosts(snapshots);
  if (because.length > 0) return { kind: 'twins', because };
  const timed = snapshots.filter((s) => s.time);
  // Some with a time and some without: the former are the series, the latter stand beside it.
  if (timed.length > 1 && timed.length < snapshots.length) return measureRelation(timed);
  const boot = lastBoot(snapshots);
  if (boot.length < snapshots.length) return boot.length > 1 ? measureRelation(boot) : { kind: 'moments' };
  const sorted = sortByTime(snapshots);
  const [first, second, ...others] = sorted;
  if (first && second && others.length === 0 && contradict(first, second)) return { kind: 'moments' };
  if (clockOf(sorted) !== undefined || snapshots.length > 2) return { kind: 'series', snapshots: sorted };
  return { kind: 'moments' };
}

/**
 * Two snapshots whose times would make them a series of one boot, and whose contents do not: pages freed since boot
 * cannot become fewer, and a leak does not give back most of what it holds. They are two hosts, or a boot lies between.
 */
function contradict(first: Snapshot, second: Snapshot): boolean {
  if (clockOf([first, second]) === undefined) return false;
  const [before, after] = [first.pagesFreed?.count, second.pagesFreed?.count];
  if (first.time?.clock === 'boot' && before !== undefined && after !== undefined && after < before) return true;
  const floor = Math.max(4 * 1024 * 1024, (first.counters.get('MemTotal')?.bytes ?? 0) * 0.03);
  const later = new Map(second.caches?.caches.map((c) => [c.name, c.bytes]));
  return (first.caches?.caches ?? []).some((c) => {
    const now = later.get(c.name);
    const held = !(c.reclaimable ?? isReclaimableCache(c.name)) && c.bytes >= floor;
    return held && now !== undefined && now < c.bytes / 5;
  });
}

/** What differs that one host keeps: RAM, release, machine, name. Memory hotplug moves RAM by less than a tenth. */
export function differentHosts(snapshots: readonly Snapshot[]): readonly string[] {
  const reasons: string[] = [];
  const totals = snapshots.map((s) => s.counters.get('MemTotal')?.bytes).filter((b) => b !== undefined);
  if (totals.length > 1 && Math.max(...totals) > Math.min(...totals) * 1.1) reasons.push('their RAM differs in size');
  for (const [key, word] of [
    ['name', 'host names'],
    ['machine', 'machines'],
  ] as const) {
    const values = new Set(snapshots.map((s) => s.host[key]).filter((v) => v !== undefined));
    if (values.size > 1) reasons.push(`their ${word} differ: ${[...values].slice(0, 3).join(', ')}`);
  }
  return reasons;
}

/**
 * Times count from the boot, and another boot begins anew: of several only the last given one's are a series. All, where
 * they do not say which boot they are of, or their clock does not depend on it.
 */
function lastBoot(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  const last = snapshots.at(-1)?.host.boot;
  if (last === undefined || snapshots.some((s) => s.time?.clock === 'epoch')) return snapshots;
  return snapshots.filter((s) => s.host.boot === undefined || s.host.boot === last);
}

/** By time where all share a clock; else the order given. */
function sortByTime(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  const clocks = new Set(snapshots.map((s) => s.time?.clock));
  if (clocks.size !== 1 || clocks.has(undefined)) return snapshots;
  return snapshots.toSorted((a, b) => (a.time?.seconds ?? 0) - (b.time?.seconds ?? 0));
}
