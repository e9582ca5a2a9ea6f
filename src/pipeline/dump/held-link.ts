import { linkAt, type LinkMemory } from '../../analysis/holding/link-kind.ts';
import type { WayInto } from '../../analysis/holding/way-into.ts';
import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import type { CoreReferrer } from '../../findings/core/core-refs.ts';
import type { HeldLink } from '../../model/dump-facts.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import type { Places } from '../core/places.ts';
import type { CoreSession } from '../core/session.ts';

/** Objects of these are the insides of a container. */
const CONTAINERS: Readonly<Record<string, HeldLink['kind']>> = { radix_tree_node: 'xarray', maple_node: 'maple tree' };
/** Bytes of an object that are looked through for the word that leads on. */
const MOST_BYTES = 2 ** 22;

/** How the way leads to its last object: the word that does, and the kind of structure that this shows. */
export function linkOf(session: CoreSession, places: Places, way: WayInto): HeldLink | undefined {
  const { space } = session.reachability;
  const cacheAt = (node: number | undefined): string =>
    node === undefined || node >= space.table.objects
      ? ''
      : (session.heap.caches[space.table.cacheOf(node)]?.name ?? '');
  // The head of a container is what leads to the first of its insides.
  let last = way.nodes.length - 1;
  const inside = CONTAINERS[cacheAt(way.nodes[last - 1])];
  while (last > 0 && CONTAINERS[cacheAt(way.nodes[last - 1])] !== undefined) last--;
  const word = wordTo(session, places, way, last);
  if (word?.address === undefined) return undefined;
  const common = { head: word.address, ...(word.symbol === undefined ? {} : { symbol: word.symbol }) };
  if (inside) return { kind: inside, ...common };
  const link = linkAt(linkMemory(session, places), BigInt(`0x${word.address}`));
  if (link) return { ...link, ...common };
  const from = way.nodes[last - 1];
  return from !== undefined && from >= space.table.objects ? { kind: 'table', ...common } : undefined;
}

/** The word that leads to the i-th node of a way; absent where it is none that has an address. */
function wordTo(session: CoreSession, places: Places, { nodes, root }: WayInto, i: number): CoreReferrer | undefined {
  const [from, to] = [nodes[i - 1], nodes[i]];
  const { graph, space } = session.reachability;
  if (i === 0) return root < 0 ? undefined : places.root(graph.rootPlaces[root] ?? -1);
  if (from === undefined || to === undefined) return undefined;
  const bytes = session.kernel.memory.tryRead(places.addressOf(from), Math.min(places.sizeOf(from), MOST_BYTES));
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at + 8 <= bytes.length; at += 8)
    if (nodeAtAddress(space, view.getBigUint64(at, true)) === to) return places.inNode(from, at);
  return undefined;
}

function linkMemory({ kernel, reachability }: CoreSession, places: Places): LinkMemory {
  const { space } = reachability;
  return {
    word: (address) => ifThere(() => kernel.memory.u64(address)),
    object: (address) => {
      const node = nodeAtAddress(space, address);
      if (node === NOTHING || node >= space.table.objects) return undefined;
      return { start: places.addressOf(node), kind: space.table.cacheOf(node) };
    },
  };
}
