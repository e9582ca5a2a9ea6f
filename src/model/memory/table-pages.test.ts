import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { TablePages } from './table-pages.ts';
import { x86Tables } from './x86-64.ts';

const page = (n: number): bigint => MADE_BASE + BigInt(n * 4096);
/** Present, and where it leads. */
const entry = (frame: number, flags = 1n): bigint => BigInt(frame * 4096) | flags;
const LARGE = 0x81n;

/** Root 1: entry 0 leads to 2, entry 511 to 3; 2 to 4, 4 to the last level in 5 and to a large page; 3 back to the root. */
function made(): MadeKernel {
  const kernel = new MadeKernel(8, {});
  kernel.put(page(1), entry(2));
  kernel.put(page(1) + 511n * 8n, entry(3));
  kernel.put(page(2), entry(4));
  kernel.put(page(3), entry(1));
  kernel.put(page(4), entry(5));
  kernel.put(page(4) + 8n, entry(6, LARGE));
  kernel.put(page(5), entry(7));
  return kernel;
}

function found(
  kernel: MadeKernel,
  part: 'whole' | 'lower half' | 'upper half',
  refused: readonly number[] = [],
): number[] {
  const frames: number[] = [];
  const walk = new TablePages(kernel.kernel.memory.physical, x86Tables(4), (at) => {
    frames.push(at / 4096);
    return !refused.includes(at / 4096);
  });
  walk.walk(4096, part);
  walk.walk(4096, part);
  return frames;
}

describe('pages of page tables', () => {
  it('are found down to the last level, each once, mapped pages not among them', () => {
    expect(found(made(), 'lower half')).toEqual([1, 2, 4, 5]);
  });

  it('of one half of the root are told from those of the other', () => {
    expect(found(made(), 'upper half')).toEqual([1, 3]);
  });

  it('end at what cannot be a table, and in circles', () => {
    expect(found(made(), 'whole', [2])).toEqual([1, 2, 3]);
    expect(found(made(), 'whole', [1])).toEqual([1, 1]);
  });

  it('end at a table that the dump lacks', () => {
    const kernel = made();
    kernel.exclude(page(2));
    expect(found(kernel, 'lower half')).toEqual([1, 2]);
  });
});
