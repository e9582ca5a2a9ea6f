import type { Graph } from './build-graph.ts';

/** The graph turned round: who points to each node. */
export interface ReverseGraph {
  /** Sources of node n are `sources[starts[n]]` up to `starts[n + 1]`; a node that points twice stands there twice. */
  readonly starts: Uint32Array;
  readonly sources: Uint32Array;
  /** The same for roots: places, physical, −1 for a field of a struct page or a register. */
  readonly rootStarts: Uint32Array;
  readonly rootPlaces: Float64Array;
}

/** Two passes over the edges: count, then place. 4 bytes an edge and 8 a node. */
export function reverseGraph(graph: Graph, count: number): ReverseGraph {
  const starts = new Uint32Array(count + 1);
  for (let e = 0; e < graph.targets.length; e++) bump(starts, graph.targets.at(e));
  accumulate(starts);
  const sources = new Uint32Array(graph.targets.length);
  const next = starts.slice(0, count);
  for (let node = 0; node < count; node++) {
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      const at = next[target] ?? 0;
      sources[at] = node;
      next[target] = at + 1;
    }
  }
  const rootStarts = new Uint32Array(count + 1);
  for (let r = 0; r < graph.rootTargets.length; r++) bump(rootStarts, graph.rootTargets.at(r));
  accumulate(rootStarts);
  const rootPlaces = new Float64Array(graph.rootTargets.length);
  next.set(rootStarts.subarray(0, count));
  for (let r = 0; r < graph.rootTargets.length; r++) {
    const target = graph.rootTargets.at(r);
    const at = next[target] ?? 0;
    rootPlaces[at] = graph.rootPlaces[r] ?? -1;
    next[target] = at + 1;
  }
  return { starts, sources, rootStarts, rootPlaces };
}

/** Counts go one place behind, so that the sums are where each begins. */
const bump = (starts: Uint32Array, node: number): void => {
  starts[node + 1] = (starts[node + 1] ?? 0) + 1;
};

function accumulate(starts: Uint32Array): void {
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
}

/** From where each node is reached first: the shortest chains from roots, all at once. */
export interface Chains {
  /** Of each node: the node before it, or −2 − r where root r points to it; −1 for what no root leads to. */
  readonly before: Int32Array;
}

/**
 * Breadth first from all roots. Words of image and module data come first, so that of chains of one length the named wins. Roots
 * that are passing, words of stacks, lead only where no other does.
 */
export function shortestChains(
  graph: Graph,
  count: number,
  isNamed: (place: number) => boolean,
  isPassing: (place: number) => boolean = () => false,
): Chains {
  const before = new Int32Array(count).fill(-1);
  const queue = new Uint32Array(count);
  let [head, tail] = [0, 0];
  const begin = (counts: (place: number) => boolean): void => {
    for (let r = 0; r < graph.rootTargets.length; r++) {
      const node = graph.rootTargets.at(r);
      if (before[node] !== -1 || !counts(graph.rootPlaces[r] ?? -1)) continue;
      before[node] = -2 - r;
      queue[tail++] = node;
    }
  };
  const follow = (): void => {
    while (head < tail) {
      const node = queue[head++] ?? 0;
      const end = graph.starts[node + 1] ?? 0;
      for (let e = graph.starts[node] ?? 0; e < end; e++) {
        const target = graph.targets.at(e);
        if (before[target] !== -1) continue;
        before[target] = node;
        queue[tail++] = target;
      }
    }
  };
  begin((place) => isNamed(place));
  begin((place) => !isPassing(place));
  follow();
  begin(() => true);
  follow();
  return { before };
}

/** The chain that leads to a node, the root's number first (−1 where no root does), then the nodes up to it. */
export function chainTo(
  { before }: Chains,
  node: number,
): { readonly root: number; readonly nodes: readonly number[] } {
  const nodes: number[] = [];
  let at = node;
  while (at >= 0 && nodes.length <= before.length) {
    nodes.push(at);
    at = before[at] ?? -1;
  }
  return { root: at <= -2 ? -2 - at : -1, nodes: nodes.toReversed() };
}
