import type { Kernel } from '../../model/kernel/kernel.ts';
import type { KernelMemory } from '../../model/memory/kernel-memory.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';

/** An object in use: its number and where it lies. */
export interface LiveObject {
  readonly object: number;
  readonly address: bigint;
}

/** The objects of a cache that are in use, in the order of memory; those of which the dump does not say are left out. */
export function* eachObject(
  { directMap, memory }: Pick<Kernel, 'directMap'> & { readonly memory: Pick<KernelMemory, 'pageSize'> },
  heap: SlabHeap,
  cache: number,
): Generator<LiveObject> {
  const { table, caches } = heap;
  const base = (directMap?.virtual ?? 0n) - BigInt(directMap?.physical ?? 0);
  const size = caches[cache]?.size ?? 0;
  for (let slab = 0; slab < table.count; slab++) {
    if (table.cache[slab] !== cache) continue;
    const start = (table.frame[slab] ?? 0) * memory.pageSize + (table.start[slab] ?? 0);
    const first = table.first[slab] ?? 0;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++)
      if (!table.isFree(first + i) && !table.isUnknown(first + i))
        yield { object: first + i, address: base + BigInt(start + i * size) };
  }
}
