import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { isSilent } from '../reachability/plan-frames.ts';
import type { Reachability } from '../reachability/measure-reachability.ts';

/** Nodes that no root leads to, in order; each has a rank, its place among them. */
export class UnreachableNodes {
  /** By rank. */
  readonly nodes: Uint32Array;
  readonly #words: Uint32Array;
  /** How many there are before each 32 nodes. */
  readonly #before: Uint32Array;

  constructor(count: number, isLost: (node: number) => boolean) {
    this.#words = new Uint32Array(Math.ceil(count / 32));
    this.#before = new Uint32Array(this.#words.length);
    let found = 0;
    for (let node = 0; node < count; node++) {
      if ((node & 31) === 0) this.#before[node >>> 5] = found;
      if (!isLost(node)) continue;
      this.#words[node >>> 5] = (this.#words[node >>> 5] ?? 0) | (1 << (node & 31));
      found++;
    }
    this.nodes = new Uint32Array(found);
    let rank = 0;
    for (let node = 0; rank < found; node++) if (this.has(node)) this.nodes[rank++] = node;
  }

  get count(): number {
    return this.nodes.length;
  }

  has(node: number): boolean {
    return (((this.#words[node >>> 5] ?? 0) >>> (node & 31)) & 1) === 1;
  }

  /** How many of them are below a node. */
  countBelow(node: number): number {
    const below = (this.#words[node >>> 5] ?? 0) & (2 ** (node & 31) - 1);
    return (this.#before[node >>> 5] ?? this.count) + bitsIn(below);
  }

  /** −1 for what is none of them. */
  rank(node: number): number {
    return this.has(node) ? this.countBelow(node) : -1;
  }
}

/**
 * What is in use and what no root leads to: slab objects and extra nodes. Left out are objects of which the dump does not
 * say whether they are in use, and those of caches that only describe others.
 */
export function unreachableNodes({ space, marked }: Reachability, { caches }: SlabHeap): UnreachableNodes {
  const { table } = space;
  const silent = new Set(caches.flatMap(({ name }, i) => (isSilent(name) ? [i] : [])));
  let slab = 0;
  return new UnreachableNodes(space.count, (node) => {
    if (marked.has(node)) return false;
    if (node >= table.objects) return true;
    while (node >= (table.first[slab] ?? 0) + (table.capacity[slab] ?? 0)) slab++;
    return !table.isFree(node) && !table.isUnknown(node) && !silent.has(table.cache[slab] ?? 0);
  });
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
