import { Spread } from '../clustering/spread.ts';
import type { NodeSpace } from '../reachability/node-space.ts';
import { kindOf } from './tally-holders.ts';

/** Some things of a kind that a holder keeps, spread evenly over all of them; kinds as in HeldKind. */
export function objectsOf(
  space: NodeSpace,
  labels: Int32Array,
  holder: number,
  kind: number,
  most: number,
): readonly number[] {
  const { table, strides, count } = space;
  const found = new Spread(most);
  if (kind >= strides.length) {
    for (let node = table.objects; node < count; node++)
      if (labels[node] === holder && kindOf(space, node) === kind) found.add(node);
    return found.items;
  }
  for (let slab = 0; slab < table.count; slab++) {
    if (table.cache[slab] !== kind) continue;
    const first = table.first[slab] ?? 0;
    for (let object = first; object < first + (table.capacity[slab] ?? 0); object++)
      if (labels[object] === holder && !table.isFree(object)) found.add(object);
  }
  return found.items;
}
