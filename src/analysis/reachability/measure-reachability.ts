import type { Bits } from '../../base/bits.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { buildGraph, type Graph } from './build-graph.ts';
import { markReachable } from './mark.ts';
import { nodeAtWord, type NodeSpace } from './node-space.ts';
import { walkPageFields } from './page-fields.ts';
import { planFrames, type Surroundings } from './plan-frames.ts';

/** What can be reached in a dump: who points to whom, and what no root leads to. */
export interface Reachability {
  readonly space: NodeSpace;
  readonly graph: Graph;
  /** Nodes that a root leads to. */
  readonly marked: Bits;
}

export function measureReachability(kernel: Kernel, pages: Pages, heap: SlabHeap, around: Surroundings): Reachability {
  const { space, frames } = planFrames(kernel, pages, heap, around);
  const graph = buildGraph(kernel.memory, space, frames, (sink) => {
    walkPageFields(kernel, pages, space, {
      edge: (node, target) => sink.addEdge(node, target),
      root: (target) => sink.addRootTarget(target, -1),
    });
    for (const value of around.registers)
      sink.addRootTarget(nodeAtWord(space, Number(value & 0xffffffffn), Number(value >> 32n)), -1);
  });
  return { space, graph, marked: markReachable(graph, space.count) };
}
