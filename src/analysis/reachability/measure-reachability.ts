import { Bits } from '../../base/bits.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { FROM_ROOT, scanFrames, type FramePlan, type Graph, type PartialGraph } from './build-graph.ts';
import { joinGraphs } from './join-graphs.ts';
import { markReachable } from './mark.ts';
import { nodeAtWord, type NodeSpace } from './node-space.ts';
import { walkPageFields } from './page-fields.ts';
import { NO_AREA, percpuAreaAt, type OpenPercpu, type PercpuSpace } from './percpu-space.ts';
import { planFrames, type Surroundings } from './plan-frames.ts';
import { splitPairs } from './split-pairs.ts';
import { splitFrames } from './split-frames.ts';

/** What can be reached in a dump: who points to whom, and what no root leads to. */
export interface Reachability {
  readonly space: NodeSpace;
  readonly graph: Graph;
  /** Nodes that a root leads to. */
  readonly marked: Bits;
  readonly percpu?: PercpuReach;
}

/** Which areas of per-CPU memory something that can be reached refers to. */
export interface PercpuReach extends OpenPercpu {
  readonly referenced: Bits;
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
  const { space, frames, held, percpu } = planFrames(kernel, pages, heap, around);
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
  const marked = markReachable(graph, space);
  const referenced = percpu && referencedAreas(percpu.space, graph, marked, around.registers);
  return { space, graph, marked, ...(percpu && referenced ? { percpu: { ...percpu, referenced } } : {}) };
}

function referencedAreas(space: PercpuSpace, graph: Graph, marked: Bits, registers: readonly bigint[]): Bits {
  const referenced = new Bits(space.count);
  const { percpuHits } = graph;
  for (let i = 0; i < percpuHits.length; i += 2) {
    const from = percpuHits[i] ?? FROM_ROOT;
    if (from === FROM_ROOT || marked.has(from)) referenced.add(percpuHits[i + 1] ?? 0);
  }
  for (const value of registers) {
    const area = percpuAreaAt(space, Number(value & 0xffffffffn), Number(value >> 32n));
    if (area !== NO_AREA) referenced.add(area);
  }
  return referenced;
}
