import { Bits } from '../../base/bits.ts';
import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import { cacheTypes } from '../../analysis/typing/cache-types.ts';
import { PointerMembers } from '../../analysis/typing/pointer-members.ts';
import type { CgroupPin } from '../../findings/core/core-cgroups.ts';
import { spell } from './addresses.ts';
import { Places } from './places.ts';
import type { CoreSession } from './session.ts';

const MOST_SAMPLES = 4;
/** Objects larger than this are not searched for the word that refers. */
const MOST_BYTES = 2 ** 22;
/** A pointer to a memory cgroup may be declared as one to what it begins with. */
const TARGETS: ReadonlySet<string> = new Set(['mem_cgroup', 'cgroup_subsys_state']);
/**
 * Words that hold its address and no reference: of the cgroup's own structs (mm/memcontrol.c, mm_types.h), of the last tasks
 * in it, and of who comes next when memory is reclaimed.
 */
const OWN =
  /^struct (?:mem_cgroup|mem_cgroup_per_node|obj_cgroup|cgroup|css_set|memcg_vmstats_percpu|mem_cgroup_reclaim_iter)\b/;
/** Its entry in the table of numbers, and its own counters in per-CPU memory. */
const OWN_PLACE = /^(?:radix_tree_node\+|vmalloc area of pcpu_)/;

interface Tally {
  readonly cgroups: Set<number>;
  count: number;
  readonly samples: string[];
}

/** Who holds the addresses of these struct mem_cgroup, by member or place; their own structs left out. Most of them first. */
export function cgroupHolders(session: CoreSession, addresses: readonly bigint[]): readonly CgroupPin[] {
  const { space, graph } = session.reachability;
  const wanted = new Bits(space.count);
  let count = 0;
  for (const address of addresses) {
    const node = nodeAtAddress(space, address);
    if (node !== NOTHING && wanted.add(node)) count++;
  }
  if (count === 0) return [];
  const holders = new Holders(session, addresses);
  for (let node = 0; node < space.count; node++) {
    const end = graph.starts[node + 1] ?? 0;
    for (let e = graph.starts[node] ?? 0; e < end; e++) {
      const target = graph.targets.at(e);
      if (!wanted.has(target) || target === node) continue;
      holders.addNode(node);
      break;
    }
  }
  for (let r = 0; r < graph.rootTargets.length; r++) {
    if (wanted.has(graph.rootTargets.at(r))) holders.addRoot(graph.rootPlaces[r] ?? -1);
  }
  return holders.finish();
}

class Holders {
  readonly #session: CoreSession;
  readonly #places: Places;
  readonly #members: PointerMembers;
  readonly #list: readonly bigint[];
  readonly #addresses: ReadonlyMap<bigint, number>;
  readonly #tallies = new Map<string, Tally>();

  constructor(session: CoreSession, addresses: readonly bigint[]) {
    this.#session = session;
    this.#places = new Places(session, session.reachability.space);
    this.#members = new PointerMembers(session.kernel.layouts, TARGETS);
    this.#list = addresses;
    this.#addresses = new Map(addresses.map((address, i) => [address, i]));
  }

  /** Every word of a node that is the address of one of them, as a whole. */
  addNode(node: number): void {
    const from = this.#places.addressOf(node);
    const bytes = this.#session.kernel.memory.tryRead(from, Math.min(this.#places.sizeOf(node), MOST_BYTES));
    if (!bytes) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      if (view.getUint32(at + 4, true) < 0xff000000) continue;
      const cgroup = this.#addresses.get(view.getBigUint64(at, true));
      if (cgroup !== undefined) this.#add(this.#nameOf(node, at), cgroup, from + BigInt(at));
    }
  }

  addRoot(place: number): void {
    const { kernel } = this.#session;
    const root = this.#places.root(place);
    const address = root.address === undefined ? undefined : BigInt(`0x${root.address}`);
    const word = address === undefined ? undefined : kernel.memory.tryRead(address, 8);
    if (!word || address === undefined) return;
    const cgroup = this.#addresses.get(new DataView(word.buffer, word.byteOffset).getBigUint64(0, true));
    if (cgroup !== undefined) this.#add(root.symbol ?? root.place ?? 'kernel memory', cgroup, address);
  }

  #nameOf(node: number, offset: number): string {
    const { heap, reachability } = this.#session;
    const { table } = reachability.space;
    const cache = node < table.objects ? heap.caches[table.cacheOf(node)] : undefined;
    if (!cache) return this.#places.node(node).place ?? 'pages';
    const { named, range } = cacheTypes(
      this.#members.catalog,
      cache,
      this.#session.aliasesOf(cache.address),
      heap.caches,
    );
    const [only] = named;
    const exact: readonly [number, number] = only ? [only.size - 1, only.size] : range;
    return this.#members.nameOf(offset, exact) ?? `${cache.name}+0x${offset.toString(16)}`;
  }

  #add(name: string, cgroup: number, address: bigint): void {
    if (OWN.test(name) || OWN_PLACE.test(name)) return;
    let tally = this.#tallies.get(name);
    if (!tally) this.#tallies.set(name, (tally = { cgroups: new Set(), count: 0, samples: [] }));
    tally.cgroups.add(cgroup);
    tally.count++;
    if (tally.samples.length < MOST_SAMPLES) tally.samples.push(spell(address));
  }

  finish(): readonly CgroupPin[] {
    return [...this.#tallies]
      .map(([name, { cgroups, count, samples }]): CgroupPin => ({
        kind: 'referrer',
        name,
        cgroups: cgroups.size,
        count,
        samples,
        cgroupsHeld: [...cgroups].map((i) => spell(this.#list[i] ?? 0n)),
      }))
      .toSorted((a, b) => b.cgroups - a.cgroups || b.count - a.count);
  }
}
