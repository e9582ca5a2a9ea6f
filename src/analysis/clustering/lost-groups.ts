import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import type { ExtraNode } from '../reachability/node-space.ts';
import { groupObjects, type Contents, type Extent, type ObjectGroup } from './group-objects.ts';
import type { UnreachableNodes } from './unreachable.ts';

/** Extra nodes that are alike: blocks of pages of one size, vmalloc areas of one caller and size. */
export interface ExtraGroup {
  readonly number: number;
  readonly kind: ExtraNode['kind'];
  /** Of each. */
  readonly frames: number;
  readonly compound: boolean;
  /** Of a vmalloc area: who asked for it. */
  readonly caller?: bigint;
  readonly nodes: number;
}

/** The groups that all unreachable nodes belong to. */
export interface LostGroups {
  readonly groups: readonly ObjectGroup[];
  /** Numbered behind `groups`. */
  readonly extras: readonly ExtraGroup[];
  /** By rank. */
  readonly ofRank: Int32Array;
  /** Objects that could not be looked at, by cache. */
  readonly unread: ReadonlyMap<number, number>;
}

/** From so many unreachable objects of a cache on, what is reachable in it is counted too. */
const FEWEST = 10;
/** Caches with more objects are counted whole only where a tenth of them is unreachable: others would take too long. */
const MOST_COUNTED = 1_000_000;

/** Groups everything that is unreachable, and counts what is reachable of the same content. */
export function groupLost(contents: Contents, heap: SlabHeap): LostGroups {
  const { groups, ofRank, unread } = groupObjects(contents, extentOfCaches(contents.lost, heap));
  return { groups, extras: groupExtras(contents, groups.length, ofRank), ofRank, unread };
}

function extentOfCaches(lost: UnreachableNodes, { caches, table }: SlabHeap): ReadonlyMap<number, Extent> {
  const [counts, sizes] = [new Float64Array(caches.length), new Float64Array(caches.length)];
  for (let slab = 0; slab < table.count; slab++) {
    const [cache, first, capacity] = [table.cache[slab] ?? 0, table.first[slab] ?? 0, table.capacity[slab] ?? 0];
    counts[cache] = (counts[cache] ?? 0) + lost.countBelow(first + capacity) - lost.countBelow(first);
    sizes[cache] = (sizes[cache] ?? 0) + capacity;
  }
  const wanted = new Map<number, Extent>();
  for (const [cache, count] of counts.entries()) {
    const size = sizes[cache] ?? 0;
    if (count > 0) wanted.set(cache, count >= FEWEST && (size <= MOST_COUNTED || count * 10 >= size) ? 'all' : 'lost');
  }
  return wanted;
}

/** Extra nodes have the numbers behind those of slab objects. */
function groupExtras({ lost, space }: Contents, firstNumber: number, ofRank: Int32Array): readonly ExtraGroup[] {
  const found = new Map<string, ExtraGroup & { nodes: number }>();
  for (let rank = lost.countBelow(space.table.objects); rank < lost.count; rank++) {
    const extra = space.extras[(lost.nodes[rank] ?? 0) - space.table.objects];
    if (!extra) continue;
    const { kind, frames, compound = false, caller } = extra;
    const key = `${kind} ${frames} ${compound} ${caller ?? ''}`;
    let group = found.get(key);
    if (group === undefined) {
      const number = firstNumber + found.size;
      group = { number, kind, frames, compound, nodes: 0, ...(caller === undefined ? {} : { caller }) };
      found.set(key, group);
    }
    group.nodes++;
    ofRank[rank] = group.number;
  }
  return [...found.values()];
}
