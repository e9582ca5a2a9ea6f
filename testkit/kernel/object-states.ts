import type { SlabHeap } from '../../src/model/kernel/slab-heap.ts';

/** By cache, each slab of a heap that was read: a allocated, f free, ? unknown. */
export function objectStates({ caches, table }: SlabHeap): Readonly<Record<string, readonly string[]>> {
  const states: Record<string, string[]> = Object.fromEntries(caches.map(({ name }) => [name, []]));
  for (let slab = 0; slab < table.count; slab++) {
    const name = caches[table.cache[slab] ?? 0]?.name ?? 'no cache';
    const first = table.first[slab] ?? 0;
    const objects = Array.from({ length: table.capacity[slab] ?? 0 }, (_, i) => first + i);
    const text = objects.map((object) => (table.isFree(object) ? 'f' : table.isUnknown(object) ? '?' : 'a')).join('');
    states[name] = [...(states[name] ?? []), text];
  }
  return states;
}
