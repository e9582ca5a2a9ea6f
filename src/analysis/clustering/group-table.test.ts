import { describe, expect, it } from 'vitest';
import { GroupTable } from './group-table.ts';

describe('kinds of content', () => {
  it('are told by their codes, and counted', () => {
    const table = new GroupTable();
    expect(table.add(Uint32Array.of(1, 2, 9), 2, 10, false)).toBe(0);
    expect(table.add(Uint32Array.of(1, 3), 2, 11, true)).toBe(1);
    expect(table.add(Uint32Array.of(1, 2), 2, 12, true)).toBe(0);
    expect(table.add(Uint32Array.of(1, 2), 1, 13, false)).toBe(2);
    const [first] = table.kinds;
    expect(first).toMatchObject({ objects: 2, unreachable: 1 });
    expect([...(first?.codes ?? [])]).toEqual([1, 2]);
    expect(first?.reached.items).toEqual([10]);
    expect(first?.lost.items).toEqual([12]);
  });

  it('are still counted when there are more than are kept apart', () => {
    const table = new GroupTable();
    for (let i = 0; i < 61_000; i++) table.add(Uint32Array.of(i), 1, i, false);
    expect(table.kinds.length).toBe(60_001);
    expect(table.kinds.reduce((sum, { objects }) => sum + objects, 0)).toBe(61_000);
    expect(table.kinds.at(-1)?.codes.length).toBe(0);
    expect(table.add(Uint32Array.of(7), 1, 0, false)).toBe(7);
  });
});
