import { bytes } from '../../base/units.ts';
import { objectsOf } from '../../analysis/holding/objects-of.ts';
import { kindOf, PAGES, type HeldKind, type HolderTally } from '../../analysis/holding/tally-holders.ts';
import type { WayInto } from '../../analysis/holding/way-into.ts';
import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import { thin } from '../../analysis/clustering/spread.ts';
import type { Holder, Holding } from '../../model/dump-facts.ts';
import { spell } from '../core/addresses.ts';
import type { CoreSession } from '../core/session.ts';
import { Describer, ownerOf } from './describer.ts';
import { HeldParts } from './held-parts.ts';
import { whoHolds, type Held, type Holders } from './holders.ts';
import { linkOf } from './held-link.ts';
import { heldPaths } from './held-paths.ts';
import { headsOf, wayFrom } from './held-ways.ts';
import { spellWay } from './spell-way.ts';

/** Holdings that are looked into; the rest is small. */
const MOST = 12;
const MOST_PARTS = 12;
const MOST_TYPED = 4;
const MOST_SAMPLES = 6;
/** Things of a kind and bytes that are worth a look whether something grows or not. */
const MANY = 1000;
const MANY_PAGES = 64;
const LARGE = 256 * 1024;
/** Of RAM. */
const LARGE_SHARE = 0.01;
const GROWN_SHARE = 0.002;
/** Of the objects that a cache grew by. */
const PART_OF_GROWTH = 0.5;
const FEWEST_GROWN = 200;

/** Objects that caches grew by over a series, by name; empty where there is none. */
export type Grown = ReadonlyMap<string, number>;

/** What one holder alone keeps much of, or of what grows, with what it is and how it hangs together. */
export function holdings(session: CoreSession, holders: Holders, tools: TypingTools, grown: Grown): readonly Holding[] {
  const worth = holders.tallies.flatMap((tally): readonly { readonly tally: HolderTally; readonly held: Held }[] => {
    const held = whoHolds(holders, tally.holder);
    return held && isWorth(session, tally, held, grown) ? [{ tally, held }] : [];
  });
  if (worth.length === 0) return [];
  const looking = new Looking(session, holders, tools, grown);
  return worth.slice(0, MOST).flatMap(({ tally, held }) => looking.at(tally, held) ?? []);
}

/** A module's are told from fewer on: nobody else's objects are counted with them. */
function isWorth(
  { heap, kernel, pages }: CoreSession,
  { kinds, bytes: size }: HolderTally,
  held: Held,
  grown: Grown,
): boolean {
  const ram = pages.map.endFrame * kernel.memory.pageSize;
  const owner = 'owner' in held ? held.owner.kind : undefined;
  // Memory of many, such as what was kept at boot, per-CPU memory and the fields of struct page, names nobody; processes have
  // a finding of their own.
  if (owner === 'place' || owner === 'processes') return false;
  const growth = kinds.reduce((sum, { kind, objects, bytes: of }) => {
    const by = grownBy(heap.caches[kind]?.name, objects, grown);
    return sum + (of / objects) * Math.min(by, objects);
  }, 0);
  if (growth > (owner === 'module' ? 0 : ram * GROWN_SHARE)) return true;
  const isMany = ({ kind, objects }: HeldKind): boolean =>
    objects >= (kind === heap.caches.length + PAGES ? MANY_PAGES : MANY);
  return owner === 'module' ? size >= LARGE && kinds.some(isMany) : size >= ram * LARGE_SHARE;
}

/** By how much a cache grew, where what is held of it explains at least half of that. */
function grownBy(cache: string | undefined, objects: number, grown: Grown): number {
  const by = cache === undefined ? 0 : (grown.get(cache) ?? 0);
  return by >= FEWEST_GROWN && objects >= by * PART_OF_GROWTH ? by : 0;
}

