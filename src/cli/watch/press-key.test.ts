import { describe, expect, test } from 'vitest';
import type { WatchedCache, WatchState } from '../../findings/watch.ts';
import { FIRST_LOOK, type WatchLook } from '../../report/watch/watch-look.ts';
import { pressKey, type Pressed } from './press-key.ts';

const cache = (name: string, bytes: number): WatchedCache => ({
  name,
  bytes,
  changeBytes: 0,
  sure: false,
  points: [],
  reclaimable: false,
});

const state: WatchState = {
  at: 0,
  samples: 1,
  spanSeconds: 0,
  recorded: 0,
  totalBytes: 1e9,
  buckets: [],
  caches: [cache('c', 1), cache('a', 2), cache('b', 3)],
  verdict: 'inconclusive',
  early: true,
  summary: '',
  marks: [],
  problems: [],
};

const named = (name: NonNullable<Pressed['named']>): Pressed => ({ input: '', named: name });

/** The look after these keys; a text is typed. */
function after(keys: readonly (string | Pressed)[], from: WatchLook = FIRST_LOOK): ReturnType<typeof pressKey> {
  let reaction: ReturnType<typeof pressKey> = { look: from };
  for (const key of keys) reaction = pressKey(reaction.look, state, typeof key === 'string' ? { input: key } : key);
  return reaction;
}

describe('keys of kleak watch', () => {
  test('q and Ctrl-C quit, wherever one is; while a mark is typed, q is a letter', () => {
    expect(after(['q']).quit).toBe(true);
    expect(after(['?', 'q']).quit).toBe(true);
    expect(after([named('enter'), 'q']).quit).toBe(true);
    expect(after(['m', 'q'])).toMatchObject({ look: { marking: 'q' } });
    expect(after(['m', 'q']).quit).toBeUndefined();
    expect(after(['m', named('interrupt')]).quit).toBe(true);
  });

  test('s goes through the orders', () => {
    expect(after(['s']).look.sort).toBe('size');
    expect(after(['s', 's']).look.sort).toBe('name');
    expect(after(['s', 's', 's']).look.sort).toBe('growth');
  });

  test('p and space pause and go on', () => {
    expect(after(['p']).look.paused).toBe(true);
    expect(after(['p', ' ']).look.paused).toBe(false);
  });

  test('the cursor follows the order on the screen and stays within it', () => {
    expect(after([named('down')]).look.selected).toBe('a');
    expect(after([named('up')]).look.selected).toBe('c');
    expect(after([named('page-down')]).look.selected).toBe('b');
    expect(after(['s', 's', named('down')]).look.selected).toBe('b');
    expect(after([named('end'), named('home')]).look.selected).toBe('c');
  });

  test('the cursor stays on its cache when the order changes', () => {
    expect(after([named('down'), 's']).look.selected).toBe('a');
  });

  test('Enter shows details, Escape and Enter go back', () => {
    expect(after([named('enter')]).look).toMatchObject({ page: 'details', selected: 'c' });
    expect(after([named('enter'), named('escape')]).look.page).toBe('list');
    expect(after([named('enter'), named('down')]).look).toMatchObject({ page: 'details', selected: 'a' });
  });

  test('any key leaves the help', () => {
    expect(after(['?']).look.page).toBe('help');
    expect(after(['?', 'x']).look.page).toBe('list');
    expect(after(['?', named('down')]).look.page).toBe('list');
  });

  test('m takes a name, Enter keeps it, Escape does not', () => {
    expect(after(['m', 'stopped nginx', named('enter')])).toMatchObject({ mark: 'stopped nginx' });
    expect(after(['m', 'stopped', named('escape')]).mark).toBeUndefined();
    expect(after(['m', named('enter')]).look.message).toBe('no name, no mark');
    expect(after(['m', 'ab', named('backspace'), 'c', named('enter')]).mark).toBe('ac');
  });

  test('what is pasted into a name holds no characters that act, and has an end', () => {
    expect(after(['m', '\u001b[31mx\r\n', named('enter')]).mark).toBe('[31mx');
    expect(after(['m', 'x'.repeat(500), named('enter')]).mark).toHaveLength(60);
  });

  test('keys that arrive together do what they do one after another', () => {
    expect(after(['ss']).look.sort).toBe('name');
    expect(after(['p m']).look).toMatchObject({ paused: false, marking: '' });
    expect(after(['mabc', named('enter')]).mark).toBe('abc');
    expect(after(['sq']).quit).toBe(true);
  });

  test('nothing happens before the first sample, and for keys that mean nothing', () => {
    expect(pressKey(FIRST_LOOK, undefined, named('down')).look).toEqual(FIRST_LOOK);
    expect(pressKey(FIRST_LOOK, undefined, named('enter')).look.page).toBe('details');
    expect(after(['x', '\t', '']).look).toEqual(FIRST_LOOK);
  });
});
