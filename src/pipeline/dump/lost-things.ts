import { bytes } from '../../base/units.ts';
import type { LostThing } from '../../model/dump-facts.ts';
import { addressOfObject } from '../../model/kernel/slab-heap.ts';
import { spell } from '../core/addresses.ts';
import type { CoreSession } from '../core/session.ts';

/** What was leaked and how often, the most bytes first. */
export function lostThings(session: CoreSession): readonly LostThing[] {
  const { kernel, heap, reachability } = session;
  const { marked, space } = reachability;
  const { table, caches } = heap;
  const base = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  const found = new Map<number, { objects: number; samples: string[] }>();
  for (let slab = 0; slab < table.count; slab++) {
    const cache = table.cache[slab] ?? 0;
    const first = table.first[slab] ?? 0;
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++) {
      if (table.isFree(first + i) || table.isUnknown(first + i) || marked.has(first + i)) continue;
      const tally = found.get(cache) ?? { objects: 0, samples: [] };
      tally.objects++;
      if (tally.samples.length < 6)
        tally.samples.push(spell(addressOfObject({ kernel, caches, table, directMap: base }, slab, i)));
      found.set(cache, tally);
    }
  }
  void space;
  return [...found]
    .map(([cache, { objects, samples }]): LostThing => {
      const of = caches[cache];
      const size = bytes(objects * (of?.size ?? 0));
      return {
        units: objects,
        sources: objects,
        objects,
        bytes: size,
        parts: [
          {
            cache: of?.name ?? '',
            aliases: of ? session.aliasesOf(of.address) : [],
            reclaimable: of?.reclaimable ?? false,
            objects,
            bytes: size,
          },
        ],
        reachableAlike: 0,
        words: [],
        samples,
      };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}
