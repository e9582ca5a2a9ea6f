import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, fixture, readBlock } from '../../../testkit/exercise-format.ts';
import { slabLinks } from './slab-links.ts';

const real = fixture('proc/slab-links/6.1-slub.txt');

describe('slab links', () => {
  it('reads a real capture', () => {
    const { value, problems } = readBlock(slabLinks, real);
    expect(problems).toEqual([]);
    expect(value).toHaveLength(real.trim().split('\n').length);
    expect(value.find((link) => link.name === 'buffer_head')).toMatchObject({ target: ':a-0000104', flags: 'a' });
  });

  it('reads ls -l, folders and all', () => {
    const text = fixture('proc/slab-links/6.18-ls.txt');
    const { value, problems } = readBlock(slabLinks, text);
    expect(problems).toEqual([]);
    expect(value.length).toBe(text.match(/->/g)?.length);
    expect(value.every((link) => /^[\w-]+$/.test(link.name))).toBe(true);
  });

  it('says where a line is torn', () => {
    const { problems } = readBlock(slabLinks, 'dio -> :0000640\nfilp -> :A-00\nkey_jar -> :0000256', 'f');
    expect(problems).toEqual([{ problem: 'slab-links: unreadable line', at: { kind: 'line', file: 'f', line: 2 } }]);
  });

  it('reads back what was written', () => {
    const link = fc.record({
      name: fc.stringMatching(/^[a-zA-Z][\w-]{0,20}$/),
      flags: fc.constantFrom('', 'A', 'a', 'dA'),
    });
    fc.assert(
      fc.property(fc.array(link, { minLength: 1 }), (links) => {
        const text = links.map((l) => `${l.name} -> :${l.flags}${l.flags && '-'}0000128`).join('\n');
        expect(readBlock(slabLinks, text).value.map(({ name, flags }) => ({ name, flags }))).toEqual(links);
      }),
    );
  });

  exerciseFormat(slabLinks, real);
});
