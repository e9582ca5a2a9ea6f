import type { Graph } from '../reachability/build-graph.ts';

/** Nodes that are gone through at most; what a holder keeps thousands of is near. */
const MOST = 200_000;

/** Where a way begins: nodes that the holder points to, each with the root that does so (−1: the holder is the node itself). */
export interface Entry {
  readonly node: number;
  readonly root: number;
}

/** A way from a holder to the first thing that is wanted. */
export interface WayInto {
  /** The root that it begins with; −1 for a holder that is a node. */
  readonly root: number;
  /** The last one is what was wanted. */
  readonly nodes: readonly number[];
}

/** The shortest way through what the holder alone keeps; undefined where there is none that is short. */
export function wayInto(
  graph: Graph,
  entries: Iterable<Entry>,
  isHeld: (node: number) => boolean,
  isWanted: (node: number) => boolean,
): WayInto | undefined {
  const before = new Map<number, number>();
  const roots = new Map<number, number>();
  const queue: number[] = [];
  for (const { node, root } of entries) {
    if (before.has(node)) continue;
    before.set(node, -1);
    roots.set(node, root);
    queue.push(node);
  }
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0;
    if (isWanted(node)) return trace(before, roots, node);
    if (queue.length > MOST) continue;
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      if (before.has(target) || !isHeld(target)) continue;
      before.set(target, node);
      queue.push(target);
    }
  }
  return undefined;
}

function trace(
  before: ReadonlyMap<number, number>,
  roots: ReadonlyMap<number, number>,
  last: number,
): WayInto | undefined {
  const nodes = [last];
  for (let at = before.get(last) ?? -1; at >= 0; at = before.get(at) ?? -1) nodes.push(at);
  const first = nodes.at(-1) ?? last;
  return { root: roots.get(first) ?? -1, nodes: nodes.toReversed() };
}
