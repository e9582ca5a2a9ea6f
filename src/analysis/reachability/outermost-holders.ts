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
 * is needed to say who holds most objects of a kind, for a sixth of the memory and time of the whole tree.
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
  /** Holders that were found in this round, and the labels that their nodes had: those regions are labelled anew. */
  #found: number[] = [];
  #stale: Bits;

  constructor(graph: Graph, count: number, roots: HolderRoots) {
    this.#graph = graph;
    this.#count = count;
    this.#roots = roots;
    this.labels = new Int32Array(count).fill(NOBODY);
    this.#isHolder = new Bits(count);
    this.#stack = new Uint32Array(count);
    this.#stale = new Bits(count + roots.owners);
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
    this.#fromRoots(() => true);
    for (const node of standing.keys()) this.#from(node);
  }

  /** Takes labels off the regions in which a holder was found, and spreads again there. */
  again(): void {
    const [found, stale, labels] = [this.#found, this.#stale, this.labels];
    this.#found = [];
    this.#stale = new Bits(this.#count + this.#roots.owners);
    for (const node of found) labels[node] = node;
    const old: number[] = [];
    for (let node = 0; node < this.#count; node++) {
      const label = labels[node] ?? NOBODY;
      if (label === NOBODY || !stale.has(label)) continue;
      if (this.#isHolder.has(node)) old.push(node);
      else labels[node] = NOBODY;
    }
    this.#fromRoots((owner) => stale.has(this.#count + owner));
    for (const node of [...old, ...found]) this.#from(node);
  }

  /** Regions in which holders are still being found belong to nobody. */
  giveUp(): void {
    for (const [node, label] of this.labels.entries())
      if (label !== NOBODY && this.#stale.has(label)) this.labels[node] = NOBODY;
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

  #fromRoots(counts: (owner: number) => boolean): void {
    const { ownerOf, lesser } = this.#roots;
    for (const [root, owner] of ownerOf.entries()) {
      if (lesser.has(owner) || !counts(owner)) continue;
      this.#meet(this.#graph.rootTargets.at(root), this.#count + owner);
      this.#spread();
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
      this.#stale.add(known);
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
