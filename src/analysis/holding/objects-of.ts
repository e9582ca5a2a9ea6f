import { Spread } from '../clustering/spread.ts';
import type { NodeSpace } from '../reachability/node-space.ts';

/** Some objects of a cache that a holder keeps, spread evenly over all of them. */
export function objectsOf(
  { table }: NodeSpace,
  labels: Int32Array,
  holder: number,
  cache: number,
  most: number,
): readonly number[] {
  const found = new Spread(most);
  for (let slab = 0; slab < table.count; slab++) {
    if (table.cache[slab] !== cache) continue;
    const first = table.first[slab] ?? 0;
    for (let object = first; object < first + (table.capacity[slab] ?? 0); object++)
      if (labels[object] === holder && !table.isFree(object)) found.add(object);
  }
  return found.items;
}
