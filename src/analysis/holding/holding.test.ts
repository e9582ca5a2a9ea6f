import { describe, expect, it } from 'vitest';
import type { WordFacts } from '../typing/word-facts.ts';
import type { Graph } from '../reachability/build-graph.ts';
import { EdgeStore } from '../reachability/edge-store.ts';
import { chainTo, shortestChains } from '../reachability/referrers.ts';
import { NOBODY } from '../reachability/outermost-holders.ts';
import { pathCopies } from './path-copies.ts';
import { processShares } from './process-shares.ts';
import { wayInto } from './way-into.ts';

function graphOf(...edges: readonly (readonly number[])[]): Graph {
  const [starts, targets] = [new Uint32Array(edges.length + 1), new EdgeStore()];
  for (const [node, to] of edges.entries()) {
    for (const target of to) targets.push(target);
    starts[node + 1] = targets.length;
  }
  return {
    starts,
    targets,
    rootTargets: new EdgeStore(),
    rootPlaces: [],
    baseWords: new Uint16Array(0),
    percpuHits: [],
    read: { bytes: 0, words: 0, missing: 0 },
  };
}

describe('the way into what a holder keeps', () => {
  // 0 leads to 1 and 2, both to 3; 4 is not held
  const graph = graphOf([1, 2, 4], [3], [3], [], [3]);

  it('is the shortest, with the root that it begins with', () => {
    const way = wayInto(graph, [{ node: 0, root: 7 }, { node: 2, root: 9 }], () => true, (node) => node === 3); // prettier-ignore
    expect(way).toEqual({ root: 9, nodes: [2, 3] });
  });

  it('does not leave what is held', () => {
    const held = (node: number): boolean => node !== 2 && node !== 1;
    expect(wayInto(graph, [{ node: 0, root: 0 }], held, (node) => node === 3)).toEqual({ root: 0, nodes: [0, 4, 3] });
    expect(wayInto(graph, [{ node: 0, root: 0 }], (node) => node === 0, (node) => node === 3)).toBeUndefined(); // prettier-ignore
  });

  it('is the wanted thing alone where the holder points to it', () => {
    expect(wayInto(graph, [{ node: 3, root: 1 }], () => true, (node) => node === 3)).toEqual({ root: 1, nodes: [3] }); // prettier-ignore
  });
});

describe('what processes keep among them', () => {
  it('is the first one’s that leads there, and ends at the tasks of others', () => {
    // tasks 0 and 1; 0 leads to 2 and to task 1, which leads to 3 and 2; 4 is somebody else's
    const graph = graphOf([2, 1], [3, 2, 4], [], [], []);
    const labels = Int32Array.of(9, 9, 9, 9, 4);
    const shares = processShares(graph, labels, 9, [
      { node: 0, process: 0 },
      { node: 1, process: 1 },
    ]);
    expect([...shares]).toEqual([NOBODY, NOBODY, 5, 6, NOBODY]);
  });
});

describe('copies of struct path', () => {
  const leads = (cache: number, offset: number, share = 1): WordFacts => ({
    facts: [{ seen: { kind: 'object', cache, offset }, share }],
  });
  const nothing: WordFacts = { facts: [] };
  const [MOUNTS, DENTRIES, ANCHOR] = [3, 5, 32] as const;
  const find = (...words: readonly WordFacts[]): unknown => pathCopies(words, MOUNTS, DENTRIES, ANCHOR);

  it('are a pointer to a mount, where its users point to it, and then one to a dentry', () => {
    expect(find(nothing, nothing, leads(MOUNTS, ANCHOR), leads(DENTRIES, 0))).toEqual({ offset: 16 });
  });

  it('are not a dentry alone, the start of a mount, or what few of the objects have', () => {
    expect(find(leads(DENTRIES, 0), leads(DENTRIES, 0))).toBeUndefined();
    expect(find(leads(MOUNTS, 0), leads(DENTRIES, 0))).toBeUndefined();
    expect(find(leads(MOUNTS, ANCHOR, 0.4), leads(DENTRIES, 0))).toBeUndefined();
  });
});

describe('the shortest way from a root', () => {
  it('begins on a stack only where no other root leads there', () => {
    // root 0 is a list that leads to 0, 1, 2; roots 1 and 2 are words of a stack, to 2 and to 3
    const graph = graphOf([1], [2], [], []);
    const [rootTargets, rootPlaces] = [new EdgeStore(), [100, 200, 300]];
    for (const node of [0, 2, 3]) rootTargets.push(node);
    const { before } = shortestChains(
      { ...graph, rootTargets, rootPlaces },
      4,
      (place) => place === 100,
      (place) => place >= 200,
    );
    expect(chainTo({ before }, 2)).toEqual({ root: 0, nodes: [0, 1, 2] });
    expect(chainTo({ before }, 3)).toEqual({ root: 2, nodes: [3] });
  });
});
