import { bytes } from '../../base/units.ts';
import { PAGES, type HeldKind } from '../../analysis/holding/tally-holders.ts';
import type { HeldPart } from '../../model/dump-facts.ts';
import type { CoreSession } from '../core/session.ts';

/** Says what kinds of things are, by the caches that they are of. */
export class HeldParts {
  readonly #session: CoreSession;
  readonly #inUse = new Map<number, number>();

  constructor(session: CoreSession) {
    this.#session = session;
  }

  /** `type`: where the content of slab objects tells it. */
  part({ kind, objects, bytes: size }: HeldKind, type?: string): HeldPart {
    const { heap } = this.#session;
    const cache = heap.caches[kind];
    const common = { objects, bytes: bytes(size), share: objects / Math.max(objects, this.#used(kind)) };
    if (!cache) {
      const of = kind === heap.caches.length + PAGES ? 'pages' : 'vmalloc';
      return { of, aliases: [], reclaimable: false, ...common };
    }
    return {
      of: 'slab',
      cache: cache.name,
      aliases: this.#session.aliasesOf(cache.address),
      reclaimable: cache.reclaimable,
      ...common,
      ...(type === undefined ? {} : { type }),
    };
  }

  /** Objects in use of a cache. */
  #used(kind: number): number {
    if (this.#inUse.size === 0) {
      const { table } = this.#session.heap;
      for (let slab = 0; slab < table.count; slab++) {
        const [cache, first] = [table.cache[slab] ?? 0, table.first[slab] ?? 0];
        const capacity = table.capacity[slab] ?? 0;
        const used = capacity - table.countFree(first, capacity);
        this.#inUse.set(cache, (this.#inUse.get(cache) ?? 0) + used);
      }
    }
    return this.#inUse.get(kind) ?? 0;
  }
}
