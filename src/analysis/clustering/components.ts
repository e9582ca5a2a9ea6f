import type { Graph } from '../reachability/build-graph.ts';
import type { UnreachableNodes } from './unreachable.ts';

/** Sets of ranks that grow together: each rank's parent, a root its own. */
export class RankSets {
  readonly #parents: Uint32Array;

  constructor(count: number) {
    this.#parents = Uint32Array.from({ length: count }, (_, i) => i);
  }

  /** The root of a set; ranks passed on the way are moved nearer to it. */
  find(rank: number): number {
    const parents = this.#parents;
    let at = rank;
    let parent = parents[at] ?? at;
    while (parent !== at) {
      const above = parents[parent] ?? parent;
      parents[at] = above;
      at = above;
      parent = parents[at] ?? at;
    }
    return at;
  }

  /** The lower root becomes that of both: sets of neighbours, which most are, stay flat. */
  join(a: number, b: number): void {
    const [rootA, rootB] = [this.find(a), this.find(b)];
    if (rootA < rootB) this.#parents[rootB] = rootA;
    else this.#parents[rootA] = rootB;
  }
}

/** Who points to whom, as in a graph. */
export type Edges = Pick<Graph, 'starts' | 'targets'>;

/** Calls `visit` for each pointer from one unreachable node to another, by rank. */
export function walkLostEdges(graph: Edges, lost: UnreachableNodes, visit: (from: number, to: number) => void): void {
  for (let rank = 0; rank < lost.count; rank++) {
    const node = lost.nodes[rank] ?? 0;
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = lost.rank(graph.targets.at(e));
      if (target >= 0 && target !== rank) visit(rank, target);
    }
  }
}

/** Ranks put in order of their sets: set i has `members[starts[i]]` up to `starts[i + 1]`. */
export interface Sets {
  readonly starts: Uint32Array;
  readonly members: Uint32Array;
}

export function setsOf(sets: RankSets, count: number): Sets {
  // First how many a set has, by its root; then where its next member goes.
  const next = new Uint32Array(count);
  let found = 0;
  for (let rank = 0; rank < count; rank++) {
    const root = sets.find(rank);
    if (next[root] === 0) found++;
    next[root] = (next[root] ?? 0) + 1;
  }
  const starts = new Uint32Array(found + 1);
  let [set, total] = [0, 0];
  for (let root = 0; root < count; root++) {
    const size = next[root] ?? 0;
    if (size === 0) continue;
    starts[set++] = total;
    next[root] = total;
    total += size;
  }
  starts[found] = total;
  const members = new Uint32Array(count);
  for (let rank = 0; rank < count; rank++) {
    const root = sets.find(rank);
    const at = next[root] ?? 0;
    members[at] = rank;
    next[root] = at + 1;
  }
  return { starts, members };
}
