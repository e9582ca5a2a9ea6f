import type { NodeSpace } from '../reachability/node-space.ts';
import { NOBODY } from '../reachability/outermost-holders.ts';

/** What memory is of that is no slab object, in place of a cache's number: behind all caches. */
export const PAGES = 0;
export const AREAS = 1;
const OTHERS = 2;

/** Things of one kind that one holder alone keeps. */
export interface HeldKind {
  /** The number of a cache; behind those `caches + PAGES` and `caches + AREAS`. */
  readonly kind: number;
  readonly objects: number;
  readonly bytes: number;
}

/** All that one holder alone keeps, itself left out. */
export interface HolderTally {
  /** As outermostHolders says: a node, or `count` + the number of an owner. */
  readonly holder: number;
  readonly objects: number;
  readonly bytes: number;
  /** The most objects first. */
  readonly kinds: readonly HeldKind[];
}

/** What a node is: the number of its cache, or what it is instead, as in HeldKind. */
export function kindOf({ table, strides, extras }: NodeSpace, node: number): number {
  const extra = extras[node - table.objects];
  return extra ? strides.length + (extra.kind === 'pages' ? PAGES : AREAS) : table.cacheOf(node);
}

/** Adds up what each holder keeps, those that keep fewer than `fewest` of anything left out; the most bytes first. */
export function tallyHolders(space: NodeSpace, labels: Int32Array, fewest: number): readonly HolderTally[] {
  const caches = space.strides.length;
  const counts = countHeld(space, labels);
  const byHolder = new Map<number, HeldKind[]>();
  for (const [key, { objects, bytes }] of counts) {
    const kind = key % (caches + OTHERS);
    const holder = Math.floor(key / (caches + OTHERS));
    const kinds = byHolder.get(holder);
    if (kinds) kinds.push({ kind, objects, bytes });
    else byHolder.set(holder, [{ kind, objects, bytes }]);
  }
  return [...byHolder]
    .filter(([, kinds]) => kinds.some(({ objects }) => objects >= fewest))
    .map(([holder, kinds]) => ({
      holder,
      objects: kinds.reduce((sum, { objects }) => sum + objects, 0),
      bytes: kinds.reduce((sum, { bytes }) => sum + bytes, 0),
      kinds: kinds.toSorted((a, b) => b.objects - a.objects),
    }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

interface Count {
  objects: number;
  bytes: number;
}

/** By holder × kinds + kind. Neighbours mostly have the same holder: they are added up before the table is asked. */
function countHeld(space: NodeSpace, labels: Int32Array): ReadonlyMap<number, Count> {
  const { table, strides, extras, pageSize } = space;
  const kinds = strides.length + OTHERS;
  const counts = new Map<number, Count>();
  let [key, objects, bytes] = [-1, 0, 0];
  const flush = (): void => {
    if (objects === 0) return;
    const known = counts.get(key);
    if (known) {
      known.objects += objects;
      known.bytes += bytes;
    } else counts.set(key, { objects, bytes });
    [objects, bytes] = [0, 0];
  };
  const add = (node: number, kind: number, size: number): void => {
    const label = labels[node] ?? NOBODY;
    if (label === NOBODY || label === node) return;
    if (label * kinds + kind !== key) flush();
    key = label * kinds + kind;
    objects++;
    bytes += size;
  };
  for (let slab = 0; slab < table.count; slab++) {
    const [first, cache] = [table.first[slab] ?? 0, table.cache[slab] ?? 0];
    const [end, stride] = [first + (table.capacity[slab] ?? 0), strides[cache]];
    if (stride === undefined) continue;
    for (let object = first; object < end; object++) if (!table.isFree(object)) add(object, cache, stride);
  }
  for (const [i, { kind, frames }] of extras.entries())
    add(table.objects + i, strides.length + (kind === 'pages' ? PAGES : AREAS), frames * pageSize);
  flush();
  return counts;
}
