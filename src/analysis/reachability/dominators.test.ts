import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph } from './build-graph.ts';
import { findDominators } from './dominators.ts';
import { EdgeStore } from './edge-store.ts';

/** Edges by source, and for each root the node it points to. */
function graphOf(edges: readonly (readonly number[])[], roots: readonly number[]): Graph {
  const [starts, targets, rootTargets] = [new Uint32Array(edges.length + 1), new EdgeStore(), new EdgeStore()];
  for (const [node, to] of edges.entries()) {
    for (const target of to) targets.push(target);
    starts[node + 1] = targets.length;
  }
  for (const root of roots) rootTargets.push(root);
  return {
    starts,
    targets,
    rootTargets,
    rootPlaces: roots.map(() => -1),
    baseWords: new Uint16Array(0),
    percpuHits: [],
    read: { bytes: 0, words: 0, missing: 0 },
  };
}

/** What is reached from the roots without one holder, the slow way. */
function reached(
  edges: readonly (readonly number[])[],
  roots: readonly number[],
  groupOf: readonly number[],
  without: number,
): Set<number> {
  const found = new Set<number>();
  const waiting = roots.filter((node, r) => edges.length + (groupOf[r] ?? 0) !== without && node !== without);
  while (waiting.length > 0) {
    const node = waiting.pop() ?? 0;
    if (found.has(node)) continue;
    found.add(node);
    waiting.push(...(edges[node] ?? []).filter((to) => to !== without));
  }
  return found;
}

describe('what alone keeps an object', () => {
  it('is the head of a list, named by its root, for a list that is linked both ways', () => {
    const list = graphOf([[1], [0, 2], [1, 3], [2]], [0, 3]);
    const { keeper, heldObjects } = findDominators(list, 4, { groupOf: Uint32Array.of(0, 0), groups: 1 }, () => 64);
    expect([...keeper]).toEqual([4, 4, 4, 4, -1]);
    expect(heldObjects[4]).toBe(4);
  });

  it('is nobody where two roots of different owners lead there', () => {
    const { keeper } = findDominators(
      graphOf([[1], []], [0, 1]),
      2,
      { groupOf: Uint32Array.of(0, 1), groups: 2 },
      () => 1,
    );
    expect([...keeper]).toEqual([2, -1, -1, -1]);
  });

  it('agrees with leaving each holder out in turn, on any graph', () => {
    const node = fc.nat(9);
    fc.assert(
      fc.property(
        fc.array(fc.array(node, { maxLength: 3 }), { minLength: 10, maxLength: 10 }),
        fc.array(fc.record({ target: node, group: fc.nat(2) }), { maxLength: 4 }),
        (edges, given) => {
          const [roots, groupOf] = [given.map((g) => g.target), given.map((g) => g.group)];
          const { heldObjects, heldBytes } = findDominators(
            graphOf(edges, roots),
            10,
            { groupOf: Uint32Array.from(groupOf), groups: 3 },
            () => 8,
          );
          const all = reached(edges, roots, groupOf, -1).size;
          for (let holder = 0; holder < 13; holder++) {
            const lost =
              holder < 10 && !reached(edges, roots, groupOf, -1).has(holder)
                ? 0
                : all - reached(edges, roots, groupOf, holder).size;
            expect(heldObjects[holder]).toBe(lost);
            expect(heldBytes[holder]).toBe(lost * 8);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
