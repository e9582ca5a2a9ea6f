import type { AddressSpace } from '../../model/memory/address-space.ts';
import type { NodeSpace } from '../reachability/node-space.ts';
import { gatherKinds, isTelling, type Branch } from './content-tree.ts';
import { GroupTable, type ContentKind } from './group-table.ts';
import { readSlabs, type SlabWords } from './slab-words.ts';
import { thin } from './spread.ts';
import type { UnreachableNodes } from './unreachable.ts';
import { shapeOf, type WordCodes } from './word-codes.ts';

/** Leading words of an object that are compared. */
const MOST_WORDS = 64;
/** Where nothing tells a type, so many words are compared by what numbers and text look like. */
const SHAPED_WORDS = 8;
const MOST_SAMPLES = 64;

/** In place of a kind: an unreachable object that is not in the dump, an object of another cache. */
const UNREAD = -2;
const NONE = -1;

/** What grouping looks at. */
export interface Contents {
  readonly memory: AddressSpace;
  readonly space: NodeSpace;
  readonly codes: WordCodes;
  readonly lost: UnreachableNodes;
}

/** Objects of one cache whose content is alike. */
export interface ObjectGroup {
  /** Its number among the groups of the same call. */
  readonly number: number;
  /** By number. */
  readonly cache: number;
  readonly objects: number;
  /** Of these, how many no root leads to. */
  readonly unreachable: number;
  /** Codes of the leading words in which all objects agree. */
  readonly codes: Uint32Array;
  /** Whether reachable objects were looked for; if not, `objects` are the unreachable ones. */
  readonly extent: Extent;
  /** What the group's objects hold is not in the dump: nothing but their cache is known. */
  readonly isUnread: boolean;
  /** Objects by number, spread: of those that no root leads to, and of the others. */
  readonly lost: readonly number[];
  readonly reached: readonly number[];
}

/** Which objects of a cache: all in use, or only those that no root leads to. */
export type Extent = 'all' | 'lost';

export interface Grouping {
  readonly groups: readonly ObjectGroup[];
  /** The group of an unreachable node, by its rank; −1 for nodes of other caches. */
  readonly ofRank: Int32Array;
  /** Objects in use that are not in the dump, and those that it does not say are in use, by cache. */
  readonly unread: ReadonlyMap<number, number>;
}

/**
 * Groups of the objects in use of some caches. Every object is read once, up to its first 64 words; what is kept is bounded
 * by the number of different contents, which is capped for each cache.
 */
export function groupObjects(contents: Contents, caches: ReadonlyMap<number, Extent>): Grouping {
  const { space, memory, lost } = contents;
  const { table } = space;
  const grouper = new Grouper(contents, caches);
  const isWanted = (slab: number): boolean => {
    const extent = caches.get(table.cache[slab] ?? 0);
    if (extent !== 'lost') return extent === 'all';
    const first = table.first[slab] ?? 0;
    return lost.countBelow(first) < lost.countBelow(first + (table.capacity[slab] ?? 0));
  };
  for (const slab of readSlabs(memory.physical, space, isWanted)) grouper.add(slab);
  return grouper.finish();
}

class Grouper {
  readonly #contents: Contents;
  readonly #caches: ReadonlyMap<number, Extent>;
  readonly #tables = new Map<number, GroupTable>();
  readonly #codes = new Uint32Array(MOST_WORDS);
  /** By rank: the kind within the table of the cache. */
  readonly #kindOfRank: Int32Array;
  readonly #unread = new Map<number, number>();

  constructor(contents: Contents, caches: ReadonlyMap<number, Extent>) {
    this.#contents = contents;
    this.#caches = caches;
    for (const cache of caches.keys()) this.#tables.set(cache, new GroupTable());
    this.#kindOfRank = new Int32Array(contents.lost.count).fill(NONE);
  }

