import { RankSets, setsOf, walkLostEdges, type Edges, type Sets } from './components.ts';
import type { UnreachableNodes } from './unreachable.ts';

/** Unreachable nodes that hang together, and what is known of each rank. */
export interface CutComponents {
  /** Components, those that are many of a kind merged into one already cut. */
  readonly pieces: Sets;
  /** By rank: 1 where no other unreachable node points to it. */
  readonly isSource: Uint8Array;
  /** By rank: 1 where the component it was in has been cut. */
  readonly wasCut: Uint8Array;
}

/** Below, a component is taken as it is. */
const SMALLEST_CUT = 20;
/** Of its kind, as many have to come out. */
const FEWEST_ALIKE = 5;
/** The share of a component's nodes that have to be in pieces with the same leading group. */
const LEAST_SHARE = 0.6;
/** Referrers within a component from which on a node is shared: a name space, a set of credentials. */
const SHARED_BY = 8;

/**
 * Components of unreachable nodes. A leaked list is one component of thousands, and what many leaked objects share makes one
 * of them: such a component is cut at pointers between nodes of one group and at nodes that many point to, if many pieces of
 * one kind come out of that. `groupOf`: the group of a rank; `bytesOf`: the size of a node of a group.
 */
export function cutComponents(
  graph: Edges,
  lost: UnreachableNodes,
  groupOf: (rank: number) => number,
  bytesOf: (group: number) => number,
): CutComponents {
  const whole = new RankSets(lost.count);
  const referrers = new Uint16Array(lost.count);
  walkLostEdges(graph, lost, (from, to) => {
    whole.join(from, to);
    referrers[to] = Math.min(65_535, (referrers[to] ?? 0) + 1);
  });
  const isSource = Uint8Array.from(referrers, (count) => (count === 0 ? 1 : 0));
  const components = setsOf(whole, lost.count);
  const wasCut = new Uint8Array(lost.count);
  const large = new Uint8Array(lost.count);
  forEachSet(components, (members) => {
    if (members.length >= SMALLEST_CUT) for (const rank of members) large[rank] = 1;
  });
  if (!large.includes(1)) return { pieces: components, isSource, wasCut };
  const cut = new RankSets(lost.count);
  const isShared = (rank: number): boolean => (referrers[rank] ?? 0) >= SHARED_BY;
  walkLostEdges(graph, lost, (from, to) => {
    if (large[from] !== 1) return;
    if (groupOf(from) !== groupOf(to) && !isShared(from) && !isShared(to)) cut.join(from, to);
  });
  const pieces = new Pieces(cut, lost.count, groupOf, bytesOf);
  forEachSet(components, (members) => {
    if (large[members[0] ?? 0] === 1 && pieces.areAlike(members)) for (const rank of members) wasCut[rank] = 1;
  });
  // What is not worth it is joined again.
  walkLostEdges(graph, lost, (from, to) => {
    if (wasCut[from] !== 1) cut.join(from, to);
  });
  return { pieces: setsOf(cut, lost.count), isSource, wasCut };
}

function forEachSet({ starts, members }: Sets, visit: (members: Uint32Array) => void): void {
  for (let i = 0; i + 1 < starts.length; i++) visit(members.subarray(starts[i], starts[i + 1]));
}

/** Pieces that a component falls into, by their roots; the group with the largest nodes leads a piece. */
class Pieces {
  readonly #cut: RankSets;
  readonly #groupOf: (rank: number) => number;
  readonly #bytesOf: (group: number) => number;
  readonly #leads: Int32Array;
  readonly #sizes: Uint32Array;

  constructor(cut: RankSets, count: number, groupOf: (rank: number) => number, bytesOf: (group: number) => number) {
    this.#cut = cut;
    this.#groupOf = groupOf;
    this.#bytesOf = bytesOf;
    this.#leads = new Int32Array(count).fill(-1);
    this.#sizes = new Uint32Array(count);
  }

  /** Whether most of a component is in pieces of one kind. */
  areAlike(members: Uint32Array): boolean {
    for (const rank of members) {
      const root = this.#cut.find(rank);
      const [lead, group] = [this.#leads[root] ?? -1, this.#groupOf(rank)];
      if (lead < 0 || this.#bytesOf(group) > this.#bytesOf(lead)) this.#leads[root] = group;
      this.#sizes[root] = (this.#sizes[root] ?? 0) + 1;
    }
    const led = new Map<number, { pieces: number; nodes: number }>();
    for (const rank of members) {
      const nodes = this.#sizes[rank] ?? 0;
      if (nodes === 0) continue;
      const lead = this.#leads[rank] ?? -1;
      const sum = led.get(lead);
      if (sum === undefined) led.set(lead, { pieces: 1, nodes });
      else {
        sum.pieces++;
        sum.nodes += nodes;
      }
    }
    return [...led.values()].some(
      ({ pieces, nodes }) => pieces >= FEWEST_ALIKE && nodes >= LEAST_SHARE * members.length,
    );
  }
}
