import type { ComparedHolder } from '../../findings/core/core-comparison.ts';
import { PAGES, type HeldKind } from '../../analysis/holding/tally-holders.ts';
import type { CoreSession } from '../core/session.ts';
import { headsOf } from './held-ways.ts';
import { measureHolders, whoHolds, type Holders } from './holders.ts';

/** Fewer come and go. */
const FEWEST = 10;
const MOST = 200;

/** Things of one kind under one holder, in one dump. */
interface Kept {
  readonly holder: string;
  readonly of: string;
  readonly objects: number;
  readonly bytes: number;
}

/** What each holder keeps in two dumps, the largest change first. `follow`: they are of one boot, so that objects are the same. */
export function compareHolders(a: CoreSession, b: CoreSession, follow: boolean): readonly ComparedHolder[] {
  const [before, after] = [kept(a, follow), kept(b, follow)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .flatMap((key): readonly ComparedHolder[] => {
      const [x, y] = [before.get(key), after.get(key)];
      const name = y ?? x;
      const change = (y?.objects ?? 0) - (x?.objects ?? 0);
      if (!name || Math.abs(change) < FEWEST) return [];
      const [aBytes, bBytes] = [x?.bytes ?? 0, y?.bytes ?? 0];
      return [
        {
          holder: name.holder,
          of: name.of,
          a: x?.objects ?? 0,
          b: y?.objects ?? 0,
          change,
          aBytes,
          bBytes,
          changeBytes: bBytes - aBytes,
        },
      ];
    })
    .toSorted((x, y) => Math.abs(y.changeBytes) - Math.abs(x.changeBytes))
    .slice(0, MOST);
}

function kept(session: CoreSession, follow: boolean): ReadonlyMap<string, Kept> {
  const holders = measureHolders(session);
  const found = new Map<string, Kept>();
  for (const { holder, kinds } of holders.tallies) {
    const { key, name } = named(session, holders, holder, kinds, follow);
    for (const kind of kinds) {
      if (kind.objects < FEWEST) continue;
      const of = ofKind(session, kind);
      const known = found.get(`${key} ${of}`);
      const { objects, bytes } = kind;
      found.set(`${key} ${of}`, {
        holder: name,
        of,
        objects: objects + (known?.objects ?? 0),
        bytes: bytes + (known?.bytes ?? 0),
      });
    }
  }
  return found;
}

/** Objects of another boot are not the same: those of one cache are taken together. */
function named(
  session: CoreSession,
  holders: Holders,
  holder: number,
  kinds: readonly HeldKind[],
  follow: boolean,
): { readonly key: string; readonly name: string } {
  const held = whoHolds(holders, holder);
  if (!held) return { key: '', name: 'nobody known' };
  if ('node' in held) {
    const { inObject, place = 'memory' } = held.object;
    if (!inObject) return { key: place, name: place };
    const name = follow ? `object of ${inObject.cache} at ${inObject.object}` : `objects of ${inObject.cache}`;
    return { key: name, name };
  }
  const { owner } = held;
  switch (owner.kind) {
    case 'module': {
      const heads = kinds.map(({ kind }) => headsOf(session, holders, holder, kind)).find((found) => found.length > 0);
      return { key: `[${owner.module}]`, name: `${heads?.join(', ') ?? 'data'} of module ${owner.module}` };
    }
    case 'symbol':
      return { key: owner.symbol, name: owner.symbol };
    case 'processes':
      return { key: owner.kind, name: 'processes' };
    case 'place':
      return { key: owner.place, name: owner.place };
  }
}

function ofKind({ heap }: CoreSession, { kind }: HeldKind): string {
  return heap.caches[kind]?.name ?? (kind === heap.caches.length + PAGES ? 'pages' : 'vmalloc areas');
}
