import { Bits } from '../../base/bits.ts';
import type { Graph } from './build-graph.ts';

/** Every node that a root leads to, by one word or through others. */
export function markReachable(graph: Graph, count: number): Bits {
  const marked = new Bits(count);
  // A node is put on the stack once, so that it never holds more than all.
  const stack = new Uint32Array(count);
  let depth = 0;
  for (let i = 0; i < graph.rootTargets.length; i++) {
    const node = graph.rootTargets.at(i);
    if (marked.add(node)) stack[depth++] = node;
  }
  while (depth > 0) {
    const node = stack[--depth] ?? 0;
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      if (marked.add(target)) stack[depth++] = target;
    }
  }
  return marked;
}
