import type { SlabColumns } from '../heap/slab-table.ts';
import type { KmemCache } from './slab-caches.ts';

/** A slab whose count of objects is torn. */
export interface TornCount {
  readonly slab: number;
  readonly claimed: number;
  /** Objects that its pages have room for, which it is given instead. */
  readonly room: number;
}

/**
 * Gives slabs that claim more objects than fit in their pages, or none at all, as many as fit: a damaged struct page must
 * not make up objects by the thousand. Returns those slabs; nothing can be said of their objects one by one.
 */
export function limitToRoom(
  { count, cache, capacity, pages }: SlabColumns,
  caches: readonly KmemCache[],
  pageSize: number,
): readonly TornCount[] {
  const torn: TornCount[] = [];
  const sizes = Float64Array.from(caches, ({ size }) => size);
  for (let slab = 0; slab < count; slab++) {
    const claimed = capacity[slab] ?? 0;
    const bytes = (pages[slab] ?? 0) * pageSize;
    const size = sizes[cache[slab] ?? 0] ?? 0;
    if (claimed > 0 && claimed * size <= bytes) continue;
    const room = Math.floor(bytes / size);
    capacity[slab] = room;
    torn.push({ slab, claimed, room });
  }
  return torn;
}
