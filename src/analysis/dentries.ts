import type { DentryFacts, GrowthFacts } from '../model/facts.ts';
import { measured, missing, type Measured } from '../model/measured.ts';
import { isInodeCache } from '../model/slab-names.ts';
import type { Snapshot } from '../model/snapshot.ts';

/**
 * Sets the dentries against the inodes. Every dentry of an existing name has an inode, and inode caches are never
 * merged (their objects have constructors); so dentries beyond all inodes are negative: names looked up and not found.
 * Hard links give an inode several dentries; they are few against the numbers that matter here.
 */
export function measureDentries(snapshot: Snapshot, growth?: GrowthFacts): Measured<DentryFacts> {
  const cache = snapshot.caches?.caches.find((c) => c.name === 'dentry' || c.name === 'dentry_cache');
  if (!cache || cache.objects === undefined) return missing('the dentry cache was not seen (/proc/slabinfo)');
  const inodes = snapshot.caches?.caches.filter((c) => isInodeCache(c.name)) ?? [];
  const count = inodes.reduce((n, c) => n + (c.objects ?? 0), 0);
  const [firstInode] = inodes;
  const state = snapshot.dentryState;
  const spare = cache.objects - count;
  const added = growth ? measureAdded(growth) : undefined;
  const counted = state?.negative && state.negative.count > 0 ? state.negative : undefined;
  return measured({
    dentries: { count: cache.objects, bytes: cache.bytes, at: cache.at },
    inodes: { count, caches: inodes.map((c) => c.name), ...(firstInode ? { at: firstInode.at } : {}) },
    ...(counted
      ? { negative: { count: counted.count, counted: true, at: counted.at } }
      : snapshot.caches?.whole === true && inodes.length > 0 && spare > 0
        ? { negative: { count: spare, counted: false, at: cache.at } }
        : {}),
    ...(state ? { unused: state.unused } : {}),
    ...(added ? { added } : {}),
  });
}

function measureAdded(growth: GrowthFacts): DentryFacts['added'] {
  const change = (match: (name: string) => boolean): number =>
    growth.caches
      .filter((c) => match(c.name))
      .reduce((n, c) => n + (c.objects ? c.objects.last - c.objects.first : 0), 0);
  const dentries = change((name) => name === 'dentry' || name === 'dentry_cache');
  const inodes = change(isInodeCache);
  return dentries > 0 ? { dentries, inodes, negative: Math.max(0, dentries - inodes) } : undefined;
}
