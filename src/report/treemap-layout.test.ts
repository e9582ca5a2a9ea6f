import fc from 'fast-check';
import { expect, it } from 'vitest';
import { squarify } from './treemap-layout.ts';

const within = { x: 10, y: 20, width: 640, height: 400 };
const sizes = fc
  .array(fc.integer({ min: 1, max: 2 ** 40 }), { minLength: 1, maxLength: 40 })
  .map((drawn) => drawn.toSorted((a, b) => b - a));

it('gives each size its share of the area', () => {
  fc.assert(
    fc.property(sizes, (drawn) => {
      const total = drawn.reduce((a, b) => a + b, 0);
      const boxes = squarify(drawn, within);
      expect(boxes).toHaveLength(drawn.length);
      boxes.forEach(({ width, height }, i) => {
        expect(width * height).toBeCloseTo(((drawn[i] ?? 0) / total) * 640 * 400, 3);
      });
    }),
  );
});

it('stays inside, to a tenth of a pixel', () => {
  fc.assert(
    fc.property(sizes, (drawn) => {
      for (const { x, y, width, height } of squarify(drawn, within)) {
        expect(Math.min(x - 10, y - 20)).toBeGreaterThanOrEqual(-0.1);
        expect(Math.max(x + width - 650, y + height - 420)).toBeLessThanOrEqual(0.1);
      }
    }),
  );
});

it('lays out the example of its authors', () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(boxes[0]).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(boxes[1]).toEqual({ x: 0, y: 2, width: 3, height: 2 });
});

it('has nothing to lay out where there is nothing', () => {
  expect(squarify([], within)).toEqual([]);
  expect(squarify([0], within)).toEqual([]);
});
