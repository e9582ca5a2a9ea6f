import { describe, expect, it } from 'vitest';
import { SlabColumns, SlabTable } from './slab-table.ts';

describe('the free objects of a table of slabs', () => {
  it('are counted between any two objects as they are one by one', () => {
    const columns = new SlabColumns();
    for (const [i, capacity] of [3, 64, 31, 32, 33, 100].entries()) columns.capacity[columns.add(i, 0)] = capacity;
    const table = new SlabTable(columns);
    for (let object = 0; object < table.objects; object++) if ((object * 7) % 5 < 2) table.free(object);
    for (let first = 0; first < 70; first++) {
      for (let count = 0; first + count <= table.objects; count += 13) {
        const one = Array.from({ length: count }, (_, i) => table.isFree(first + i)).filter(Boolean).length;
        expect(table.countFree(first, count)).toBe(one);
      }
    }
  });
});
