import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { findBtf } from './find-btf.ts';

const IMAGE = MADE_BASE + 4096n;

/** An image of 64 pages with what claims to be types of these lengths at these offsets. */
function made(
  ...types: readonly { readonly at: number; readonly types: number; readonly strings: number }[]
): MadeKernel {
  const kernel = new MadeKernel(80, {});
  kernel.symbols.set('_text', IMAGE);
  for (const { at, types: length, strings } of types) {
    const address = IMAGE + BigInt(at);
    for (const [i, word] of [0x0001eb9f, 24, 0, length, length, strings].entries())
      kernel.put32(address + BigInt(i * 4), word);
  }
  return kernel;
}

const found = ({ kernel }: MadeKernel): { at: number; length: number } | undefined => {
  const btf = findBtf(kernel.memory, kernel.symbols);
  return btf && { at: Number(btf.address - IMAGE), length: btf.bytes.length };
};

describe('types in the image of a kernel without data symbols', () => {
  it('are found by how they begin', () => {
    expect(found(made({ at: 0x2004, types: 100_000, strings: 20_000 }))).toEqual({ at: 0x2004, length: 120_024 });
  });

  it('are the longest of several, and not those that are too short', () => {
    const kernel = made({ at: 64, types: 4000, strings: 200 }, { at: 0x1000, types: 70_000, strings: 1000 }, { at: 0x20_000, types: 80_000, strings: 2000 }); // prettier-ignore
    expect(found(kernel)).toEqual({ at: 0x20_000, length: 82_024 });
    expect(found(made({ at: 64, types: 4000, strings: 200 }))).toBeUndefined();
  });

  it('have a header that fits, and strings that begin with an empty one', () => {
    const torn = made({ at: 64, types: 100_000, strings: 20_000 });
    torn.put32(IMAGE + 64n + 8n, 16);
    expect(found(torn)).toBeUndefined();
    const text = made({ at: 64, types: 100_000, strings: 20_000 });
    text.text(IMAGE + 64n + 24n + 100_000n, 'int');
    expect(found(text)).toBeUndefined();
  });

  it('are found behind pages that are not in the dump', () => {
    const kernel = made({ at: 0x8000, types: 100_000, strings: 20_000 });
    kernel.exclude(IMAGE + 0x1000n);
    expect(found(kernel)).toEqual({ at: 0x8000, length: 120_024 });
  });

  it('are none where they are not all in the dump, or nothing says where the image is', () => {
    const kernel = made({ at: 0x8000, types: 100_000, strings: 20_000 });
    kernel.exclude(IMAGE + 0x10_000n);
    expect(found(kernel)).toBeUndefined();
    expect(findBtf(kernel.kernel.memory, new MadeKernel(1, {}).kernel.symbols)).toBeUndefined();
  });
});
