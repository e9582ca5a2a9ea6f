import { Bits } from '../../base/bits.ts';
import type { Graph } from './build-graph.ts';

/** Roots by who owns them. */
export interface HolderRoots {
  /** Of each root the number of its owner. */
  readonly ownerOf: Int32Array;
  readonly owners: number;
  /**
   * Owners that hold only what nobody else does: what stands on a stack is passing, and lists of timers in per-CPU memory lead
   * to what others own.
   */
  readonly lesser: ReadonlySet<number>;
  /** Nodes that stand for an owner, whoever points to them: tasks stand for processes. Node to owner. */
  readonly standing: ReadonlyMap<number, number>;
}

/** No root leads to a node, or it could not be told which alone does. */
export const NOBODY = -1;

/**
 * Labels that are given in all, for each node: real kernels take fewer than three. A long list that is linked both ways and
 * pointed into from elsewhere would be gone through again for each of its members.
 */
const MOST_LABELS = 8;

/**
 * The outermost of what alone holds each node: an owner of roots (`count` + its number), or a node that several ways lead to
 * (its own number); NOBODY for what no root leads to. These are the children of the start in the tree of dominators, all that
 * is needed to say who holds most objects of a kind; the whole tree takes 40 bytes a node and more time.
 *
 * Labels spread from holders along edges. Where two different ones meet, several ways lead there: that node is a holder of its
 * own. What had been labelled beyond it is labelled anew, until no labels meet any more; where that does not end, nobody is
 * said to hold what is left. 9 bytes a node.
 */
export function outermostHolders(graph: Graph, count: number, roots: HolderRoots): Int32Array {
  const spread = new Spreading(graph, count, roots);
  spread.begin();
  while (spread.hasChanged && spread.given < MOST_LABELS * count) spread.again();
  if (spread.hasChanged) spread.giveUp();
  else spread.fill();
  return spread.labels;
}

class Spreading {
  readonly labels: Int32Array;
  /** Labels that were given so far. */
  given = 0;
  readonly #graph: Graph;
  readonly #count: number;
  readonly #roots: HolderRoots;
  readonly #isHolder: Bits;
  readonly #stack: Uint32Array;
  #depth = 0;
  /** Holders that were found in this round, and the labels that they had: those regions are labelled anew. */
  #found: number[] = [];
  #had: number[] = [];

  constructor(graph: Graph, count: number, roots: HolderRoots) {
    this.#graph = graph;
    this.#count = count;
    this.#roots = roots;
    this.labels = new Int32Array(count).fill(NOBODY);
    this.#isHolder = new Bits(count);
    this.#stack = new Uint32Array(count);
  }

  get hasChanged(): boolean {
    return this.#found.length > 0;
  }

  begin(): void {
    const { standing } = this.#roots;
    for (const [node, owner] of standing) {
      this.#isHolder.add(node);
      this.labels[node] = this.#count + owner;
    }
    this.#eachRoot(undefined, (node, label) => {
      this.#meet(node, label);
      this.#spread();
    });
    for (const node of standing.keys()) this.#from(node);
  }

  /** Takes labels off the regions in which a holder was found, and spreads again there; what lies elsewhere is not touched. */
  again(): void {
    const [found, had] = [this.#found, this.#had];
    [this.#found, this.#had] = [[], []];
    for (const node of found) this.labels[node] = node;
    const stale = new Set(had);
    const sources = [...this.#holdersOf(stale)];
    for (const node of sources) this.#clear(node, this.labels[node] ?? NOBODY);
    for (const [i, node] of found.entries()) this.#clear(node, had[i] ?? NOBODY);
    this.#eachRoot(stale, (node, label) => {
      if (this.labels[node] !== label || this.#isHolder.has(node)) return;
      this.labels[node] = NOBODY;
      this.#clear(node, label);
    });
    this.#eachRoot(stale, (node, label) => {
      this.#meet(node, label);
      this.#spread();
    });
    for (const node of [...sources, ...found]) this.#from(node);
  }

  /** Nodes that labels begin with: holders themselves, and what stands for an owner. */
  *#holdersOf(stale: ReadonlySet<number>): Generator<number> {
    for (const label of stale) if (label < this.#count) yield label;
    for (const [node, owner] of this.#roots.standing) if (stale.has(this.#count + owner)) yield node;
  }

  /** Takes a label off everything that a node leads to by it. */
  #clear(node: number, label: number): void {
    const { starts, targets } = this.#graph;
    const { labels } = this;
    this.#stack[this.#depth++] = node;
    while (this.#depth > 0) {
      const at = this.#stack[--this.#depth] ?? 0;
      const end = starts[at + 1] ?? 0;
      for (let e = starts[at] ?? 0; e < end; e++) {
        const target = targets.at(e);
        if (labels[target] !== label || this.#isHolder.has(target)) continue;
        labels[target] = NOBODY;
        this.#stack[this.#depth++] = target;
      }
    }
  }

  /** Regions in which holders are still being found belong to nobody. */
  giveUp(): void {
    const stale = new Set(this.#had);
    for (const [node, label] of this.labels.entries()) if (stale.has(label)) this.labels[node] = NOBODY;
    for (const node of this.#found) this.labels[node] = node;
  }

  /** What is left is the lesser owners', the first one's that leads there. */
  fill(): void {
    const { ownerOf, lesser } = this.#roots;
    for (const [root, owner] of ownerOf.entries()) {
      const node = this.#graph.rootTargets.at(root);
      if (!lesser.has(owner) || this.labels[node] !== NOBODY) continue;
      this.labels[node] = this.#count + owner;
      this.#stack[this.#depth++] = node;
      this.#spread();
    }
    this.#found = [];
  }

  /** Roots of owners that count, those of some labels alone where they are given. */
  #eachRoot(of: ReadonlySet<number> | undefined, visit: (node: number, label: number) => void): void {
    const { ownerOf, lesser } = this.#roots;
    for (const [root, owner] of ownerOf.entries()) {
      const label = this.#count + owner;
      if (!lesser.has(owner) && (of === undefined || of.has(label))) visit(this.#graph.rootTargets.at(root), label);
    }
  }

  #from(node: number): void {
    this.#stack[this.#depth++] = node;
    this.#spread();
  }

  #meet(node: number, label: number): void {
    const known = this.labels[node] ?? NOBODY;
    if (known === NOBODY) {
      this.labels[node] = label;
      this.#stack[this.#depth++] = node;
      this.given++;
    } else if (known !== label && this.#isHolder.add(node)) {
      this.#found.push(node);
      this.#had.push(known);
    }
  }

  #spread(): void {
    const { starts, targets } = this.#graph;
    while (this.#depth > 0) {
      const node = this.#stack[--this.#depth] ?? 0;
      const label = this.labels[node] ?? NOBODY;
      const end = starts[node + 1] ?? 0;
      for (let e = starts[node] ?? 0; e < end; e++) this.#meet(targets.at(e), label);
    }
  }
}
