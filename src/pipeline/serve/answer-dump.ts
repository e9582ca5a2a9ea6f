import { describeGroup } from '../../analysis/typing/describe-group.ts';
import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import type { TypingTools } from '../../analysis/typing/typing-tools.ts';
import type { CoreGroups } from '../../findings/core/core-groups.ts';
import type { CoreLeaks } from '../../findings/core/core-leaks.ts';
import type { CoreMap } from '../../findings/core/core-map.ts';
import type { CoreReferrer, CoreRefs } from '../../findings/core/core-refs.ts';
import type { CoreView } from '../../findings/core/core-view.ts';
import { coreGroups, typingTools } from '../core/groups.ts';
import { coreLeaks } from '../core/leaks.ts';
import { coreMap } from '../core/map.ts';
import { coreRefs } from '../core/refs.ts';
import { CoreSession } from '../core/session.ts';
import { coreView } from '../core/view.ts';

/** What a page asks of a dump. Addresses are hexadecimal, or symbols. */
export type DumpQuestion =
  | { readonly kind: 'map' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'cache'; readonly name: string }
  | { readonly kind: 'refs'; readonly address: string }
  | { readonly kind: 'view'; readonly address: string; readonly bytes?: number; readonly type?: string };

export interface DumpAnswers {
  readonly map: CoreMap;
  readonly lost: CoreLeaks;
  readonly cache: CoreGroups;
  readonly refs: CoreRefs;
  readonly view: CoreView;
}

/** Groups of which a page shows: the others are the smallest. */
const MOST_LOST = 200;

/** A dump that stays open for one question after the other. */
export class DumpReader {
  readonly #session: CoreSession;
  #tools: TypingTools | undefined;

  /** `symbols`: files that have what a dump may lack. Throws InputError or FormatError where the dump cannot be opened. */
  constructor(path: string, symbols: readonly string[] = []) {
    this.#session = CoreSession.open(path, { symbols });
  }

  close(): void {
    this.#session.close();
  }

  /** `tell` hears what is being done. Throws InputError and FormatError. */
  answer(question: DumpQuestion, tell: (doing: string) => void): DumpAnswers[keyof DumpAnswers] {
    if (question.kind === 'lost' || question.kind === 'refs') tell('searching memory for references');
    if (question.kind === 'cache') tell('looking at every object of the cache');
    switch (question.kind) {
      case 'map':
        return this.map(tell);
      case 'lost':
        return this.lost();
      case 'cache':
        return this.cache(question.name);
      case 'refs':
        return this.refs(question.address);
      case 'view':
        return this.view(question);
    }
  }

  map(tell: (doing: string) => void = () => undefined): CoreMap {
    return coreMap(this.#session, tell);
  }

  lost(): CoreLeaks {
    const leaks = coreLeaks(this.#session);
    return { ...leaks, groups: leaks.groups.slice(0, MOST_LOST), memory: leaks.memory.slice(0, MOST_LOST) };
  }

  cache(name: string): CoreGroups {
    return coreGroups(this.#session, name, this.#typing());
  }

  refs(address: string): CoreRefs {
    return this.#named(coreRefs(this.#session, address));
  }

  view({ address, bytes, type }: Omit<DumpQuestion & { readonly kind: 'view' }, 'kind'>): CoreView {
    return coreView(this.#session, address, bytes, type);
  }

  #typing(): TypingTools {
    return (this.#tools ??= typingTools(this.#session));
  }

  /** With the types of the objects on the way, where the content of one leaves no other. */
  #named(refs: CoreRefs): CoreRefs {
    const types = new Map<string, string | undefined>();
    const named = <T extends Omit<CoreReferrer, 'address'>>(place: T): T => {
      const { inObject } = place;
      if (!inObject) return place;
      if (!types.has(inObject.object)) types.set(inObject.object, this.#typeAt(inObject.object));
      const type = types.get(inObject.object);
      return type === undefined ? place : { ...place, inObject: { ...inObject, type } };
    };
    return {
      ...refs,
      ...(refs.target ? { target: named(refs.target) } : {}),
      referrers: refs.referrers.map(named),
      chain: refs.chain.map(named),
      ...(refs.keptBy ? { keptBy: refs.keptBy.slice(0, 8).map(named) } : {}),
    };
  }

  #typeAt(object: string): string | undefined {
    const { space } = this.#session.reachability;
    const node = nodeAtAddress(space, BigInt(`0x${object}`));
    if (node === NOTHING || node >= space.table.objects) return undefined;
    const group = { cache: space.table.cacheOf(node), lost: [], reached: [node] };
    const { state, candidates } = describeGroup(this.#typing(), group).type;
    return state === 'exact' && candidates[0] ? `struct ${candidates[0].type.name}` : undefined;
  }
}
