import type { WatchedCache } from '../../findings/watch.ts';

/** What the user has chosen to see. */
export interface WatchLook {
  /** The moment at which the view was stopped; sampling goes on. */
  readonly paused: boolean;
  readonly sort: WatchSort;
  /** Name of the cache under the cursor; the first one where it is gone. */
  readonly selected?: string;
  readonly page: 'list' | 'details' | 'help';
  /** The name that is being typed for a mark. */
  readonly marking?: string;
  /** What the last key did. */
  readonly message?: string;
}

export type WatchSort = 'growth' | 'size' | 'name';

export const FIRST_LOOK: WatchLook = { paused: false, sort: 'growth', page: 'list' };

/** Caches in the order chosen; `growth` is the order they come in. */
export function sortCaches(caches: readonly WatchedCache[], sort: WatchSort): readonly WatchedCache[] {
  switch (sort) {
    case 'growth':
      return caches;
    case 'size':
      return caches.toSorted((a, b) => b.bytes - a.bytes);
    case 'name':
      return caches.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Of the cache under the cursor; 0 where none was chosen yet. */
export const selectedIndex = (caches: readonly WatchedCache[], { selected }: WatchLook): number =>
  Math.max(
    0,
    caches.findIndex(({ name }) => name === selected),
  );
