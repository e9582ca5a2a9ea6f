import { Bits } from '../../base/bits.ts';
import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import { chainTo, shortestChains } from '../../analysis/reachability/referrers.ts';
import { cacheTypes } from '../../analysis/typing/cache-types.ts';
import { PointerMembers } from '../../analysis/typing/pointer-members.ts';
import { Places } from './places.ts';
import type { CoreSession } from './session.ts';

const MOST_SAMPLES = 4;
/** Objects whose way from a root is looked at, of each kind. */
const MOST_TRACED = 32;
/** Objects larger than this are not searched for the word that refers. */
const MOST_BYTES = 2 ** 22;

/** What is asked for. */
export interface Held {
  /** Objects; words count that are the very address of one. */
  readonly addresses: readonly bigint[];
  /** Structs that a member which holds such an address may be declared to point to. */
  readonly types: ReadonlySet<string>;
  /** Members and places that hold the address and no reference, by the name that they are given here. */
  readonly ignored: (name: string) => boolean;
}

/** Words of one kind that hold such addresses. */
export interface PointerHolder {
  /** `struct bdi_writeback.memcg_css`, `kmalloc-64+0x18`, `foo_table+0x10 [foo]`, `stack of 1 (init)`. */
  readonly name: string;
  /** Which of the addresses, by their place. */
  readonly held: readonly number[];
  readonly count: number;
  /** Of the words. */
  readonly samples: readonly bigint[];
  /** Of words in objects: the symbol that most of the shortest ways to them begin at. */
  readonly root?: string;
}

/** Who holds the addresses of these objects, by member or place. Most of them first. */
export function pointerHolders(session: CoreSession, asked: Held): readonly PointerHolder[] {
  const { space, graph } = session.reachability;
  const wanted = new Bits(space.count);
  let count = 0;
  for (const address of asked.addresses) {
    const node = nodeAtAddress(space, address);
    if (node !== NOTHING && wanted.add(node)) count++;
  }
  if (count === 0) return [];
  const search = new Search(session, asked);
  for (let node = 0; node < space.count; node++) {
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      if (!wanted.has(target) || target === node) continue;
      search.addNode(node);
      break;
    }
  }
  for (let r = 0; r < graph.rootTargets.length; r++)
    if (wanted.has(graph.rootTargets.at(r))) search.addRoot(graph.rootPlaces[r] ?? -1);
  return search.finish();
}

interface Tally {
  readonly held: Set<number>;
  count: number;
  readonly samples: bigint[];
  /** Some of the objects that hold one; none for roots. */
  readonly nodes: number[];
}

class Search {
  readonly #session: CoreSession;
  readonly #places: Places;
  readonly #members: PointerMembers;
  readonly #ignored: Held['ignored'];
  readonly #list: readonly bigint[];
  readonly #addresses: ReadonlyMap<bigint, number>;
  readonly #tallies = new Map<string, Tally>();

  constructor(session: CoreSession, { addresses, types, ignored }: Held) {
    this.#session = session;
    this.#places = new Places(session, session.reachability.space);
    this.#members = new PointerMembers(session.kernel.layouts, types);
    this.#ignored = ignored;
    this.#list = addresses;
    this.#addresses = new Map(addresses.map((address, i) => [address, i]));
  }

  /** Every word of a node that is the address of one of them. */
  addNode(node: number): void {
    const from = this.#places.addressOf(node);
    const bytes = this.#session.kernel.memory.tryRead(from, Math.min(this.#places.sizeOf(node), MOST_BYTES));
    if (!bytes) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      if (view.getUint32(at + 4, true) < 0xff000000) continue;
      const held = this.#addresses.get(view.getBigUint64(at, true));
      if (held !== undefined && from !== this.#list[held])
        this.#add(this.#nameOf(node, at), held, from + BigInt(at), node);
    }
  }

  addRoot(place: number): void {
    const { kernel } = this.#session;
    const root = this.#places.root(place);
    const address = root.address === undefined ? undefined : BigInt(`0x${root.address}`);
    const word = address === undefined ? undefined : kernel.memory.tryRead(address, 8);
    if (!word || address === undefined) return;
    const held = this.#addresses.get(new DataView(word.buffer, word.byteOffset).getBigUint64(0, true));
    if (held !== undefined) this.#add(root.symbol ?? root.place ?? 'kernel memory', held, address, -1);
  }

  #nameOf(node: number, offset: number): string {
    const { heap, reachability } = this.#session;
    const { table } = reachability.space;
    const cache = node < table.objects ? heap.caches[table.cacheOf(node)] : undefined;
    if (!cache) return this.#places.node(node).place ?? 'pages';
    const aliases = this.#session.aliasesOf(cache.address);
    const { named, range } = cacheTypes(this.#members.catalog, cache, aliases, heap.caches);
    const [only] = named;
    const sizes: readonly [number, number] = only ? [only.size - 1, only.size] : range;
    return this.#members.nameOf(offset, sizes) ?? `${cache.name}+0x${offset.toString(16)}`;
  }

  #add(name: string, held: number, address: bigint, node: number): void {
    if (this.#ignored(name)) return;
    let tally = this.#tallies.get(name);
    if (!tally) this.#tallies.set(name, (tally = { held: new Set(), count: 0, samples: [], nodes: [] }));
    tally.held.add(held);
    tally.count++;
    if (node >= 0 && tally.nodes.length < MOST_TRACED) tally.nodes.push(node);
    if (tally.samples.length < MOST_SAMPLES) tally.samples.push(address);
  }

  finish(): readonly PointerHolder[] {
    const rootOf = this.#roots();
    return [...this.#tallies]
      .toSorted(([, a], [, b]) => b.held.size - a.held.size || b.count - a.count)
      .map(([name, { held, count, samples, nodes }]): PointerHolder => {
        const root = rootOf(nodes);
        return { name, held: [...held], count, samples, ...(root === undefined ? {} : { root }) };
      });
  }

  /** The symbol that most of the ways to some objects begin at. Ways are looked for only where an object holds one. */
  #roots(): (nodes: readonly number[]) => string | undefined {
    const { graph, space } = this.#session.reachability;
    const isNamed = (place: number): boolean => this.#places.root(place).symbol !== undefined;
    let chains: ReturnType<typeof shortestChains> | undefined;
    return (nodes) => {
      const counts = new Map<string, number>();
      for (const node of nodes) {
        chains ??= shortestChains(graph, space.count, isNamed);
        const { root } = chainTo(chains, node);
        const symbol = root < 0 ? undefined : this.#places.root(graph.rootPlaces[root] ?? -1).symbol;
        if (symbol !== undefined) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      }
      return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
    };
  }
}
