import { describe, expect, it } from 'vitest';
import { EdgeStore } from '../reachability/edge-store.ts';
import type { Graph } from '../reachability/build-graph.ts';
import { lostUnits, type LostUnit } from './lost-units.ts';
import { UnreachableNodes } from './unreachable.ts';

/** Bytes of a node, by group. */
const SIZES = [192, 832, 32, 64, 192] as const;

/** Nodes by their group, and who points to whom; all unreachable. */
function unitsOf(groups: readonly number[], edges: readonly (readonly [number, number])[]): readonly LostUnit[] {
  const starts = new Uint32Array(groups.length + 1);
  const targets = new EdgeStore();
  const sorted = edges.toSorted(([a], [b]) => a - b);
  for (let node = 0; node < groups.length; node++) {
    starts[node] = targets.length;
    for (const [from, to] of sorted) if (from === node) targets.push(to);
  }
  starts[groups.length] = targets.length;
  const graph: Pick<Graph, 'starts' | 'targets'> = { starts, targets };
  return lostUnits(graph, new UnreachableNodes(groups.length, () => true), {
    groupOf: (rank) => groups[rank] ?? 0,
    bytesOf: (group) => SIZES[group] ?? 0,
  });
}

const [DENTRY, INODE, BLOB, NAME] = [0, 1, 2, 3] as const;

describe('units of what was leaked', () => {
  it('are a socket with all that belongs to it, as often as it was leaked', () => {
    const groups = Array.from({ length: 40 }, () => [DENTRY, INODE, BLOB]).flat();
    const edges = Array.from({ length: 40 }, (_, i) => i * 3).flatMap((d) => [
      [d, d + 1] as const,
      [d + 1, d] as const,
      [d + 1, d + 2] as const,
    ]);
    expect(unitsOf(groups, edges)).toEqual([
      {
        lead: INODE,
        parts: [
          { group: INODE, nodes: 40 },
          { group: DENTRY, nodes: 40 },
          { group: BLOB, nodes: 40 },
        ],
        units: 40,
        alike: 40,
        nodes: 120,
        bytes: 40 * (192 + 832 + 32),
        sources: 0,
        linked: 0,
        samples: Array.from({ length: 40 }, (_, i) => i * 3 + 1),
      },
    ]);
  });

  it('begin with what nothing points to, however small it is', () => {
    const [unit] = unitsOf(
      [BLOB, INODE, BLOB, INODE],
      [
        [0, 1],
        [2, 3],
      ],
    );
    expect(unit).toMatchObject({ lead: BLOB, units: 2, sources: 2 });
  });

  it('begin with the same group where two are alike in size', () => {
    const OTHER = 4;
    const groups = [DENTRY, OTHER, OTHER, DENTRY];
    const ring = (a: number, b: number): readonly (readonly [number, number])[] => [
      [a, b],
      [b, a],
    ];
    expect(unitsOf(groups, [...ring(0, 1), ...ring(2, 3)])).toMatchObject([{ lead: DENTRY, units: 2, alike: 2 }]);
  });

  it('are the elements of a list that was lost as a whole', () => {
    const elements = 100;
    const groups = Array.from({ length: elements }, () => [DENTRY, NAME]).flat();
    const edges = Array.from({ length: elements }, (_, i) => i * 2).flatMap((e) => [
      [e, e + 1] as const,
      [e, (e + 2) % (2 * elements)] as const,
      [(e + 2) % (2 * elements), e] as const,
    ]);
    expect(unitsOf(groups, edges)).toMatchObject([{ lead: DENTRY, units: 100, alike: 100, linked: 100, nodes: 200 }]);
  });

  it('are told apart where all of them share something', () => {
    const shared = 60;
    const groups = [...Array.from({ length: 20 }, () => [DENTRY, INODE, BLOB]).flat(), NAME];
    const edges = Array.from({ length: 20 }, (_, i) => i * 3).flatMap((d) => [
      [d, d + 1] as const,
      [d + 1, d + 2] as const,
      [d + 2, d] as const,
      [d, shared] as const,
    ]);
    expect(unitsOf(groups, edges)).toMatchObject([
      { lead: INODE, units: 20, alike: 20, nodes: 60, linked: 20 },
      { lead: NAME, units: 1, nodes: 1 },
    ]);
  });

  it('stay whole where nothing in them repeats', () => {
    const groups = Array.from({ length: 30 }, (_, i) => i % 4);
    const edges = Array.from({ length: 29 }, (_, i): readonly [number, number] => [i, i + 1]);
    expect(unitsOf(groups, edges)).toMatchObject([{ units: 1, nodes: 30, linked: 0, sources: 1 }]);
  });

  it('of other shapes are counted with those of the same beginning', () => {
    const groups = [DENTRY, BLOB, DENTRY, BLOB, DENTRY];
    const [unit] = unitsOf(groups, [
      [0, 1],
      [2, 3],
    ]);
    expect(unit).toMatchObject({ lead: DENTRY, units: 3, alike: 2, nodes: 5 });
  });
});
