import type { WayInto } from '../../analysis/holding/way-into.ts';
import { chainTo, shortestChains } from '../../analysis/reachability/referrers.ts';
import type { Places } from '../core/places.ts';
import { isPassing } from '../core/root-owners.ts';
import type { CoreSession } from '../core/session.ts';

/** More steps than anybody reads: the middle of a longer way is left out. */
const MOST_STEPS = 8;

/** A way in words, the root first. `holder`: the object it begins with, where that is no root; it is then led to from one. */
export function spellWay(
  session: CoreSession,
  places: Places,
  { root, nodes }: WayInto,
  holder?: number,
): readonly string[] {
  const { graph, space } = session.reachability;
  if (holder === undefined)
    return shortened([rootAt(session, places, root), ...nodes.map((node) => spellNode(places, node))]);
  const isNamed = (place: number): boolean => places.root(place).symbol !== undefined;
  const isStack = (place: number): boolean => isPassing(places.root(place));
  const before = chainTo(shortestChains(graph, space.count, isNamed, isStack), holder);
  const first = before.root < 0 ? [] : [rootAt(session, places, before.root)];
  return shortened([...first, ...[...before.nodes, ...nodes].map((node) => spellNode(places, node))]);
}

function rootAt({ reachability }: CoreSession, places: Places, root: number): string {
  const { symbol, place = '' } = places.root(reachability.graph.rootPlaces[root] ?? -1);
  return symbol ?? place;
}

function spellNode(places: Places, node: number): string {
  const { inObject, place = '', symbol } = places.node(node);
  return inObject === undefined ? (symbol ?? place) : `object of ${inObject.cache} at ${inObject.object}`;
}

function shortened(steps: readonly string[]): readonly string[] {
  if (steps.length <= MOST_STEPS) return steps;
  const half = MOST_STEPS / 2;
  return [...steps.slice(0, half), `${steps.length - 2 * half} more`, ...steps.slice(-half)];
}
