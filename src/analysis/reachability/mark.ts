import { Bits } from '../../base/bits.ts';
import type { Graph } from './build-graph.ts';
import type { NodeSpace } from './node-space.ts';
import { spannedPages } from './page-spans.ts';

/** What a span of pages leads to may be the first page of another; seldom more than once. */
const MOST_ROUNDS = 8;

/** Every node that a root leads to, by one word or through others. */
export function markReachable(graph: Graph, space: NodeSpace): Bits {
  const marked = new Bits(space.count);
  // A node is put on the stack once, so that it never holds more than all.
  const stack = new Uint32Array(space.count);
  const { rootTargets, baseWords } = graph;
  markFrom(graph, rootTargets.length, (i) => rootTargets.at(i), marked, stack);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const spanned = spannedPages(space.extras, space.table.objects, marked, baseWords);
    if (spanned.length === 0) break;
    markFrom(graph, spanned.length, (i) => spanned[i] ?? 0, marked, stack);
  }
  return marked;
}

function markFrom(graph: Graph, count: number, first: (i: number) => number, marked: Bits, stack: Uint32Array): void {
  let depth = 0;
  for (let i = 0; i < count; i++) {
    const node = first(i);
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
}
