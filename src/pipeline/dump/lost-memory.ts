import { bytes } from '../../base/units.ts';
import { chainTo, shortestChains } from '../../analysis/reachability/referrers.ts';
import { isTableLike } from '../../analysis/reachability/table-like.ts';
import type { LostMemory } from '../../model/dump-facts.ts';
import { spell } from '../core/addresses.ts';
import { Places } from '../core/places.ts';
import type { CoreSession } from '../core/session.ts';
import { alikePages } from './alike-pages.ts';

const MOST_SAMPLES = 6;
/** Blocks whose way from a root is looked at to say who holds blocks of that kind. */
const MOST_TRACED = 200;
/** Fewer are not worth the search for a holder. */
const FEWEST = 64;
/** Known blocks that begin as the lost ones do: fewer do so by chance. */
const FEWEST_ALIKE = 4;

interface Tally {
  readonly kind: LostMemory['kind'];
  readonly caller?: LostMemory['caller'];
  readonly pages: number;
  readonly lost: number[];
  readonly reached: number[];
}

/** Blocks of pages by size and vmalloc areas by size and caller that nothing refers to; with who holds those of the same size that are known. */
export function lostMemory(session: CoreSession): readonly LostMemory[] {
  const { space, marked } = session.reachability;
  const tallies = new Map<string, Tally>();
  for (const [i, { kind, frames, compound = false, caller: from }] of space.extras.entries()) {
    const caller = callerOf(session, from);
    const key = `${kind} ${frames} ${compound} ${caller?.function ?? ''} ${caller?.module ?? ''}`;
    const tally = tallies.get(key) ?? { kind, pages: frames, lost: [], reached: [], ...(caller && { caller }) };
    const node = space.table.objects + i;
    (marked.has(node) ? tally.reached : tally.lost).push(node);
    tallies.set(key, tally);
  }
  const lost = [...tallies.values()].filter((tally) => tally.lost.length > 0 && !areTables(session, tally));
  const traced = lost.some((tally) => tally.lost.length >= FEWEST) ? new Holders(session) : undefined;
  return lost
    .map(({ kind, caller, pages, lost: nodes, reached: all }): LostMemory => {
      const isMany = kind === 'pages' && nodes.length >= FEWEST;
      const alike = isMany ? alikePages(session, nodes, all) : undefined;
      const reached = alike && alike.nodes.length >= FEWEST_ALIKE ? alike.nodes : all;
      const holder = nodes.length >= FEWEST ? traced?.of(reached) : undefined;
      return {
        kind,
        ...(caller && { caller }),
        pages,
        blocks: nodes.length,
        bytes: bytes(nodes.length * pages * space.pageSize),
        reachableAlike: reached.length,
        ...(alike ? { begins: alike.begins } : {}),
        ...(holder ? { holder } : {}),
        samples: nodes.slice(0, MOST_SAMPLES).map((node) => spell(addressOf(session, node))),
      };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
}

function callerOf({ kernel }: CoreSession, address: bigint | undefined): LostMemory['caller'] {
  return address === undefined ? undefined : splitSymbol(kernel.symbols.spell(address));
}

/** `foo_probe+0x12 [foo]` is function foo_probe of module foo. */
function splitSymbol(spelled: string | undefined): LostMemory['caller'] {
  const [, name, module] = /^(\S+?)(?:\+0x[0-9a-f]+)?(?: \[(.+)\])?$/.exec(spelled ?? '') ?? [];
  return name === undefined ? undefined : { function: name, ...(module === undefined ? {} : { module }) };
}

/** Single pages that are tables of physical addresses, by a look at some of them: those of an IOMMU, of guests. */
function areTables({ kernel, reachability: { space } }: CoreSession, { kind, pages, lost }: Tally): boolean {
  if (kind !== 'pages' || pages !== 1 || lost.length < FEWEST) return false;
  const { memory } = kernel;
  const ram = space.nodeOfFrame.length * space.pageSize;
  const step = Math.max(1, Math.floor(lost.length / MOST_TRACED));
  const looked = lost.filter((_, i) => i % step === 0);
  const tables = looked.filter((node) => {
    const frame = space.extras[node - space.table.objects]?.frame ?? 0;
    return isTableLike(memory.physical, frame * space.pageSize, space.pageSize, ram);
  });
  return tables.length > looked.length / 2;
}

function addressOf({ kernel, reachability: { space } }: CoreSession, node: number): bigint {
  const extra = space.extras[node - space.table.objects];
  const base = (kernel.directMap?.virtual ?? 0n) - BigInt(kernel.directMap?.physical ?? 0);
  return extra?.address ?? base + BigInt((extra?.frame ?? 0) * space.pageSize);
}

/** The symbols at the roots of ways to nodes. */
class Holders {
  readonly #places: Places;
  readonly #session: CoreSession;
  readonly #chains: ReturnType<typeof shortestChains>;

  constructor(session: CoreSession) {
    const { graph, space } = session.reachability;
    this.#session = session;
    this.#places = new Places(session, space);
    this.#chains = shortestChains(graph, space.count, (place) => this.#places.root(place).symbol !== undefined);
  }

  /** The symbol that leads to most of them, if it leads to at least half. */
  of(nodes: readonly number[]): LostMemory['holder'] | undefined {
    const traced = nodes.slice(0, MOST_TRACED);
    const counts = new Map<string, number>();
    const examples = new Map<string, number>();
    for (const node of traced) {
      const { root } = chainTo(this.#chains, node);
      const symbol =
        root < 0 ? undefined : this.#places.root(this.#session.reachability.graph.rootPlaces[root] ?? -1).symbol;
      if (symbol === undefined) continue;
      counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
      examples.set(symbol, node);
    }
    const [best] = [...counts].toSorted(([, a], [, b]) => b - a);
    if (!best || best[1] < traced.length / 2) return undefined;
    const { function: symbol, module } = splitSymbol(best[0]) ?? { function: best[0] };
    return {
      symbol,
      ...(module === undefined ? {} : { module }),
      blocks: Math.round((best[1] / traced.length) * nodes.length),
      way: this.#way(best[0], examples.get(best[0]) ?? 0),
    };
  }

  #way(root: string, node: number): readonly string[] {
    const { nodes } = chainTo(this.#chains, node);
    const places = nodes.map((at) => {
      const { inObject, place = '', symbol } = this.#places.node(at);
      return inObject === undefined ? (symbol ?? place) : `object of ${inObject.cache} at ${inObject.object}`;
    });
    return [root, ...places];
  }
}
