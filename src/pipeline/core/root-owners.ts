import { nodeAtAddress, NOTHING } from '../../analysis/reachability/node-space.ts';
import { LEFT_OUT, type HolderRoots } from '../../analysis/reachability/outermost-holders.ts';
import { Places } from './places.ts';
import type { CoreSession } from './session.ts';

/** Whose a root is. */
export type RootOwner =
  | { readonly kind: 'module'; readonly module: string }
  /** A variable of the kernel itself. */
  | { readonly kind: 'symbol'; readonly symbol: string }
  /** All processes together: what several share, as files after a fork, is still theirs. */
  | { readonly kind: 'processes' }
  | { readonly kind: 'place'; readonly place: string };

export interface OwnedRoots {
  readonly roots: HolderRoots;
  /** By number. */
  readonly owners: readonly RootOwner[];
  readonly places: Places;
}

/** Stacks of tasks that are listed, of those that are not, and areas that such were: what stands there is passing. */
const STACK = /stack|dup_task_struct|copy_process|kernel_clone/;

/**
 * Roots by whose they are. A module is one owner, so that what it has both in a list and in a table is its own; stacks and
 * registers are left out, since what only passes by them would look as if nobody alone held it.
 */
export function rootOwners(session: CoreSession): OwnedRoots {
  const { reachability, users } = session;
  const { graph, space } = reachability;
  const places = new Places(session, space);
  const owners: RootOwner[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (key: string, owner: () => RootOwner): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    owners.push(owner());
    numbers.set(key, owners.length - 1);
    return owners.length - 1;
  };
  const ownerOf = Int32Array.from(graph.rootPlaces, (physical) => {
    const { symbol, place = '' } = places.root(physical);
    if (symbol === undefined) return STACK.test(place) ? LEFT_OUT : numberOf(place, () => ({ kind: 'place', place }));
    const { name, module } = splitSymbol(symbol);
    return module === undefined
      ? numberOf(name, () => ({ kind: 'symbol', symbol: name }))
      : numberOf(`[${module}]`, () => ({ kind: 'module', module }));
  });
  const standing = new Map<number, number>();
  for (const { address, kernelThread, pid } of users.tasks) {
    const node = kernelThread || pid === 0 ? NOTHING : nodeAtAddress(space, address);
    if (node !== NOTHING)
      standing.set(
        node,
        numberOf('processes', () => ({ kind: 'processes' })),
      );
  }
  return { roots: { ownerOf, owners: owners.length, standing }, owners, places };
}

/** `head+0x10 [module]` is variable head of that module. */
export function splitSymbol(spelled: string): { readonly name: string; readonly module?: string } {
  const [, name = spelled, module] = /^(\S+?)(?:\+0x[0-9a-f]+)?(?: \[(.+)\])?$/.exec(spelled) ?? [];
  return { name, ...(module === undefined ? {} : { module }) };
}
