import { kindOf } from '../../analysis/holding/tally-holders.ts';
import { wayInto, type Entry, type WayInto } from '../../analysis/holding/way-into.ts';
import { splitSymbol } from '../core/root-owners.ts';
import type { CoreSession } from '../core/session.ts';
import type { Holders } from './holders.ts';

const MOST_HEADS = 4;

/** The shortest way from a holder, through what it alone keeps, to something that is wanted. */
export function wayFrom(
  { reachability: { graph } }: CoreSession,
  { labels, roots }: Holders,
  holder: number,
  isWanted: (node: number) => boolean,
): WayInto | undefined {
  const isHeld = (node: number): boolean => labels[node] === holder;
  function* entries(): Generator<Entry> {
    if (holder < labels.length) {
      const end = graph.starts[holder + 1] ?? 0;
      for (let e = graph.starts[holder] ?? 0; e < end; e++) {
        const node = graph.targets.at(e);
        if (isHeld(node)) yield { node, root: -1 };
      }
      return;
    }
    for (const root of rootsOf(roots.ownerOf, holder - labels.length)) {
      const node = graph.rootTargets.at(root);
      if (isHeld(node)) yield { node, root };
    }
  }
  return wayInto(graph, entries(), isHeld, isWanted);
}

/**
 * Variables of an owner of roots that point to things of a kind that it alone keeps, those with the most words first: heads of
 * lists, buckets. None where something lies between; then there is the variable of the root that the way begins with.
 */
export function headsOf(
  { reachability: { graph, space } }: CoreSession,
  { labels, roots, places }: Holders,
  holder: number,
  kind: number,
  first?: number,
): readonly string[] {
  const nameOf = (root: number): string =>
    splitSymbol(places.root(graph.rootPlaces[root] ?? -1).symbol ?? 'its data').name;
  const isOf = (node: number): boolean => labels[node] === holder && kindOf(space, node) === kind;
  const words = new Map<string, number>();
  for (const root of rootsOf(roots.ownerOf, holder - labels.length)) {
    if (!isOf(graph.rootTargets.at(root))) continue;
    const name = nameOf(root);
    words.set(name, (words.get(name) ?? 0) + 1);
  }
  const found = [...words].toSorted(([, a], [, b]) => b - a).map(([name]) => name);
  return found.length > 0 || first === undefined ? found.slice(0, MOST_HEADS) : [nameOf(first)];
}

function* rootsOf(ownerOf: Int32Array, owner: number): Generator<number> {
  for (const [root, of] of ownerOf.entries()) if (of === owner) yield root;
}