class Looking {
  readonly #session: CoreSession;
  readonly #holders: Holders;
  readonly #grown: Grown;
  readonly #parts: HeldParts;
  readonly #describer: Describer;

  constructor(session: CoreSession, holders: Holders, tools: TypingTools, grown: Grown) {
    this.#session = session;
    this.#holders = holders;
    this.#grown = grown;
    this.#parts = new HeldParts(session);
    this.#describer = new Describer(tools);
  }

  at(tally: HolderTally, held: Held): Holding | undefined {
    const { heap, reachability } = this.#session;
    const { space } = reachability;
    const main = this.#mainKinds(tally.kinds);
    const isMain = (node: number): boolean => main.has(kindOf(space, node));
    const way = wayFrom(this.#session, this.#holders, tally.holder, isMain);
    const last = way?.nodes.at(-1);
    if (!way || last === undefined) return undefined;
    const leading = kindOf(space, last);
    const kinds = tally.kinds
      .toSorted((a, b) => Number(b.kind === leading) - Number(a.kind === leading))
      .slice(0, MOST_PARTS);
    const samples = (kind: number): readonly number[] => objectsOf(space, this.#holders.labels, tally.holder, kind, 32);
    const leads = samples(leading);
    const descriptions = kinds
      .slice(0, MOST_TYPED)
      .map(({ kind }) => (kind < heap.caches.length ? this.#describer.group(kind, samples(kind)) : undefined));
    const isModules = 'owner' in held && held.owner.kind === 'module';
    const [lead, ...others] = kinds.map((each, i) =>
      this.#parts.part(each, this.#describer.typeOf(each.kind, descriptions[i], isModules)),
    );
    if (!lead) return undefined;
    const owner = ownerOf(descriptions);
    const link = linkOf(this.#session, this.#holders.places, way);
    const paths = heldPaths(
      this.#session,
      descriptions[0],
      leads.map((node) => this.#holders.places.addressOf(node)),
      tally.kinds,
    );
    return {
      holder: this.#holder(tally, held, leading, way),
      ...(link ? { link } : {}),
      parts: [lead, ...others],
      objects: tally.objects,
      bytes: bytes(tally.bytes),
      ...(owner ? { owner } : {}),
      ...(paths ? { paths } : {}),
      way: spellWay(this.#session, this.#holders.places, way, 'node' in held ? held.node : undefined),
      samples: [...new Set([last, ...thin(leads, MOST_SAMPLES - 1)])].map((node) =>
        spell(this.#holders.places.addressOf(node)),
      ),
    };
  }

  /** Those that grow, and of others those that there are most of. */
  #mainKinds(kinds: readonly HeldKind[]): ReadonlySet<number> {
    const { caches } = this.#session.heap;
    const grown = kinds.filter(({ kind, objects }) => grownBy(caches[kind]?.name, objects, this.#grown) > 0);
    const most = (grown.length > 0 ? grown : kinds).reduce((n, { objects }) => Math.max(n, objects), 0);
    return new Set(kinds.filter(({ objects }) => objects >= most / 2).map(({ kind }) => kind));
  }

  #holder({ holder }: HolderTally, held: Held, leading: number, { root }: WayInto): Holder {
    if ('owner' in held) {
      const { owner } = held;
      if (owner.kind === 'module')
        return { ...owner, variables: headsOf(this.#session, this.#holders, holder, leading, root) };
      return owner.kind === 'processes' ? { kind: 'place', place: 'processes' } : owner;
    }
    const { inObject, place = 'memory' } = held.object;
    if (!inObject) {
      const [, module] = /\[(.+)\]$/.exec(place) ?? [];
      return { kind: 'place', place, ...(module === undefined ? {} : { module }) };
    }
    const { module } = ownerOf([this.#describer.object(held.node)]) ?? {};
    return {
      kind: 'object',
      cache: inObject.cache,
      address: inObject.object,
      ...(module === undefined ? {} : { module }),
    };
  }
}
