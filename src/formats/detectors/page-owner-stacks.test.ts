import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { pageOwnerStacks } from './page-owner-stacks.ts';

const sample = ` post_alloc_hook+0x177/0x1a0
 get_page_from_freelist+0xd01/0xd80
 foo_refill+0x10/0x40 [foo]
nr_base_pages: 20824

 post_alloc_hook+0x177/0x1a0
 new_slab+0x10/0x40
nr_base_pages: 16

`;

describe('page_owner_stacks', () => {
  it('reads stacks with their pages, largest first', () => {
    const { value, problems } = readBlock(pageOwnerStacks, sample);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({ detector: 'page_owner', entries: 20_840, cut: false });
    expect(value.groups.map((g) => [g.count, g.bytes, g.area, g.stack.at(-1)?.symbol])).toEqual([
      [20_824, 20_824 * 4096, 'pages', 'foo_refill'],
      [16, 65_536, 'slab', 'new_slab'],
    ]);
  });

  it('reads the name that 6.9 gave the number', () => {
    expect(readBlock(pageOwnerStacks, sample.replaceAll('nr_base_pages', 'stack_count')).value.entries).toBe(20_840);
  });

  it('reads handles beside, and keeps halves that stand alone', () => {
    expect(
      readBlock(pageOwnerStacks, sample.replace('nr_base', 'handle: 27000838\nnr_base')).value.groups[0],
    ).toMatchObject({
      count: 20_824,
      samples: ['handle 27000838'],
    });
    const numbers = readBlock(pageOwnerStacks, 'handle: 5\nnr_base_pages: 7\n\nhandle: 6\nnr_base_pages: 9\n').value;
    expect([...numbers.pages].map(([handle, { pages }]) => [handle, pages])).toEqual([
      ['5', 7],
      ['6', 9],
    ]);
    expect(numbers.groups).toEqual([]);
    const stacks = readBlock(pageOwnerStacks, ' foo+0x1/0x2\nhandle: 5\n\n bar+0x1/0x2\nhandle: 6\n').value;
    expect([...stacks.stacks]).toEqual([
      ['5', ['foo+0x1/0x2']],
      ['6', ['bar+0x1/0x2']],
    ]);
  });

  it('joins handles of both halves in one text', () => {
    const { value } = readBlock(pageOwnerStacks, 'handle: 5\nnr_base_pages: 7\n\n foo+0x1/0x2\nhandle: 5\n');
    expect(value.groups).toMatchObject([{ count: 7, stack: [{ symbol: 'foo' }] }]);
    expect(value.pages.size + value.stacks.size).toBe(0);
  });

  it('sees that the last stack lacks its number', () => {
    expect(readBlock(pageOwnerStacks, `${sample} foo+0x1/0x2\n`).value.cut).toBe(true);
  });

  it('does not take other stacks', () => {
    expect(pageOwnerStacks.claim(cleanLines(' foo+0x1/0x2\n bar+0x1/0x2\n\n'), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 9 }), (numbers) => {
        const text = numbers.map((n, i) => ` f${i}+0x1/0x2\nnr_base_pages: ${n}\n\n`).join('');
        const { value } = readBlock(pageOwnerStacks, text);
        expect(value.groups.map((g) => g.count)).toEqual(numbers.toSorted((a, b) => b - a));
      }),
    );
  });

  exerciseFormat(pageOwnerStacks, sample);
});
