import { describe, expect, it } from 'vitest';
import { Bits } from '../base/bits.ts';
import { SlabColumns } from '../model/heap/slab-table.ts';
import { kindByte, PAGE_KINDS, type PageKind } from '../model/kernel/page-kinds.ts';
import { blockOrders } from './block-orders.ts';
import { accountPages, type AccountedPages } from './dump-accounting.ts';

/** Pages of 1 byte, so that bytes count them. */
function account(
  uses: Readonly<Partial<Record<PageKind, number>>>,
  items: Readonly<Record<string, number>> = {},
  total?: number,
): AccountedPages & { readonly of: Readonly<Record<string, number>> } {
  const kinds = Uint8Array.from(
    Object.entries(uses).flatMap(([kind, count]) => Array<number>(count).fill(byteOf(kind))),
  );
  const census = { kinds, tails: new Bits(kinds.length), columns: new SlabColumns(), strangeSlabs: 0 };
  const counters = {
    items: new Map(Object.entries(items)),
    meminfo: new Map(total === undefined ? [] : [['MemTotal', total]]),
  };
  const accounted = accountPages({ census }, counters, 1);
  return { ...accounted, of: Object.fromEntries(accounted.buckets.map(({ name, bytes }) => [name, bytes])) };
}

const byteOf = (name: string): number => PAGE_KINDS.findIndex((kind) => kind === name);

const sum = ({ buckets, unaccounted }: AccountedPages): number =>
  buckets.reduce((all, { bytes }) => all + bytes, 0) + unaccounted;

describe('the memory equation of pages', () => {
  it('counts every page once, and leaves what nothing tells', () => {
    const accounted = account({
      free: 50,
      slab: 10,
      anonymous: 5,
      module: 2,
      vmalloc: 3,
      single: 4,
      uncounted: 1,
      reserved: 9,
      absent: 7,
    });
    expect(accounted.total).toBe(75);
    expect(accounted.of).toEqual({ free: 50, 'slab-unreclaimable': 10, processes: 5, vmalloc: 5 });
    expect(accounted.unaccounted).toBe(5);
    expect(accounted.reserved).toBe(9);
    expect(sum(accounted)).toBe(75);
  });

  it('takes as many blocks for large kmalloc as the counter of slab has beyond slabs', () => {
    const accounted = account(
      { slab: 10, compound: 40, single: 6 },
      { NR_SLAB_UNRECLAIMABLE_B: 22, NR_SLAB_RECLAIMABLE_B: 3 },
    );
    expect(accounted.of).toEqual({ 'slab-reclaimable': 3, 'slab-unreclaimable': 7 + 15 });
    expect(accounted).toMatchObject({ largeKmalloc: 15, largeKmallocIsSeen: false, unaccounted: 31 });
  });

  it('takes no more blocks for large kmalloc than there are, and none where the counter has less', () => {
    expect(account({ slab: 10, compound: 4, single: 6 }, { NR_SLAB_UNRECLAIMABLE: 90 }).largeKmalloc).toBe(4);
    expect(account({ slab: 10, compound: 4 }, { NR_SLAB_UNRECLAIMABLE: 2 })).toMatchObject({
      largeKmalloc: 0,
      unaccounted: 4,
    });
  });

  it('knows large kmalloc by its pages where they are marked', () => {
    const accounted = account({ slab: 10, 'large-kmalloc': 8, compound: 4 }, { NR_SLAB_UNRECLAIMABLE_B: 18 });
    expect(accounted).toMatchObject({ largeKmalloc: 8, largeKmallocIsSeen: true, unaccounted: 4 });
  });

  it('takes what other counters have of pages that look like any driver’s', () => {
    const accounted = account(
      { zsmalloc: 2, single: 30 },
      { NR_ZSPAGES: 5, NR_SECONDARY_PAGETABLE: 4, NR_KERNEL_MISC_RECLAIMABLE: 100 },
    );
    expect(accounted.of).toEqual({ 'other-kernel': 2 + 3 + 23, 'page-tables': 4 });
    expect(accounted.unaccounted).toBe(0);
  });

  it('tells balloons that are part of the total from those that are not', () => {
    expect(account({ free: 50, offline: 20 }, {}, 50).of).toEqual({ free: 50 });
    expect(account({ free: 50, offline: 20 }, {}, 70).of).toEqual({ free: 50, balloon: 20 });
  });

  it('says what is reserved although it was given out, and what the dump does not describe', () => {
    expect(account({ free: 50, reserved: 10 }, {}, 56)).toMatchObject({
      unaccounted: 6,
      reservedLater: 6,
      reserved: 4,
    });
    expect(account({ free: 50, 'not-described': 8 }, {}, 58)).toMatchObject({
      unaccounted: 8,
      low: 0,
      notDescribed: 8,
    });
  });

  it('says by how much the count of the kernel and the pages disagree', () => {
    expect(account({ free: 50 }, {}, 50).disagreement).toBe(0);
    expect(account({ free: 50, reserved: 10 }, {}, 56).disagreement).toBe(0);
    expect(account({ free: 50, 'not-described': 8 }, {}, 50).disagreement).toBe(0);
    expect(account({ free: 50, reserved: 10 }, {}, 90).disagreement).toBe(30);
    expect(account({ free: 50 }, {}, 40).disagreement).toBe(-10);
  });

  it('never has less than nothing left', () => {
    expect(account({ free: 50 }, {}, 40).unaccounted).toBe(0);
  });
});

describe('blocks whose use nothing tells', () => {
  it('are grouped by size and by how they were taken', () => {
    const [single, uncounted, compound, free] = (['single', 'uncounted', 'compound', 'free'] as const).map(kindByte);
    const [s = 0, u = 0, c = 0, f = 0] = [single, uncounted, compound, free];
    //                              0  1  2  3  4  5  6  7  8  9 10 11 12
    const kinds = Uint8Array.from([s, u, s, f, s, u, u, u, c, c, c, c, s]);
    const tails = new Bits(13);
    for (const tail of [9, 10, 11]) tails.add(tail);
    const orders = blockOrders({ kinds, tails, columns: new SlabColumns(), strangeSlabs: 0 });
    expect(orders).toEqual([
      { order: 2, blocks: 1, pages: 4, compound: false, samples: [4] },
      { order: 2, blocks: 1, pages: 4, compound: true, samples: [8] },
      { order: 1, blocks: 1, pages: 2, compound: false, samples: [0] },
      { order: 0, blocks: 2, pages: 2, compound: false, samples: [2, 12] },
    ]);
  });
});
