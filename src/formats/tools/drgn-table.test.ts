import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exerciseFormat, readBlock } from '../../../testkit/exercise-format.ts';
import { cleanLines } from '../text/line.ts';
import { drgnSlabs } from './crash-kmem-s.ts';

const head = `struct kmem_cache *  |         name         | active_objs  |   num_objs   | objsize  | objperslab  | pagesperslab
-------------------- | -------------------- | ------------ | ------------ | -------- | ----------- | -------------
`;
const row = (name: string, used: number, all: number, size: number): string =>
  `0xffff000003a1b2c0   | ${name.padEnd(20)} | ${String(used).padStart(12)} | ${String(all).padStart(12)} | ${String(size).padStart(8)} |          32 |             2\n`;
const sample = head + row('tty_struct_like', 0, 33, 248) + row('kmalloc-512', 70_001, 70_016, 512);

describe('the slabinfo table of drgn with bars', () => {
  it('has counts, and of memory a lower bound', () => {
    const { value, problems } = readBlock(drgnSlabs, sample);
    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      whole: false,
      rows: [{ name: 'tty_struct_like' }, { name: 'kmalloc-512', objects: 70_001, slots: 70_016, bytes: 70_016 * 512 }],
    });
  });

  it('is read without its head, and left alone where other tables have bars', () => {
    expect(readBlock(drgnSlabs, row('filp', 1, 2, 256)).value.rows).toHaveLength(1);
    expect(drgnSlabs.claim(cleanLines('| name | active_objs |\n| --- | --- |\n| filp | 3 |'), 0)).toBe(0);
  });

  it('reads back what was written', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.integer({ min: 1, max: 65_536 }), (used, all, size) => {
        const [cache] = readBlock(drgnSlabs, head + row('x y', used, all, size)).value.rows;
        expect(cache).toMatchObject({ name: 'x y', objects: used, slots: all, objectSize: size, bytes: all * size });
      }),
    );
  });

  exerciseFormat(drgnSlabs, sample);
});
