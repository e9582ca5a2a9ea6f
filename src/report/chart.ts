/** Pictures of a series in characters, for a terminal. */

export type ChartPoints = readonly (readonly [at: number, value: number])[];

export interface ChartSize {
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
}

/** Dots of a braille character, by column and row from the top. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;
const BRAILLE = 0x2800;

/**
 * A line over time, in braille (two by four dots a character), or in ASCII (one dot a character). Between two points the
 * line is drawn through. Rows from the top; their characters are ours, so that none needs escaping. Empty where there
 * is nothing to draw.
 */
export function chartRows(points: ChartPoints, low: number, high: number, size: ChartSize): readonly string[] {
  const { columns, rows, ascii } = size;
  const from = points[0]?.[0] ?? 0;
  const to = points.at(-1)?.[0] ?? 0;
  if (points.length < 2 || to <= from || columns < 1 || rows < 1) return [];
  const [width, height] = ascii ? [columns, rows] : [columns * 2, rows * 4];
  const grid = new Grid(width, height);
  const x = (at: number): number => Math.round(((at - from) / (to - from)) * (width - 1));
  const y = (value: number): number => Math.round((1 - (value - low) / (high - low || 1)) * (height - 1));
  let before = points[0];
  for (const point of points) {
    if (before) grid.line(x(before[0]), y(before[1]), x(point[0]), y(point[1]));
    before = point;
  }
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (__, column) => (ascii ? grid.star(column, row) : grid.braille(column, row))).join(
      '',
    ),
  );
}

class Grid {
  readonly #width: number;
  readonly #height: number;
  readonly #dots: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#dots = new Uint8Array(width * height);
  }

  /** Straight, a dot for each column at least and for each row. */
  line(x1: number, y1: number, x2: number, y2: number): void {
    const steps = Math.max(1, Math.abs(x2 - x1), Math.min(this.#height, Math.abs(y2 - y1)));
    for (let i = 0; i <= steps; i++) {
      const [x, y] = [Math.round(x1 + ((x2 - x1) * i) / steps), Math.round(y1 + ((y2 - y1) * i) / steps)];
      if (x >= 0 && x < this.#width && y >= 0 && y < this.#height) this.#dots[y * this.#width + x] = 1;
    }
  }

  star(x: number, y: number): string {
    return this.#dots[y * this.#width + x] === 1 ? '*' : ' ';
  }

  braille(column: number, row: number): string {
    let code = BRAILLE;
    for (const [dx, dots] of DOTS.entries())
      for (const [dy, dot] of dots.entries())
        if (this.#dots[(row * 4 + dy) * this.#width + column * 2 + dx] === 1) code |= dot;
    return code === BRAILLE ? ' ' : String.fromCharCode(code);
  }
}

const STEPS = '▁▂▃▄▅▆▇█';
const ASCII_STEPS = '_.-=*#';

/** One row: the last value of each stretch of time; what hardly changes stays low, so that noise does not look like growth. */
export function sparkline(points: ChartPoints, columns: number, ascii: boolean): string {
  const steps = ascii ? ASCII_STEPS : STEPS;
  const values = points.map(([, value]) => value);
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const shown = Math.min(columns, values.length);
  return Array.from({ length: shown }, (_, i) => {
    const value = values[Math.floor(((i + 1) * values.length) / shown) - 1] ?? least;
    const share = most > 0 ? (value - least) / Math.max(most - least, most / 10) : 0;
    return steps.charAt(Math.round(share * (steps.length - 1)));
  }).join('');
}
