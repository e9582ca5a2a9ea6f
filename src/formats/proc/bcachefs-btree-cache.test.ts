import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { bcachefsBtreeCache } from './bcachefs-btree-cache.ts';

const sample = `live:                          1.50G (6144)
pinned:                        0 (0)
reserve:                       5.00M (20)
freed:                         256k (1)
dirty:                         512k (2)
cannibalize lock:              not held
`;

describe('bcachefs btree cache', () => {
  it('reads the states with their sizes and nodes', () => {
    const { value, problems } = readBlock(bcachefsBtreeCache, sample);
    expect(problems).toEqual([]);
    expect([...value.states].map(([state, held]) => [state, held.bytes, held.nodes])).toEqual([
      ['live', 1.5 * 2 ** 30, 6144],
      ['pinned', 0, 0],
      ['reserve', 5 * 2 ** 20, 20],
      ['freed', 256 * 2 ** 10, 1],
      ['dirty', 512 * 2 ** 10, 2],
    ]);
  });

  it('leaves other lines that begin alike alone', () => {
    expect(bcachefsBtreeCache.claim(cleanLines('live: yes'), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(1023), fc.nat(), (mebibytes, nodes) => {
        const held = readBlock(bcachefsBtreeCache, `live:  ${mebibytes}M (${nodes})\n`).value.states.get('live');
        expect(held).toEqual({ bytes: mebibytes * 2 ** 20, nodes });
      }),
    );
  });

  exerciseFormat(bcachefsBtreeCache, sample);
});
