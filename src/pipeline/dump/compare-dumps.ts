import type { ComparedCache, CoreComparison } from '../../findings/core/core-comparison.ts';
import { objectAt } from '../../model/kernel/slab-heap.ts';
import type { LostThing } from '../../model/dump-facts.ts';
import { eachObject } from '../../analysis/audit/each-object.ts';
import { uptimeSeconds } from '../core/info.ts';
import { pageUses } from '../core/page-groups.ts';
import type { CoreSession } from '../core/session.ts';
import { coreSlabs } from '../core/slabs.ts';
import { compareGroups } from './compare-groups.ts';
import { compareHolders } from './compare-holders.ts';
import { lostThings } from './lost-things.ts';

/** Two dumps: what grew by cache and content, by holder, by use of pages and by what is lost, and how much of it was there before. */
export function compareDumps(a: CoreSession, b: CoreSession): CoreComparison {
  const relation = relationOf(a, b);
  const [before, after] = [uptimeSeconds(a.kernel), uptimeSeconds(b.kernel)];
  const caches = compareCaches(a, b, relation === 'same boot');
  return {
    a: a.kernel.file,
    b: b.kernel.file,
    relation,
    ...(relation === 'same boot' && before !== undefined && after !== undefined ? { seconds: after - before } : {}),
    caches,
    uses: compareUses(a, b),
    holders: compareHolders(a, b, relation === 'same boot'),
    groups: compareGroups(a, b, caches),
    lost: compareLost(lostThings(a), lostThings(b)),
  };
}

/** Addresses are chosen anew at each boot; without KASLR a later uptime has to do. */
export function relationOf({ kernel: a }: CoreSession, { kernel: b }: CoreSession): CoreComparison['relation'] {
  if (a.release !== b.release || a.info.buildId !== b.info.buildId) return 'different kernels';
  const text = a.symbols.find('_stext') === b.symbols.find('_stext');
  const memory = a.directMap?.virtual === b.directMap?.virtual;
  return text && memory && (uptimeSeconds(b) ?? 0) >= (uptimeSeconds(a) ?? 0) ? 'same boot' : 'same build';
}

function compareCaches(a: CoreSession, b: CoreSession, follow: boolean): readonly ComparedCache[] {
  const old = new Map(coreSlabs(a).caches.map((cache) => [cache.name, cache]));
  const survivors = follow ? countSurvivors(a, b) : undefined;
  const young = coreSlabs(b).caches;
  const names = new Set([...old.keys(), ...young.map(({ name }) => name)]);
  const now = new Map(young.map((cache) => [cache.name, cache]));
  return [...names]
    .map((name): ComparedCache => {
      const [x, y] = [old.get(name), now.get(name)];
      const [aObjects, bObjects] = [x?.allocated ?? 0, y?.allocated ?? 0];
      const [aBytes, bBytes] = [x?.bytes ?? 0, y?.bytes ?? 0];
      const kept = survivors?.get(name);
      return {
        name,
        aObjects,
        bObjects,
        changeObjects: bObjects - aObjects,
        aBytes,
        bBytes,
        changeBytes: bBytes - aBytes,
        ...(kept ? { survived: kept.all, lostSurvived: kept.lost } : {}),
      };
    })
    .filter((cache) => cache.changeObjects !== 0 || cache.changeBytes !== 0)
    .toSorted((x, y) => Math.abs(y.changeBytes) - Math.abs(x.changeBytes) || y.changeObjects - x.changeObjects);
}

/** Objects in use at the same address of the same cache in both. */
function countSurvivors(
  a: CoreSession,
  b: CoreSession,
): ReadonlyMap<string, { readonly all: number; readonly lost: number }> {
  const directMap = (a.kernel.directMap?.virtual ?? 0n) - BigInt(a.kernel.directMap?.physical ?? 0);
  const { caches, table } = a.heap;
  const { marked } = b.reachability;
  const counts = new Map<string, { all: number; lost: number }>();
  for (const [number, { name }] of b.heap.caches.entries()) {
    const count = { all: 0, lost: 0 };
    for (const { object, address } of eachObject(b.kernel, b.heap, number)) {
      const found = objectAt({ kernel: a.kernel, caches, table, directMap }, address);
      if (!found || found.offset !== 0 || table.isFree(found.object)) continue;
      if (caches[table.cache[found.slab] ?? 0]?.name !== name) continue;
      count.all++;
      if (!marked.has(object)) count.lost++;
    }
    if (count.all > 0) counts.set(name, count);
  }
  return counts;
}

function compareUses(a: CoreSession, b: CoreSession): CoreComparison['uses'] {
  const [x, y] = [a, b].map((session) => new Map(pageUses(session).map(({ label, bytes }) => [label, bytes])));
  const names = new Set([...(x?.keys() ?? []), ...(y?.keys() ?? [])]);
  return [...names]
    .map((use) => {
      const [aBytes, bBytes] = [x?.get(use) ?? 0, y?.get(use) ?? 0];
      return { use, aBytes, bBytes, changeBytes: bBytes - aBytes };
    })
    .filter(({ changeBytes }) => changeBytes !== 0)
    .toSorted((p, q) => Math.abs(q.changeBytes) - Math.abs(p.changeBytes));
}

function compareLost(a: readonly LostThing[], b: readonly LostThing[]): CoreComparison['lost'] {
  const sums = new Map<string, { a: number; b: number; bytes: number }>();
  for (const [side, things] of [
    ['a', a],
    ['b', b],
  ] as const) {
    for (const thing of things) {
      const what = nameOf(thing);
      const sum = sums.get(what) ?? { a: 0, b: 0, bytes: 0 };
      sum[side] += thing.units;
      sum.bytes += (side === 'a' ? -1 : 1) * thing.bytes;
      sums.set(what, sum);
    }
  }
  return [...sums]
    .map(([what, sum]) => ({ what, a: sum.a, b: sum.b, change: sum.b - sum.a, changeBytes: sum.bytes }))
    .filter(({ change }) => change !== 0)
    .toSorted((p, q) => q.changeBytes - p.changeBytes);
}

function nameOf({ parts, owner }: LostThing): string {
  const names = parts.slice(0, 3).map(({ type, cache }) => type ?? cache);
  return `${names.join(' + ')}${owner?.function === undefined ? '' : `, ${owner.function}`}`;
}
