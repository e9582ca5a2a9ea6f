import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Graph } from './build-graph.ts';
import { EdgeStore } from './edge-store.ts';
import { NOBODY, outermostHolders } from './outermost-holders.ts';

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

const holders = (
  edges: readonly (readonly number[])[],
  roots: readonly (readonly [target: number, owner: number])[],
  standing: ReadonlyMap<number, number> = new Map(),
  lesser: ReadonlySet<number> = new Set(),
): readonly number[] => {
  const ownerOf = Int32Array.from(roots, ([, owner]) => owner);
  const owners = 1 + Math.max(-1, ...ownerOf, ...standing.values());
  const targets = roots.map(([target]) => target);
  return [...outermostHolders(graphOf(edges, targets), edges.length, { ownerOf, owners, standing, lesser })];
};

describe('who holds an object in the end', () => {
  it('is the owner of the head for a list that is linked both ways, whatever its length', () => {
    const list = Array.from({ length: 1000 }, (_, i) => [i - 1, i + 1].filter((to) => to >= 0 && to < 1000));
    expect(new Set(holders(list, [[0, 3], [999, 3]]))).toEqual(new Set([1003])); // prettier-ignore
  });

  it('is the object itself where roots of two owners lead to it, and that object for what hangs on it', () => {
    expect(holders([[1], [2], []], [[0, 0], [1, 1]])).toEqual([3, 1, 1]); // prettier-ignore
  });

  it('is found again beyond an object that turns out to hold', () => {
    // 0 and 1 lead to 2, that to 3 and 4, both of which lead to 5
    expect(holders([[2], [2], [3, 4], [5], [5], []], [[0, 0], [1, 1]])).toEqual([6, 7, 2, 2, 2, 2]); // prettier-ignore
  });

  it('is a lesser owner only where nobody else leads', () => {
    const roots = [[0, 0], [1, 1], [2, 1], [3, 2]] as const; // prettier-ignore
    expect(holders([[1], [], [3], []], roots, new Map(), new Set([1, 2]))).toEqual([4, 4, 5, 5]);
  });

  it('is nobody where no root leads', () => {
    expect(holders([[], []], [[0, 0]])).toEqual([2, NOBODY]);
  });

  it('is the process for what only its tasks lead to, whoever points to the tasks', () => {
    const standing = new Map([[0, 1], [1, 1]]); // prettier-ignore
    expect(holders([[2], [2, 3], [], []], [[0, 0], [1, 0]], standing)).toEqual([5, 5, 5, 5]); // prettier-ignore
  });

  it('is nobody in a long list that is pointed into from elsewhere as well, but for what lies beyond that', () => {
    const list = Array.from({ length: 3000 }, (_, i) => [i - 1, i + 1].filter((to) => to >= 0 && to < 3000));
    const found = holders([...list, []], [[0, 0], [1500, 1], [3000, 2]]); // prettier-ignore
    expect(found.slice(0, 1500).every((label, i) => label === NOBODY || label === i)).toBe(true);
    expect(new Set(found.slice(1500, 3000))).toEqual(new Set([1500]));
    expect(found[3000]).toBe(3003);
  });

  it('is what the slow way says: without it, nothing would lead there', () => {
    const node = fc.nat({ max: 11 });
    const graphs = fc.record({
      edges: fc.array(fc.array(node, { maxLength: 3 }), { minLength: 12, maxLength: 12 }),
      roots: fc.array(fc.tuple(node, fc.nat({ max: 2 })), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(graphs, ({ edges, roots }) => {
        const found = holders(edges, roots);
        const owners = 1 + Math.max(-1, ...roots.map(([, owner]) => owner));
        const all = reached(edges, roots, -1);
        for (let at = 0; at < edges.length; at++) {
          // Those without which nothing leads to it; the outermost has none other.
          const needed = Array.from({ length: 12 + owners }, (_, holder) => holder).filter(
            (holder) => holder !== at && all.has(at) && !reached(edges, roots, holder).has(at),
          );
          const outermost = needed.filter((holder) =>
            needed.every((other) => other === holder || holder >= 12 || reached(edges, roots, other).has(holder)),
          );
          expect(found[at]).toBe(all.has(at) ? (outermost[0] ?? at) : NOBODY);
        }
      }),
    );
  });
});

/** What is reached without one holder. */
function reached(
  edges: readonly (readonly number[])[],
  roots: readonly (readonly [target: number, owner: number])[],
  without: number,
): ReadonlySet<number> {
  const found = new Set<number>();
  const waiting = roots.flatMap(([target, owner]) => (edges.length + owner === without ? [] : [target]));
  while (waiting.length > 0) {
    const node = waiting.pop() ?? 0;
    if (found.has(node) || node === without) continue;
    found.add(node);
    waiting.push(...(edges[node] ?? []));
  }
  return found;
}
