import { describe, expect, it } from 'vitest';
import { SlabColumns, SlabTable } from './slab-table.ts';

/** Slabs of 2 pages and 40 objects, four frames from one to the next. */
function tableOf(count: number, cache: (slab: number) => number = () => 0): SlabTable {
  const columns = new SlabColumns();
  for (let i = 0; i < count; i++) {
    const slab = columns.add(100 + i * 4, cache(i));
    columns.pages[slab] = 2;
    columns.capacity[slab] = 40;
  }
  return new SlabTable(columns);
}

describe('a table of slabs', () => {
  it('finds the slab of a frame, of its first and its last page, and none between slabs', () => {
    const table = tableOf(1000);
    expect([99, 100, 101, 102, 103, 104, 4096, 4097, 4098].map((frame) => table.slabAt(frame))).toEqual(
      [undefined, 0, 0, undefined, undefined, 1, 999, 999, undefined], // prettier-ignore
    );
    expect(tableOf(0).slabAt(0)).toBeUndefined();
  });

  it('finds the slab of an object', () => {
    const table = tableOf(1000);
    for (const object of [0, 39, 40, 20_000, 39_999]) expect(table.slabOf(object)).toBe(Math.floor(object / 40));
  });

  it('keeps what is free and what is unknown of each object', () => {
    const table = tableOf(3);
    expect(table.objects).toBe(120);
    expect(table.free(45)).toBe(true);
    expect(table.free(45)).toBe(false);
    expect([44, 45, 46].map((object) => table.isFree(object))).toEqual([false, true, false]);
    expect([table.countFree(0, 120), table.countFree(0, 40), table.countFree(45, 1)]).toEqual([1, 0, 1]);
    table.setUnknown(1);
    expect([39, 40, 79, 80].map((object) => table.isUnknown(object))).toEqual([false, true, true, false]);
    expect(table.isFree(45)).toBe(true);
  });

  it('grows, and holds more caches than 65,535: a machine with as many memory cgroups had them (before 5.9)', () => {
    const table = tableOf(100_000, (slab) => slab);
    expect(table.count).toBe(100_000);
    expect(table.cache[99_999]).toBe(99_999);
    expect(table.frame[99_999]).toBe(100 + 99_999 * 4);
    expect(table.cacheOf(70_000 * 40)).toBe(70_000);
  });
});
