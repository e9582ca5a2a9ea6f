import { firstObject, isLive, MOST_WORDS, type Cut, type Graph, type PartialGraph } from './build-graph.ts';
import { EdgeStore } from './edge-store.ts';
import { NOTHING, type NodeSpace } from './node-space.ts';

/** What is known from elsewhere than words of pages: fields of struct pages, registers. */
export interface GraphSink {
  /** From an extra node. */
  readonly edge: (node: number, target: number) => void;
  readonly root: (target: number) => void;
}

/**
 * The graph that one pass over all frames gives, of what threads found in ranges of it: the same edges and roots in the same
 * order, whoever scanned which range. Takes the parts: they are no use afterwards.
 */
export function joinGraphs(
  space: NodeSpace,
  bounds: Uint32Array,
  parts: readonly PartialGraph[],
  others: (sink: GraphSink) => void,
): Graph {
  const whole = joinParts(space, bounds, parts);
  const { starts, targets, rootTargets, rootPlaces, baseWords, percpuHits, extraNodes, extraTargets, bytes, missing } =
    whole;
  others({
    edge: (node, target) => {
      if (!isLive(space, target)) return;
      extraNodes.push(node);
      extraTargets.push(target);
    },
    root: (target) => {
      if (target === NOTHING || !isLive(space, target)) return;
      rootTargets.push(target);
      rootPlaces.push(-1);
    },
  });
  addExtras(space, whole);
  return {
    starts,
    targets,
    rootTargets,
    rootPlaces,
    baseWords,
    percpuHits,
    read: { bytes, words: bytes / 8, missing },
  };
}

/** A range, whose part has it, and where in the stores of that part it ends. */
interface Piece {
  readonly part: PartialGraph;
  readonly cut: Cut;
  readonly end: Omit<Cut, 'range'>;
}

/** One part that has all ranges in their order is the whole. */
function joinParts(space: NodeSpace, bounds: Uint32Array, parts: readonly PartialGraph[]): PartialGraph {
  const pieces = parts.flatMap((part) =>
    part.cuts.map((cut, i) => ({ part, cut, end: part.cuts[i + 1] ?? endOf(part) })),
  );
  const inOrder = pieces.toSorted((a, b) => a.cut.range - b.cut.range);
  const [first] = parts;
  if (!first || inOrder.length !== bounds.length - 1 || inOrder.some(({ cut }, range) => cut.range !== range))
    throw new RangeError('parts of a graph that have a range twice, or one that none has');
  if (pieces.every(({ part, cut }, range) => part === first && cut.range === range)) return first;
  const whole = {
    cuts: [],
    // Of the first part only the ranges of others are written over before they are read.
    starts: first.starts,
    targets: new EdgeStore(),
    rootTargets: new EdgeStore(),
    rootPlaces: [],
    extraNodes: new EdgeStore(),
    extraTargets: new EdgeStore(),
    baseWords: sumOfWords(parts),
    percpuHits: parts.flatMap(({ percpuHits }) => percpuHits),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    missing: parts.reduce((sum, { missing }) => sum + missing, 0),
  };
  for (const piece of inOrder) addPiece(space, bounds, whole, piece);
  return whole;
}

const endOf = ({ targets, rootTargets, extraNodes }: PartialGraph): Omit<Cut, 'range'> => ({
  targets: targets.length,
  roots: rootTargets.length,
  extras: extraNodes.length,
});

function addPiece(space: NodeSpace, bounds: Uint32Array, whole: PartialGraph, { part, cut, end }: Piece): void {
  const [from, to] = [firstObject(space, bounds[cut.range] ?? 0), firstObject(space, bounds[cut.range + 1] ?? 0)];
  const moved = whole.targets.length - cut.targets;
  const { starts } = whole;
  const own = part.starts;
  if (own !== starts || moved !== 0) for (let node = from; node < to; node++) starts[node] = (own[node] ?? 0) + moved;
  whole.targets.append(part.targets, cut.targets, end.targets);
  whole.rootTargets.append(part.rootTargets, cut.roots, end.roots);
  for (let r = cut.roots; r < end.roots; r++) whole.rootPlaces.push(part.rootPlaces[r] ?? -1);
  whole.extraNodes.append(part.extraNodes, cut.extras, end.extras);
  whole.extraTargets.append(part.extraTargets, cut.extras, end.extras);
}

function sumOfWords([first, ...others]: readonly PartialGraph[]): Uint16Array {
  const sum = first?.baseWords ?? new Uint16Array(0);
  for (const { baseWords } of others) addWords(sum, baseWords);
  return sum;
}

function addWords(sum: Uint16Array, words: Uint16Array): void {
  for (let node = 0; node < sum.length; node++) {
    const more = words[node] ?? 0;
    if (more > 0) sum[node] = Math.min(MOST_WORDS, (sum[node] ?? 0) + more);
  }
}

/** Extra nodes are numbered behind all objects: their edges come last, those of a node in the order in which they were met. */
function addExtras({ table, count }: NodeSpace, { starts, targets, extraNodes, extraTargets }: PartialGraph): void {
  const next = new Uint32Array(count - table.objects + 1);
  for (let e = 0; e < extraNodes.length; e++) {
    const behind = extraNodes.at(e) - table.objects + 1;
    next[behind] = (next[behind] ?? 0) + 1;
  }
  for (let i = 0; i < next.length; i++) {
    next[i] = (next[i] ?? 0) + (next[i - 1] ?? 0);
    starts[table.objects + i] = targets.length + (next[i] ?? 0);
  }
  const sorted = new Uint32Array(extraNodes.length);
  for (let e = 0; e < extraNodes.length; e++) {
    const extra = extraNodes.at(e) - table.objects;
    const at = next[extra] ?? 0;
    sorted[at] = extraTargets.at(e);
    next[extra] = at + 1;
  }
  for (const target of sorted) targets.push(target);
}
