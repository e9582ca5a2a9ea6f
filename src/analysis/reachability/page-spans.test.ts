import { describe, expect, it } from 'vitest';
import { Bits } from '../../base/bits.ts';
import type { ExtraNode } from './node-space.ts';
import { spannedPages } from './page-spans.ts';

/** Single pages from a frame on, one for each letter: r can be reached, l is lost. Nodes are numbered from 100 on. */
function spanned(first: number, letters: string, more: readonly ExtraNode[] = []): readonly number[] {
  const extras = letters.split('').map((_, i): ExtraNode => ({
    kind: 'pages',
    frame: first + i,
    frames: 1,
    compound: false,
  }));
  const marked = new Bits(200);
  for (const [i, letter] of letters.split('').entries()) if (letter === 'r') marked.add(100 + i);
  return [...spannedPages([...extras, ...more], 100, marked)].toSorted((a, b) => a - b);
}

describe('pages of one allocation that was split', () => {
  it('belong to the first, where it is aligned as they are many', () => {
    expect(spanned(0x40, 'rlll')).toEqual([101, 102, 103]);
    expect(spanned(0x38, 'rlllllllr')).toEqual([101, 102, 103, 104, 105, 106, 107]);
    expect(spanned(0x38, 'rlllr')).toEqual([101, 102, 103]);
  });

  it('need not fill their block: what was too much was given back', () => {
    expect(spanned(0x48, 'rllll')).toEqual([101, 102, 103, 104]);
  });

  it('are none where the first is not aligned so', () => {
    expect(spanned(0x42, 'rlll')).toEqual([]);
    expect(spanned(0x44, 'rlllllll')).toEqual([]);
  });

  it('are none where nothing leads to the first, or where they are few', () => {
    expect(spanned(0x40, 'llll')).toEqual([]);
    expect(spanned(0x40, 'rl')).toEqual([]);
    expect(spanned(0x40, '')).toEqual([]);
  });

  it('end where frames do, and blocks of several pages are none of them', () => {
    const apart: ExtraNode = { kind: 'pages', frame: 0x60, frames: 1, compound: false };
    const block: ExtraNode = { kind: 'pages', frame: 0x44, frames: 4, compound: true };
    expect(spanned(0x40, 'rlll', [apart, block])).toEqual([101, 102, 103]);
    expect(spanned(0x40, 'r', [block])).toEqual([]);
  });
});
