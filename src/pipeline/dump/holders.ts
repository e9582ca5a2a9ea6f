import { tallyHolders, type HolderTally } from '../../analysis/holding/tally-holders.ts';
import { outermostHolders } from '../../analysis/reachability/outermost-holders.ts';
import type { CorePlace } from '../../findings/core/core-refs.ts';
import { rootOwners, type OwnedRoots, type RootOwner } from '../core/root-owners.ts';
import type { CoreSession } from '../core/session.ts';

/** Fewer things of a kind are not worth a holder's name; blocks of pages are larger. */
const FEWEST = 64;

/** Who holds what in a dump. */
export interface Holders extends OwnedRoots {
  /** As outermostHolders says. */
  readonly labels: Int32Array;
  readonly tallies: readonly HolderTally[];
}

export function measureHolders(session: CoreSession): Holders {
  const { graph, space } = session.reachability;
  const owned = rootOwners(session);
  const labels = outermostHolders(graph, space.count, owned.roots);
  return { ...owned, labels, tallies: tallyHolders(space, labels, FEWEST) };
}

/** An owner of roots, or the object that a holder is. */
export type Held = { readonly owner: RootOwner } | { readonly object: CorePlace; readonly node: number };

export function whoHolds({ owners, places, labels }: Holders, holder: number): Held | undefined {
  if (holder < labels.length) return { object: places.node(holder), node: holder };
  const owner = owners[holder - labels.length];
  return owner && { owner };
}
