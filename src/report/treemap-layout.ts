export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Squarified treemap (Bruls, Huizing, van Wijk 2000): boxes with areas in proportion to `sizes`, as square as the order
 * allows. Sizes are positive and in falling order; the boxes are in the same order.
 */
export function squarify(sizes: readonly number[], within: Box): readonly Box[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!(total > 0)) return [];
  const scale = (within.width * within.height) / total;
  const boxes: Box[] = [];
  let free = within;
  let row: number[] = [];
  for (const size of sizes) {
    const area = size * scale;
    const side = Math.min(free.width, free.height);
    if (row.length > 0 && worst([...row, area], side) > worst(row, side)) {
      free = placeRow(row, free, boxes);
      row = [];
    }
    row.push(area);
  }
  placeRow(row, free, boxes);
  return boxes;
}

/** The least square box of a row along a side: its longer edge over its shorter. */
function worst(areas: readonly number[], side: number): number {
  const sum = areas.reduce((a, b) => a + b, 0);
  const thickness = sum / side;
  return Math.max(...areas.map((area) => Math.max(thickness ** 2 / area, area / thickness ** 2)));
}

/** Adds a row along the shorter side; returns what stays free. */
function placeRow(areas: readonly number[], free: Box, boxes: Box[]): Box {
  const sum = areas.reduce((a, b) => a + b, 0);
  const upright = free.width >= free.height;
  const side = upright ? free.height : free.width;
  const thickness = side > 0 ? sum / side : 0;
  let at = 0;
  for (const area of areas) {
    const length = thickness > 0 ? area / thickness : 0;
    boxes.push(
      upright
        ? { x: free.x, y: free.y + at, width: thickness, height: length }
        : { x: free.x + at, y: free.y, width: length, height: thickness },
    );
    at += length;
  }
  return upright
    ? { ...free, x: free.x + thickness, width: Math.max(0, free.width - thickness) }
    : { ...free, y: free.y + thickness, height: Math.max(0, free.height - thickness) };
}
