import type { WatchState } from '../../findings/watch.ts';
import { selectedIndex, sortCaches, type WatchLook, type WatchSort } from '../../report/watch/watch-look.ts';

/** A key, as far as the view knows it. */
export interface Pressed {
  /** Characters that were typed or pasted. */
  readonly input: string;
  readonly named?:
    'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' | 'enter' | 'escape' | 'backspace' | 'interrupt';
}

/** What is to be done beside a change of the view. */
export interface Reaction {
  readonly look: WatchLook;
  readonly quit?: true;
  readonly mark?: string;
}

const NEXT_SORT: Readonly<Record<WatchSort, WatchSort>> = { growth: 'size', size: 'name', name: 'growth' };
const PAGE = 10;
const MOST_NAME = 60;

/** What keys do that arrived together, as they do when they are typed fast. Pure: the terminal is not needed to know. */
export function pressKey(look: WatchLook, state: WatchState | undefined, key: Pressed): Reaction {
  const letters = key.named === undefined ? Array.from(key.input) : [];
  if (letters.length < 2) return pressOne(look, state, key);
  return letters.reduce<Reaction>((before, input) => ({ ...before, ...pressOne(before.look, state, { input }) }), {
    look,
  });
}

function pressOne(look: WatchLook, state: WatchState | undefined, key: Pressed): Reaction {
  if (key.named === 'interrupt') return { look, quit: true };
  const { message: _, ...plain } = look;
  if (look.marking !== undefined) return typeMark(plain, look.marking, key);
  if (look.page === 'help' && key.input !== 'q') return { look: { ...plain, page: 'list' } };
  if (key.named !== undefined) return { look: move(plain, state, key.named) };
  return command(plain, key.input);
}

function command(look: WatchLook, input: string): Reaction {
  switch (input.toLowerCase()) {
    case 'q':
      return { look, quit: true };
    case 's': {
      const sort = NEXT_SORT[look.sort];
      return { look: { ...look, sort, message: `sorted by ${sort}` } };
    }
    case 'p':
    case ' ':
      return { look: { ...look, paused: !look.paused } };
    case 'm':
      return { look: { ...look, marking: '' } };
    case '?':
    case 'h':
      return { look: { ...look, page: 'help' } };
    default:
      return { look };
  }
}

function typeMark(look: WatchLook, marking: string, { input, named }: Pressed): Reaction {
  const { marking: _, ...rest } = look;
  if (named === 'enter') {
    const name = marking.trim();
    return name === '' ? { look: { ...rest, message: 'no name, no mark' } } : { look: rest, mark: name };
  }
  if (named === 'escape') return { look: rest };
  const typed = marking + input.replaceAll(/\p{C}/gu, '');
  const letters = Array.from(typed);
  return {
    look: { ...look, marking: (named === 'backspace' ? letters.slice(0, -1) : letters.slice(0, MOST_NAME)).join('') },
  };
}

function move(look: WatchLook, state: WatchState | undefined, named: NonNullable<Pressed['named']>): WatchLook {
  const caches = sortCaches(state?.caches ?? [], look.sort);
  const at = selectedIndex(caches, look);
  const to = (index: number): WatchLook => {
    const name = caches[Math.min(caches.length - 1, Math.max(0, index))]?.name;
    return name === undefined ? look : { ...look, selected: name };
  };
  switch (named) {
    case 'up':
      return to(at - 1);
    case 'down':
      return to(at + 1);
    case 'page-up':
      return to(at - PAGE);
    case 'page-down':
      return to(at + PAGE);
    case 'home':
      return to(0);
    case 'end':
      return to(caches.length - 1);
    case 'enter':
      return look.page === 'details' ? { ...look, page: 'list' } : { ...to(at), page: 'details' };
    case 'escape':
    case 'backspace':
      return { ...look, page: 'list' };
    case 'interrupt':
      return look;
  }
}
