import { Bits } from '../../base/bits.ts';
import type { Graph } from '../reachability/build-graph.ts';
import { NOBODY } from '../reachability/outermost-holders.ts';

/**
 * Divides what all processes together keep among them: `sources` are nodes of tasks with the number of their process; a
 * thing that several reach is the first one's. Labels as outermostHolders has them: `count` + the number of the process.
 */
export function processShares(
  graph: Graph,
  labels: Int32Array,
  processes: number,
  sources: readonly { readonly node: number; readonly process: number }[],
): Int32Array {
  const shares = new Int32Array(labels.length).fill(NOBODY);
  const isSource = new Bits(labels.length);
  for (const { node } of sources) isSource.add(node);
  const isFree = (node: number): boolean =>
    labels[node] === processes && shares[node] === NOBODY && !isSource.has(node);
  for (const { node, process } of sources) take(graph, shares, isFree, node, labels.length + process);
  return shares;
}

/** Gives a label to all that is free and that a node leads to. */
function take(
  graph: Graph,
  shares: Int32Array,
  isFree: (node: number) => boolean,
  source: number,
  label: number,
): void {
  const stack = [source];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      if (!isFree(target)) continue;
      shares[target] = label;
      stack.push(target);
    }
  }
}
