import type { Mark, Picture } from '../term.ts';

const UNIT = 24;

/** The page allocator's free lists: one row per order, blocks twice as wide each time. */
export function ordersPicture(orders: number): Picture {
  const rows = Array.from({ length: orders }, (_, order) => order);
  const widest = UNIT * 2 ** (orders - 1);
  return {
    title: 'Free lists of the page allocator',
    description: `One list per order: blocks of 1, 2, 4 up to ${2 ** (orders - 1)} pages. A block that is split becomes two of the order below.`,
    width: 100 + widest * 2 + 20,
    height: orders * 40 + 10,
    marks: rows.flatMap((order) => rowOf(order, widest)),
  };
}

function rowOf(order: number, widest: number): readonly Mark[] {
  const y = 10 + order * 40;
  const width = UNIT * 2 ** order;
  const count = Math.min(2, Math.max(1, Math.floor((widest * 2) / (width + 8))));
  const boxes = Array.from({ length: count }, (_, i): Mark => {
    return { kind: 'box', x: 100 + i * (width + 8), y, width, height: 24, fill: 'soft' };
  });
  const pages = 2 ** order;
  return [
    { kind: 'label', x: 4, y: y + 16, text: `order ${order}: ${pages === 1 ? 'page' : `${pages} pages`}` },
    ...boxes,
  ];
}
