import type { DentryFacts, GrowthFacts } from '../model/facts.ts';
import { measured, missing, type Measured } from '../model/measured.ts';
import { isInodeCache } from '../model/slab-names.ts';
import type { CacheTable, SlabCache, Snapshot } from '../model/snapshot.ts';
import { addFamilies } from './caches.ts';

/**
 * Sets the dentries against the inodes. Every dentry of an existing name has an inode, and inode caches are never
 * merged (their objects have constructors); so dentries beyond all inodes are negative: names looked up and not found.
 * Hard links give an inode several dentries; they are few against the numbers that matter here.
 */
export function measureDentries(snapshot: Snapshot, growth?: GrowthFacts, first?: Snapshot): Measured<DentryFacts> {
  const caches = addFamilies(snapshot.caches?.caches ?? []);
  const cache = caches.get('dentry') ?? caches.get('dentry_cache');
  if (!cache || cache.objects === undefined) return missing('the dentry cache was not seen (/proc/slabinfo)');
  const inodes = [...caches.values()].filter((c) => isInodeCache(c.name));
  const count = inodes.reduce((n, c) => n + (c.objects ?? 0), 0);
  const [firstInode] = inodes;
  const state = snapshot.dentryState;
  const spare = cache.objects - count;
  const added = growth ? measureAdded(growth, first, snapshot) : undefined;
  const negative = measureNegative(snapshot, cache, inodes.length > 0 || snapshot.caches?.whole === false ? spare : 0);
  return measured({
    dentries: { count: cache.objects, bytes: cache.bytes, at: cache.at },
    inodes: { count, caches: inodes.map((c) => c.name), ...(firstInode ? { at: firstInode.at } : {}) },
    ...(negative ? { negative } : {}),
    ...(state ? { unused: state.unused } : {}),
    ...(added ? { added } : {}),
  });
}

/** As the kernel counts them; else the least that the inodes leave, those that were not listed at their most. */
function measureNegative(snapshot: Snapshot, cache: SlabCache, spare: number): DentryFacts['negative'] {
  const counted = snapshot.dentryState?.negative;
  if (counted && counted.count > 0) return { count: counted.count, counted: true, at: counted.at };
  if (!snapshot.caches) return undefined;
  const left = snapshot.caches.whole ? spare : spare - mostUnlistedInodes(snapshot.caches);
  return left > 0 ? { count: left, counted: false, at: cache.at } : undefined;
}

/** File systems whose inodes may hide below the end of a sorted table; hosts mount few. */
const HIDDEN_CACHES = 10;
/** No inode of any file system is smaller, in bytes. */
const SMALLEST_INODE = 500;

/**
 * slabtop sorts its rows and shows the first ones. What it does not show is not larger than the last row, so that the
 * inodes in it have a bound; in a table in no order, or of a row or two, they have none.
 */
function mostUnlistedInodes({ caches, stated, difference }: CacheTable): number {
  const last = caches.at(-1);
  if (!last || !stated || difference || caches.length < 4) return Infinity;
  const falls = (value: (c: SlabCache) => number | undefined): boolean =>
    caches.every((c, i) => i === 0 || (value(c) ?? Infinity) <= (value(caches[i - 1] ?? c) ?? 0));
  if (falls((c) => c.bytes)) return (HIDDEN_CACHES * last.bytes) / SMALLEST_INODE;
  const objects = last.slots ?? last.objects;
  return falls((c) => c.slots ?? c.objects) && objects !== undefined ? HIDDEN_CACHES * objects : Infinity;
}

function measureAdded(growth: GrowthFacts, first: Snapshot | undefined, last: Snapshot): DentryFacts['added'] {
  const change = (match: (name: string) => boolean): number =>
    growth.caches
      .filter((c) => match(c.name))
      .reduce((n, c) => n + (c.objects ? c.objects.last - c.objects.first : 0), 0);
  const dentries = change((name) => name === 'dentry' || name === 'dentry_cache');
  const inodes = change(isInodeCache);
  // Rows cut out of a table say nothing about the inodes that they leave out: none added is then not a measurement.
  const inodesSeen = last.caches?.whole !== false || growth.caches.some((c) => isInodeCache(c.name));
  if (dentries <= 0 || !(inodesSeen || last.caches?.stated)) return undefined;
  const [before, after] = [first?.dentryState?.unused, last.dentryState?.unused];
  return {
    dentries,
    inodes,
    negative: Math.max(0, dentries - inodes),
    ...(before && after ? { unused: Math.max(0, after.count - before.count) } : {}),
  };
}
