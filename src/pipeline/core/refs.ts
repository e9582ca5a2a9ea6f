import type { CoreKeeper, CoreRefs, CoreReferrer } from '../../findings/core/core-refs.ts';
import { findDominators, type Dominators } from '../../analysis/reachability/dominators.ts';
import { EdgeStore } from '../../analysis/reachability/edge-store.ts';
import { NOTHING, nodeAtWord } from '../../analysis/reachability/node-space.ts';
import { chainTo, reverseGraph, shortestChains } from '../../analysis/reachability/referrers.ts';
import { parseAddress, spell } from './addresses.ts';
import { Places } from './places.ts';
import { isPassing } from './root-owners.ts';
import type { CoreSession } from './session.ts';

const MOST = 100;

/** Who points at an address, or anywhere into the object that it lies in. Throws InputError for no address. */
export function coreRefs(session: CoreSession, text: string, most: number = MOST): CoreRefs {
  const { kernel, reachability } = session;
  const { space, graph, marked } = reachability;
  const address = parseAddress(kernel, text);
  const target = nodeAtWord(space, Number(address & 0xffffffffn), Number(address >> 32n));
  if (target === NOTHING) return { address: spell(address), referrers: [], count: 0, reachable: false, chain: [] };
  const places = new Places(session, space);
  const reverse = reverseGraph(graph, space.count);
  const sources = [...new Set(reverse.sources.subarray(reverse.starts[target], reverse.starts[target + 1]))];
  const roots = [...reverse.rootPlaces.subarray(reverse.rootStarts[target], reverse.rootStarts[target + 1])];
  const within = (node: number): readonly CoreReferrer[] => wordsInto(session, places, node, target);
  const referrers: CoreReferrer[] = roots.slice(0, most).map((place) => places.root(place));
  for (const source of sources.slice(0, most)) if (referrers.length < most) referrers.push(...within(source));
  return {
    address: spell(address),
    target: places.node(target),
    referrers: referrers.slice(0, most),
    count: roots.length + sources.length,
    reachable: marked.has(target),
    chain: marked.has(target) ? chain(session, places, target) : [],
    keptBy: marked.has(target) ? keepers(session, places, target) : [],
  };
}

/**
 * What alone keeps an object, from the nearest on: other objects, at last a symbol. Stacks are left out unless nothing else leads
 * there: what is on one for a moment would look like a second keeper of all that it is linked with.
 */
function keepers({ reachability }: CoreSession, places: Places, target: number): readonly CoreKeeper[] {
  const { space, graph } = reachability;
  const names = new Map<string, number>();
  const groups: CoreReferrer[] = [];
  const numberOf = (root: CoreReferrer): number => {
    const name = root.symbol?.replace(/\+0x[0-9a-f]+/, '') ?? root.place ?? '';
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, groups.length);
    groups.push(root.symbol === undefined ? { place: root.place ?? '' } : { symbol: name });
    return groups.length - 1;
  };
  const dominators = (counts: (root: CoreReferrer) => boolean): Dominators => {
    const [rootTargets, groupOf]: [EdgeStore, number[]] = [new EdgeStore(), []];
    for (const [r, place] of graph.rootPlaces.entries()) {
      const root = places.root(place);
      if (!counts(root)) continue;
      rootTargets.push(graph.rootTargets.at(r));
      groupOf.push(numberOf(root));
    }
    const owned = { groupOf: Uint32Array.from(groupOf), groups: groups.length };
    return findDominators({ ...graph, rootTargets }, space.count, owned, (node) => places.sizeOf(node));
  };
  const firm = dominators((root) => !isPassing(root));
  const { keeper, heldObjects, heldBytes } = (firm.heldObjects[target] ?? 0) > 0 ? firm : dominators(() => true);
  const found: CoreKeeper[] = [];
  for (let at = keeper[target] ?? -1; at >= 0 && found.length < MOST; at = keeper[at] ?? -1) {
    const who = at < space.count ? places.inNode(at, 0) : (groups[at - space.count] ?? {});
    found.push({ ...who, objects: heldObjects[at] ?? 0, bytes: heldBytes[at] ?? 0 });
  }
  return found;
}

function chain(session: CoreSession, places: Places, target: number): readonly CoreReferrer[] {
  const { graph, space } = session.reachability;
  const isNamed = (place: number): boolean => places.root(place).symbol !== undefined;
  const chains = shortestChains(graph, space.count, isNamed, (place) => isPassing(places.root(place)));
  const { root, nodes } = chainTo(chains, target);
  const steps: CoreReferrer[] = root < 0 ? [] : [places.root(graph.rootPlaces[root] ?? -1)];
  for (const [i, node] of nodes.entries()) {
    const next = nodes[i + 1];
    const [step] = next === undefined ? [] : wordsInto(session, places, node, next);
    steps.push(step ?? places.node(node));
  }
  return steps;
}

/** The words of one node that point into another. */
function wordsInto(
  { kernel, reachability }: CoreSession,
  places: Places,
  from: number,
  to: number,
): readonly CoreReferrer[] {
  const bytes = kernel.memory.tryRead(places.addressOf(from), Math.min(places.sizeOf(from), 2 ** 22));
  if (!bytes) return [places.node(from)];
  const view = new DataView(bytes.buffer);
  const found: CoreReferrer[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const high = view.getUint32(at + 4, true);
    if (high >= 0xff000000 && nodeAtWord(reachability.space, view.getUint32(at, true), high) === to)
      found.push(places.inNode(from, at));
  }
  return found.length > 0 ? found : [places.node(from)];
}
