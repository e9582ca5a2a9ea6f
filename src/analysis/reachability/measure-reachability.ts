import type { Bits } from '../../base/bits.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { scanFrames, type FramePlan, type Graph, type PartialGraph } from './build-graph.ts';
import { joinGraphs } from './join-graphs.ts';
import { markReachable } from './mark.ts';
import { nodeAtWord, type NodeSpace } from './node-space.ts';
import { walkPageFields } from './page-fields.ts';
import { planFrames, type Surroundings } from './plan-frames.ts';
import { splitPairs } from './split-pairs.ts';
import { splitFrames } from './split-frames.ts';

/** What can be reached in a dump: who points to whom, and what no root leads to. */
export interface Reachability {
  readonly space: NodeSpace;
  readonly graph: Graph;
  /** Nodes that a root leads to. */
  readonly marked: Bits;
}

/** Scans every range of frames once, by one thread or several; see scanFrames. */
export type Scan = (space: NodeSpace, frames: FramePlan, bounds: Uint32Array) => readonly PartialGraph[];

/** `scan`: this thread alone where nothing else is given. */
export function measureReachability(
  kernel: Kernel,
  pages: Pages,
  heap: SlabHeap,
  around: Surroundings,
  scan: Scan = (space, frames, bounds) => {
    let range = 0;
    return [scanFrames(kernel.memory.physical, space, frames, bounds, () => range++)];
  },
): Reachability {
  const { space, frames, held } = planFrames(kernel, pages, heap, around);
  const bounds = splitFrames(space, frames);
  const graph = joinGraphs(space, bounds, scan(space, frames, bounds), ({ edge, root }) => {
    walkPageFields(kernel, pages, space, { edge, root });
    for (const node of held) root(node);
    for (const value of around.registers) root(nodeAtWord(space, Number(value & 0xffffffffn), Number(value >> 32n)));
  });
  for (const { node, place } of splitPairs(kernel, pages, space, graph)) {
    graph.rootTargets.push(node);
    graph.rootPlaces.push(place);
  }
  return { space, graph, marked: markReachable(graph, space) };
}
