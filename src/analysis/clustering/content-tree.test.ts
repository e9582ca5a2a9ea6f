import { describe, expect, it } from 'vitest';
import { gatherKinds, isTelling } from './content-tree.ts';
import { GroupTable } from './group-table.ts';
import { codeOf, FOLDED, WORD } from './word-codes.ts';

const symbol = (n: number): number => codeOf(WORD.symbol, n);
const self = (offset: number): number => codeOf(WORD.self, offset);
const POINTER = codeOf(WORD.object, FOLDED);

/** Kinds by how many objects have those codes. */
function kindsOf(contents: readonly (readonly [count: number, ...codes: number[]])[]): GroupTable {
  const table = new GroupTable();
  for (const [count, ...codes] of contents)
    for (let i = 0; i < count; i++) table.add(Uint32Array.from(codes), codes.length, i, false);
  return table;
}

const branches = (contents: Parameters<typeof kindsOf>[0]): readonly [objects: number, words: number][] => {
  const { kinds } = kindsOf(contents);
  return gatherKinds(kinds).map(({ kinds: members, words }) => [
    members.reduce((sum, member) => sum + (kinds[member]?.objects ?? 0), 0),
    words,
  ]);
};

describe('groups of content', () => {
  it('are apart where words tell them apart', () => {
    expect(
      branches([
        [100, symbol(1), symbol(2)],
        [50, symbol(1), symbol(3)],
      ]),
    ).toEqual([
      [100, 2],
      [50, 2],
    ]);
  });

  it('do not fall apart by what was left behind the end of their type', () => {
    const leftOver = Array.from({ length: 40 }, (_, i): readonly [number, ...number[]] => [
      25,
      symbol(1),
      symbol(2),
      symbol(3),
      symbol(4),
      i % 7 === 0 ? 0 : codeOf(WORD.object, i),
      i % 3 === 0 ? POINTER : 0,
      self(i * 8),
      0,
    ]);
    expect(branches(leftOver)).toEqual([[1000, 4]]);
  });

  it('gather what is rare as one, with the words it shares', () => {
    const rare = Array.from({ length: 9 }, (_, i): readonly [number, ...number[]] => [2, POINTER, symbol(i)]);
    expect(branches([[500, POINTER, symbol(99)], ...rare])).toEqual([
      [500, 2],
      [18, 1],
    ]);
  });

  it('lose no object', () => {
    const contents = Array.from({ length: 300 }, (_, i): readonly [number, ...number[]] => [
      1 + (i % 13),
      symbol(i % 5),
      self((i % 3) * 8),
      i % 11 === 0 ? POINTER : 0,
      symbol(i % 17),
      codeOf(WORD.shape, i % 4),
    ]);
    const all = contents.reduce((sum, [count]) => sum + count, 0);
    expect(branches(contents).reduce((sum, [objects]) => sum + objects, 0)).toBe(all);
    expect(gatherKinds([])).toEqual([]);
  });

  it('are told by a symbol, by two ways into the object, and by no pointers to what anyone may use', () => {
    expect(isTelling(Uint32Array.of(0, symbol(1)))).toBe(true);
    expect(isTelling(Uint32Array.of(self(0), self(0)))).toBe(true);
    expect(isTelling(Uint32Array.of(POINTER, POINTER, self(8)))).toBe(false);
    expect(isTelling(Uint32Array.of(codeOf(WORD.object, 3), codeOf(WORD.object, 4)))).toBe(true);
  });
});
