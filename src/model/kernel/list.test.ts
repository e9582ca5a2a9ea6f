import { describe, expect, it } from 'vitest';
import { flatMemory } from '../../../testkit/btf/flat-memory.ts';
import { walkList, walkListFromBothEnds } from './list.ts';

const BASE = 0xffff888000000000n;
const at = (i: number): bigint => BASE + BigInt(i * 16);

/** Entries 0 (the head) to `count`; `next` and `prev` change where one leads. */
function listOf(
  count: number,
  next: Readonly<Record<number, bigint>> = {},
  prev: Readonly<Record<number, bigint>> = {},
) {
  const bytes = new Uint8Array((count + 1) * 16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i <= count; i++) {
    view.setBigUint64(i * 16, next[i] ?? at((i + 1) % (count + 1)), true);
    view.setBigUint64(i * 16 + 8, prev[i] ?? at((i + count) % (count + 1)), true);
  }
  return flatMemory(BASE, bytes);
}

function walk(memory: ReturnType<typeof flatMemory>, both = false, most?: number) {
  const problems: string[] = [];
  const walker = both ? walkListFromBothEnds : walkList;
  const entries = [...walker(memory, BASE, (problem) => problems.push(problem), most)];
  return { entries: entries.map((entry) => Number(entry - BASE) / 16), problems };
}

describe('a list', () => {
  it('is walked from its head to its head', () => {
    expect(walk(listOf(5))).toEqual({ entries: [1, 2, 3, 4, 5], problems: [] });
    expect(walk(listOf(0))).toEqual({ entries: [], problems: [] });
  });

  it('is walked backwards too', () => {
    const entries = [...walkList(listOf(3), BASE, () => undefined, 10, 'backwards')];
    expect(entries).toEqual([at(3), at(2), at(1)]);
  });

  it('ends where it goes round without its head', () => {
    const { entries, problems } = walk(listOf(5, { 4: at(2) }));
    expect(entries).toEqual([1, 2, 3, 4]);
    expect(problems).toEqual(['goes round in a circle at ffff888000000020']);
  });

  it('goes on where a link back is torn, and says so', () => {
    const { entries, problems } = walk(listOf(4, {}, { 2: at(4) }));
    expect(entries).toEqual([1, 2, 3, 4]);
    expect(problems).toEqual(['is torn: ffff888000000020 does not point back to ffff888000000010']);
  });

  it.each([
    [0n, 'ends with a NULL'],
    [0xffffc90000000000n, 'breaks off: ffffc90000000008 was left out of the dump'],
  ])('ends where it leads to %i', (to, problem) => {
    const { entries, problems } = walk(listOf(5, { 3: to }));
    expect(entries).toEqual([1, 2, 3]);
    expect(problems.at(-1)).toBe(problem);
  });

  it('is taken from its other end too where it breaks, each entry once', () => {
    expect(walk(listOf(6, { 2: 0n }), true).entries).toEqual([1, 2, 6, 5, 4, 3]);
    expect(walk(listOf(6, { 2: 0n, 5: 0n }, { 5: 0n }), true).entries).toEqual([1, 2, 6, 5]);
    expect(walk(listOf(6, { 4: at(2) }), true).entries).toEqual([1, 2, 3, 4, 6, 5]);
    expect(walk(listOf(3), true)).toEqual({ entries: [1, 2, 3], problems: [] });
  });

  it('has no more entries than it may have', () => {
    const { entries, problems } = walk(listOf(100), false, 10);
    expect(entries).toHaveLength(10);
    expect(problems).toEqual(['does not end after 10 entries']);
  });
});