  add(of: SlabWords): void {
    const { space, lost } = this.#contents;
    const { table } = space;
    const cache = table.cache[of.slab] ?? 0;
    const groups = this.#tables.get(cache);
    if (!groups) return;
    const isPartly = this.#caches.get(cache) === 'lost';
    const first = table.first[of.slab] ?? 0;
    for (let i = 0; i < (table.capacity[of.slab] ?? 0); i++) {
      const object = first + i;
      const rank = lost.rank(object);
      if (rank < 0 && (isPartly || table.isFree(object))) continue;
      const count = table.isUnknown(object) ? 0 : this.#read(of, cache, i);
      if (count === 0) this.#unread.set(cache, (this.#unread.get(cache) ?? 0) + 1);
      const kind = count === 0 ? UNREAD : groups.add(this.#codes, count, object, rank >= 0);
      if (rank >= 0) this.#kindOfRank[rank] = kind;
    }
  }

  /** Codes of the leading words of the i-th object of a slab; returns how many, 0 where it is not in the dump. */
  #read({ slab, words, at: page, has }: SlabWords, cache: number, i: number): number {
    const { codes, space } = this.#contents;
    const stride = space.strides[cache] ?? 8;
    const count = Math.min(MOST_WORDS, stride >>> 3);
    const from = (space.table.start[slab] ?? 0) + i * stride;
    if (!has(from, from + count * 8)) return 0;
    const self = (space.table.frame[slab] ?? 0) * space.pageSize + from;
    const at = page + (from >>> 2);
    const all = this.#codes;
    for (let w = 0; w < count; w++)
      all[w] = codes.code(words[at + 2 * w] ?? 0, words[at + 2 * w + 1] ?? 0, self, stride);
    if (isTelling(all, count)) return count;
    for (let w = 0; w < Math.min(SHAPED_WORDS, count); w++)
      if (all[w] === 0) all[w] = shapeOf(words[at + 2 * w] ?? 0, words[at + 2 * w + 1] ?? 0);
    return count;
  }

  finish(): Grouping {
    const groups: ObjectGroup[] = [];
    const ofKind = new Map<number, Int32Array>();
    for (const [cache, { kinds }] of this.#tables) {
      const numbers = new Int32Array(kinds.length).fill(NONE);
      for (const branch of gatherKinds(kinds)) {
        for (const kind of branch.kinds) numbers[kind] = groups.length;
        groups.push(groupOf(groups.length, cache, kinds, branch, this.#caches.get(cache) ?? 'all'));
      }
      ofKind.set(cache, numbers);
    }
    return { groups, ofRank: this.#ranks(ofKind, groups), unread: this.#unread };
  }

  /** Kinds become groups; what could not be read gets a group for each cache. */
  #ranks(ofKind: ReadonlyMap<number, Int32Array>, groups: ObjectGroup[]): Int32Array {
    const { lost, space } = this.#contents;
    const { table } = space;
    const unread = new Map<number, ObjectGroup & { objects: number; unreachable: number }>();
    let slab = 0;
    return this.#kindOfRank.map((kind, rank) => {
      if (kind === NONE) return NONE;
      const node = lost.nodes[rank] ?? 0;
      while (node >= (table.first[slab] ?? 0) + (table.capacity[slab] ?? 0)) slab++;
      const cache = table.cache[slab] ?? 0;
      if (kind !== UNREAD) return ofKind.get(cache)?.[kind] ?? NONE;
      let group = unread.get(cache);
      if (group === undefined) {
        group = unreadGroup(groups.length, cache);
        unread.set(cache, group);
        groups.push(group);
      }
      group.objects++;
      group.unreachable++;
      return group.number;
    });
  }
}

const unreadGroup = (number: number, cache: number): ObjectGroup & { objects: number; unreachable: number } => ({
  number,
  cache,
  objects: 0,
  unreachable: 0,
  codes: new Uint32Array(0),
  extent: 'lost',
  isUnread: true,
  lost: [],
  reached: [],
});

function groupOf(
  number: number,
  cache: number,
  all: readonly ContentKind[],
  { kinds: members, words }: Branch,
  extent: Extent,
): ObjectGroup {
  const kinds = members.flatMap((member) => all[member] ?? []);
  const sum = (count: (kind: ContentKind) => number): number => kinds.reduce((total, kind) => total + count(kind), 0);
  // Samples in the proportion of the kinds' sizes would leave the small ones out: they are spread over kinds instead.
  const samples = (of: (kind: ContentKind) => readonly number[]): readonly number[] =>
    thin(kinds.flatMap(of), MOST_SAMPLES);
  return {
    number,
    cache,
    objects: sum(({ objects }) => objects),
    unreachable: sum(({ unreachable }) => unreachable),
    extent,
    isUnread: false,
    codes: kinds[0]?.codes.slice(0, words) ?? new Uint32Array(0),
    lost: samples(({ lost }) => lost.items),
    reached: samples(({ reached }) => reached.items),
  };
}
