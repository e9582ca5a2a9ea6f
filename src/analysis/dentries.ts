import type { DentryFacts, GrowthFacts } from '../model/facts.ts';
import { measured, missing, type Measured } from '../model/measured.ts';
import { isInodeCache } from '../model/slab-names.ts';
import type { SlabCache, Snapshot } from '../model/snapshot.ts';
import { addFamilies } from './caches.ts';

/**
 * Sets the dentries against the inodes. Every dentry of an existing name has an inode, and inode caches are never
 * merged (their objects have constructors); so dentries beyond all inodes are negative: names looked up and not found.
 * Hard links give an inode several dentries; they are few against the numbers that matter here.
 */
export function measureDentries(snapshot: Snapshot, growth?: GrowthFacts): Measured<DentryFacts> {
  const caches = addFamilies(snapshot.caches?.caches ?? []);
  const cache = caches.get('dentry') ?? caches.get('dentry_cache');
  if (!cache || cache.objects === undefined) return missing('the dentry cache was not seen (/proc/slabinfo)');
  const inodes = [...caches.values()].filter((c) => isInodeCache(c.name));
  const count = inodes.reduce((n, c) => n + (c.objects ?? 0), 0);
  const [firstInode] = inodes;
  const state = snapshot.dentryState;
  const spare = cache.objects - count;
  const added = growth ? measureAdded(growth) : undefined;
  const negative = measureNegative(snapshot, cache, inodes.length > 0 ? spare : 0);
  return measured({
    dentries: { count: cache.objects, bytes: cache.bytes, at: cache.at },
    inodes: { count, caches: inodes.map((c) => c.name), ...(firstInode ? { at: firstInode.at } : {}) },
    ...(negative ? { negative } : {}),
    ...(state ? { unused: state.unused } : {}),
    ...(added ? { added } : {}),
  });
}

/** As the kernel counts them; else the least that the inodes leave, where every inode cache was listed. */
function measureNegative(snapshot: Snapshot, cache: SlabCache, spare: number): DentryFacts['negative'] {
  const counted = snapshot.dentryState?.negative;
  if (counted && counted.count > 0) return { count: counted.count, counted: true, at: counted.at };
  return snapshot.caches?.whole === true && spare > 0 ? { count: spare, counted: false, at: cache.at } : undefined;
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
