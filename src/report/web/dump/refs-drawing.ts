import { html, type Markup } from '../../html-markup.ts';
import type { RefGraph, RefNode } from './refs-graph.ts';

const BOX = { width: 216, height: 46 };
const GAP = { x: 44, y: 12 };
/** The narrow drawing: as wide as a telephone, every step a little further in. */
const NARROW = { width: 332, step: 18, deepest: 5 };

interface Placed {
  readonly node: RefNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Who points there as boxes and arrows: from left to right where there is room, else from below upwards. */
export const refsDrawing = (graph: RefGraph): Markup =>
  html`<figure class="graph">${wide(graph)} ${narrow(graph)}</figure>`;

/** Columns: the way from the root, who points there, and at the right what is pointed to. */
function wide({ target, referrers, way, isReached }: RefGraph): Markup {
  const columns = way.length + 2;
  const height = Math.max(1, referrers.length) * (BOX.height + GAP.y) - GAP.y + 8;
  const x = (column: number): number => 2 + column * (BOX.width + GAP.x);
  const y = (row: number): number => 4 + row * (BOX.height + GAP.y);
  const middle = referrers.length <= 1 ? 4 : (height - BOX.height) / 2;
  const end: Placed = { node: target, x: x(columns - 1), y: middle, width: BOX.width };
  const near = referrers.map((node, row): Placed => ({ node, x: x(columns - 2), y: y(row), width: BOX.width }));
  const before = way.map((node, column): Placed => ({ node, x: x(column), y: y(0), width: BOX.width }));
  const width = x(columns - 1) + BOX.width + 4;
  const steps = [...before, ...near.slice(0, 1)];
  return html`<svg
    class="wide"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="group"
    aria-label="Who points there. The lists below say the same."
  >
    ${near.map((from, i) => arrow(from, end, isReached && i === 0))}
    ${steps.slice(1).map((to, i) => steps[i] && arrow(steps[i], to, true))}
    ${[...before, ...near, end].map((placed) => box(placed))}
  </svg>`;
}

const arrow = (from: Placed, to: Placed, onWay: boolean): Markup => {
  const [x1, y1] = [from.x + from.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x - 1, to.y + BOX.height / 2];
  const bend = (x2 - x1) / 2;
  return html`<path
      class="arrow ${onWay && from.node.kind !== 'more' ? 'on-way' : ''}"
      d="M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 7} ${y2}"
    />
    <path class="head" d="M${x2} ${y2} l-8 -4 v8 z" />`;
};

/** A tree of lines: the target, below it who points there, below each who points at that. */
function narrow({ target, referrers, way, isReached }: RefGraph): Markup {
  const [first, ...others] = referrers;
  const rows: { readonly node: RefNode; readonly depth: number; readonly parent: number }[] = [
    { node: target, depth: 0, parent: -1 },
  ];
  if (first) {
    rows.push({ node: first, depth: 1, parent: 0 });
    for (const node of way.toReversed())
      rows.push({ node, depth: Math.min(NARROW.deepest, rows.length), parent: rows.length - 1 });
  }
  for (const node of others) rows.push({ node, depth: 1, parent: 0 });
  const placed = rows.map(({ node, depth }, row): Placed => {
    const x = 2 + depth * NARROW.step;
    return { node, x, y: 4 + row * (BOX.height + GAP.y), width: NARROW.width - x - 2 };
  });
  const height = rows.length * (BOX.height + GAP.y) + 4;
  return html`<svg
    class="narrow"
    viewBox="0 0 ${NARROW.width} ${height}"
    role="group"
    aria-label="Who points there. The lists below say the same."
  >
    ${rows.map(({ parent }, row) => {
      const [from, to] = [placed[row], placed[parent]];
      return from && to && elbow(from, to, isReached && row <= way.length + 1);
    })}
    ${placed.map((one) => box(one))}
  </svg>`;
}

/** From the left edge of a box up to the lower edge of another. */
const elbow = (from: Placed, to: Placed, onWay: boolean): Markup => {
  const x = to.x + 9;
  const [y1, y2] = [from.y + BOX.height / 2, to.y + BOX.height];
  const start = from.x > x ? from.x : from.x + 1;
  return html`<path class="arrow ${onWay && 'on-way'}" d="M${start} ${y1} H${x} V${y2 + 7}" />
    <path class="head" d="M${x} ${y2} l-4 8 h8 z" />`;
};

function box({ node, x, y, width }: Placed): Markup {
  const { name, detail, times, link, kind } = node;
  const told = `${name} ${detail}${times > 1 ? `, ${times} times` : ''}`;
  const cell = html`<title>${told}</title>
    <rect class="node ${kind}" x="${x}" y="${y}" width="${width}" height="${BOX.height}" rx="7" />
    <text class="on name" x="${x + 10}" y="${y + (detail === '' ? 28 : 20)}"
      >${fitted(name, width - (times > 1 ? 60 : 20), 7.4)}</text
    >
    <text class="on detail" x="${x + 10}" y="${y + 37}">${fitted(detail, width - 20, 7)}</text>
    ${times > 1 && html`<text class="on times" x="${x + width - 10}" y="${y + 20}">× ${times}</text>`}`;
  return link === undefined || kind === 'target'
    ? html`<g>${cell}</g>`
    : html`<a href="${link}" aria-label="${told}">${cell}</a>`;
}

/** As much of a text as fits; of a struct its name. */
function fitted(text: string, width: number, each: number): string {
  const most = Math.max(4, Math.floor(width / each));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
