import type { CoreMap, CoreMapArea, CoreMapPart } from '../../../findings/core/core-map.ts';
import { spellBytes } from '../../amounts.ts';
import { layerClass } from '../../html-colours.ts';
import { HATCH } from '../../html-memory.ts';
import { html, type Markup } from '../../html-markup.ts';
import { at, cellLabel, lowerPart, shrunk, viewBox } from '../../treemap-cells.ts';
import { squarify, type Box } from '../../treemap-layout.ts';
import { cacheLink, mapLink, viewLink } from './dump-links.ts';

/** Room for the name above what is inside of a box. */
const HEAD = 22;
const INNER_HEAD = 17;
/** A box with less room is not divided. */
const ROOMY = { width: 46, height: 34 };

/**
 * Memory as areas in areas: use, cache, type. All of it, or one use alone. A wide drawing and a narrow one; the style shows one
 * of them, and the table beside says the same.
 */
export function mapDrawing(id: number, { areas }: CoreMap, only: CoreMapArea | undefined): Markup {
  const draw = (box: Box, which: string): Markup =>
    html`<svg
      class="${which}"
      viewBox="${viewBox(box)}"
      role="group"
      aria-label="Memory as areas, each as large as its share. The table below says the same."
    >
      ${only ? parts(id, only, box) : wholes(id, areas, box)}
    </svg>`;
  return html`<figure class="treemap map">
    <svg width="0" height="0" aria-hidden="true">${HATCH}</svg>
    ${draw({ x: 0, y: 0, width: 1040, height: 520 }, 'wide')} ${draw({ x: 0, y: 0, width: 332, height: 420 }, 'narrow')}
  </figure>`;
}

const wholes = (id: number, areas: readonly CoreMapArea[], box: Box): readonly Markup[] => {
  const boxes = squarify(
    areas.map(({ bytes }) => bytes),
    box,
  );
  return areas.map((area, i) => {
    const own = boxes[i] ?? box;
    const colour = layerClass(area.layer);
    const inner = insideOf(own, HEAD);
    const divided = area.parts.length > 0 && isRoomy(inner);
    const cell = html`<title>${area.label}: ${spellBytes(area.bytes)}</title>
      <rect class="cell ${colour}" ${at(shrunk(own, 1))} rx="3" />
      ${area.name === 'unexplained' && html`<rect fill="url(#hatch)" ${at(shrunk(own, 1))} rx="3" />`}
      ${cellLabel(area.label, spellBytes(area.bytes), divided ? { ...own, height: HEAD } : own, `${colour}-on`, !divided, 7)}`;
    return html`<g>
      ${area.parts.length > 0 ? html`<a href="${mapLink(id, area.name)}" aria-label="${area.label}, ${spellBytes(area.bytes)}: enlarge">${cell}</a>` : html`<g>${cell}</g>`}
      ${divided && parts(id, area, inner)}
    </g>`;
  });
};

function parts(id: number, area: CoreMapArea, box: Box): readonly Markup[] {
  const named = area.parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = Math.max(0, area.bytes - named);
  const places = squarify([...area.parts.map(({ bytes }) => bytes), ...(rest > 0 ? [rest] : [])], box);
  const colour = layerClass(area.layer);
  return [
    html`<rect class="ground ${colour}" ${at(shrunk(box, 1))} rx="3" />`,
    ...area.parts.flatMap((part, i) => {
      const own = places[i];
      return own && own.width > 3 && own.height > 3 ? [partCell(id, part, own, colour)] : [];
    }),
    restLabel(rest, places[area.parts.length], colour),
  ];
}

/** What of a use no part has: large kmalloc, whatever is too small. */
const restLabel = (rest: number, box: Box | undefined, colour: string): Markup =>
  html`${rest > 0 && box && cellLabel('not in parts', spellBytes(rest), box, `${colour}-on`, true, 7)}`;

function partCell(id: number, part: CoreMapPart, box: Box, colour: string): Markup {
  const { name, bytes, types, count } = part;
  const inner = insideOf(box, INNER_HEAD);
  const divided = types.length > 0 && isRoomy(inner);
  const told = `${name}: ${spellBytes(bytes)}, ${count} in use`;
  const cell = html`<title>${told}</title>
    <rect class="part ${colour}-on" ${at(shrunk(box, 2))} rx="2" />
    ${!divided && lostShare(part) > 0 && html`<rect class="gone" ${at(shrunk(lowerPart(box, lostShare(part)), 3))} rx="2" />`}
    ${cellLabel(name, spellBytes(bytes), divided ? { ...box, height: INNER_HEAD + 3 } : box, `${colour}-on`, !divided, 6)}`;
  const link = linkOf(id, part);
  return html`${link === undefined ? html`<g>${cell}</g>` : html`<a href="${link}" aria-label="${told}">${cell}</a>`}
  ${divided && typeCells(id, part, inner, colour)}`;
}

/** Types of a cache, and the room that it has besides. They lead where the cache does, so that the keyboard need not. */
function typeCells(id: number, { name, bytes, types }: CoreMapPart, box: Box, colour: string): readonly Markup[] {
  const used = types.reduce((sum, type) => sum + type.bytes, 0);
  const room = Math.max(0, bytes - used);
  const places = squarify([...types.map((type) => type.bytes), ...(room > 0 ? [room] : [])], box);
  return types.flatMap((type, i) => {
    const own = places[i];
    if (!own || own.width < 4 || own.height < 4) return [];
    const { type: what = 'type not known', objects, unreachable } = type;
    const lost = objects > 0 ? unreachable / objects : 0;
    return [
      html`<a href="${cacheLink(id, name)}" tabindex="-1" aria-hidden="true">
        <title>
          ${name}, ${what}: ${objects} objects,
          ${spellBytes(type.bytes)}${lost > 0 && `; nothing leads to ${unreachable}`}
        </title>
        <rect class="kind" ${at(shrunk(own, 2))} rx="2" />
        ${lost > 0 && html`<rect class="gone" ${at(shrunk(lowerPart(own, lost), 3))} rx="2" />`}
        ${cellLabel(what, spellBytes(type.bytes), own, `${colour}-on`, true, 6)}
      </a>`,
    ];
  });
}

const insideOf = (box: Box, head: number): Box => ({
  x: box.x + 3,
  y: box.y + head,
  width: box.width - 6,
  height: box.height - head - 3,
});
const isRoomy = ({ width, height }: Box): boolean => width > ROOMY.width && height > ROOMY.height;

/** What nothing leads to, of the objects that were looked at. */
function lostShare({ types, bytes }: CoreMapPart): number {
  const lost = types.reduce((sum, type) => sum + (type.bytes * type.unreachable) / Math.max(1, type.objects), 0);
  return lost / bytes;
}

const linkOf = (id: number, { kind, name, sample }: CoreMapPart): string | undefined =>
  kind === 'cache' ? cacheLink(id, name) : sample === undefined ? undefined : viewLink(id, sample);
