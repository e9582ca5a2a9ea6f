import { describe, expect, it } from 'vitest';
import { Bits } from '../../base/bits.ts';
import type { ExtraNode } from './node-space.ts';
import { spannedPages } from './page-spans.ts';

/**
 * Single pages from a frame on, one for each letter: R can be reached by its address, r by one within it; L and l are lost
 * though for L there is such a word. Nodes are numbered from 100 on.
 */
function spanned(first: number, letters: string, more: readonly ExtraNode[] = []): readonly number[] {
  const extras = Array.from(letters, (_, i): ExtraNode => ({
    kind: 'pages',
    frame: first + i,
    frames: 1,
    compound: false,
  }));
  const [marked, words] = [new Bits(200), new Uint16Array(200)];
  for (const [i, letter] of Array.from(letters).entries()) {
    if (/r/i.test(letter)) marked.add(100 + i);
    if (/[RL]/.test(letter)) words[100 + i] = 1;
  }
  return spannedPages([...extras, ...more], 100, marked, words);
}

describe('pages of one allocation that was split', () => {
  it('belong to the first, where it is aligned as they are many', () => {
    expect(spanned(0x40, 'Rlll')).toEqual([101, 102, 103]);
    expect(spanned(0x38, 'RlllllllR')).toEqual([101, 102, 103, 104, 105, 106, 107]);
    expect(spanned(0x38, 'RlllR')).toEqual([101, 102, 103]);
  });

  it('need not fill their block: what was too much was given back', () => {
    expect(spanned(0x48, 'Rllll')).toEqual([101, 102, 103, 104]);
  });

  it('are also those of which something within is known', () => {
    expect(spanned(0x40, 'RlrlRlrr')).toEqual([101, 103, 105]);
  });

  it('are none where the first is not aligned so', () => {
    expect(spanned(0x42, 'Rlll')).toEqual([]);
    expect(spanned(0x44, 'Rlllllll')).toEqual([]);
  });

  it('are none where nothing leads to the first, where its address is not known, or where they are few', () => {
    expect(spanned(0x40, 'Llll')).toEqual([]);
    expect(spanned(0x40, 'rlll')).toEqual([]);
    expect(spanned(0x40, 'Rl')).toEqual([]);
    expect(spanned(0x40, '')).toEqual([]);
  });

  it('end where frames do, and blocks of several pages are none of them', () => {
    const apart: ExtraNode = { kind: 'pages', frame: 0x60, frames: 1, compound: false };
    const block: ExtraNode = { kind: 'pages', frame: 0x44, frames: 4, compound: true };
    expect(spanned(0x40, 'Rlll', [apart, block])).toEqual([101, 102, 103]);
    expect(spanned(0x40, 'R', [block])).toEqual([]);
  });
});
