import type { Diagnosis } from '../findings/diagnosis.ts';
import type { DumpView } from '../findings/dump-view.ts';
import { spellBytes } from './amounts.ts';
import { shareClass } from './html-colours.ts';
import { html, type Markup } from './html-markup.ts';
import { memoryShares, type MemoryShare } from './memory-shares.ts';
import { at, cellLabel, lowerPart, shrunk, viewBox } from './treemap-cells.ts';
import { squarify, type Box } from './treemap-layout.ts';

/** A treemap for wide pages and one for narrow ones; the style shows one of them. The table beside it says the same. */
export function treemap(diagnosis: Diagnosis): Markup {
  const shares = memoryShares(diagnosis);
  return html`<figure class="treemap">
    ${drawing(diagnosis, shares, { x: 0, y: 0, width: 640, height: 540 }, 'wide')}
    ${drawing(diagnosis, shares, { x: 0, y: 0, width: 340, height: 340 }, 'narrow')}
    ${diagnosis.dump && diagnosis.dump.lost.length > 0 && html`<p class="note">Hatched within a cache: nothing leads to it.</p>`}
    <figcaption class="note js" hidden>Select an area to see it larger; once more to go back.</figcaption>
  </figure>`;
}

function drawing(diagnosis: Diagnosis, shares: readonly MemoryShare[], box: Box, which: string): Markup {
  const boxes = squarify(
    shares.map(({ bytes }) => bytes),
    box,
  );
  return html`<svg
    class="${which}"
    viewBox="${viewBox(box)}"
    data-whole="${viewBox(box)}"
    role="img"
    aria-label="The same as areas: each as large as its share of memory"
  >
    ${shares.map((share, i) => area(diagnosis, share, boxes[i] ?? box))}
  </svg>`;
}

/** One use of memory, with the findings inside that say what they hold of it. */
function area(diagnosis: Diagnosis, share: MemoryShare, box: Box): Markup {
  const parts = partsOf(diagnosis, share);
  const named = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  const inner: Box = { x: box.x + 4, y: box.y + 24, width: box.width - 8, height: box.height - 28 };
  const roomy = inner.width > 40 && inner.height > 24;
  const sizes = [...parts.map(({ bytes }) => bytes), Math.max(0, share.bytes - named)].filter((size) => size > 0);
  const innerBoxes = parts.length > 0 && roomy ? squarify(sizes, inner) : [];
  const colour = shareClass(share);
  const text = `${share.label} ${spellBytes(share.bytes)}`;
  return html`<g class="area" data-zoom="${viewBox(zoomed(box))}">
    <title>${text}</title>
    <rect class="cell ${colour}" ${at(shrunk(box, 1))} rx="3" />
    ${share.kind === 'unexplained' && html`<rect fill="url(#hatch)" ${at(shrunk(box, 1))} rx="3" />`}
    ${cellLabel(share.label, spellBytes(share.bytes), box, `${colour}-on`, innerBoxes.length === 0)}
    ${parts.map((part, i) => {
      const partBox = innerBoxes[i];
      return (
        partBox &&
        html`<g>
          <title>${part.name} ${spellBytes(part.bytes)}</title>
          <rect class="part ${colour}-on" ${at(shrunk(partBox, 1))} rx="2" />
          ${part.lost !== undefined && lostWithin(part, part.lost, partBox, colour)}
          ${cellLabel(part.lost?.name ?? part.name, spellBytes(part.bytes), partBox, `${colour}-on`, true)}
        </g>`
      );
    })}
  </g>`;
}

interface Part {
  readonly name: string;
  readonly bytes: number;
  /** What of it nothing leads to. */
  readonly lost?: { readonly name: string; readonly bytes: number };
}

/** Hatched from below, as high as what is lost is of the whole. */
function lostWithin(part: Part, lost: NonNullable<Part['lost']>, box: Box, colour: string): Markup {
  return html`<rect class="gone ${colour}-lost" ${at(shrunk(lowerPart(box, lost.bytes / part.bytes), 2))} rx="2">
    <title>${lost.name}: nothing leads to ${spellBytes(lost.bytes)}</title>
  </rect>`;
}

/** Findings that name a share of a use; none where they overlap, for then the areas would lie. */
function partsOf({ findings, accounting, dump }: Diagnosis, share: MemoryShare): readonly Part[] {
  if (share.kind !== 'bucket' || share.layer === 'none') return [];
  if (accounting?.buckets.filter(({ layer }) => layer === share.layer).length !== 1) return [];
  const parts = dump ? dumpedParts(dump, share) : foundParts(findings, share);
  const whole = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return whole <= share.bytes ? parts.toSorted((a, b) => b.bytes - a.bytes) : [];
}

/** Caches of a dump that are large enough to be seen, with the type of what is lost in them. */
function dumpedParts({ caches }: DumpView, share: MemoryShare): readonly Part[] {
  const of = caches.filter(({ reclaimable }) => reclaimable === (share.layer === 'slab-reclaimable'));
  if (share.layer !== 'slab-reclaimable' && share.layer !== 'slab-unreclaimable') return [];
  return of
    .filter(({ bytes }) => bytes > share.bytes / 50)
    .map(({ name, bytes, lost }): Part => {
      const gone = lost.reduce((sum, part) => sum + part.bytes, 0);
      if (gone === 0) return { name, bytes };
      const types = [...new Set(lost.flatMap(({ type }) => type ?? []))];
      return { name, bytes, lost: { name: [name, ...types].join(': '), bytes: gone } };
    });
}

const foundParts = (findings: Diagnosis['findings'], share: MemoryShare): readonly Part[] =>
  findings.flatMap(({ layer, bytes, subject, title }): readonly Part[] =>
    layer === share.layer && bytes !== undefined && bytes > 0
      ? [{ name: subject?.cache ?? subject?.type ?? subject?.function ?? title, bytes }]
      : [],
  );

/** The area with a little around it. */
const zoomed = ({ x, y, width, height }: Box): Box => {
  const margin = Math.max(width, height) * 0.06;
  return { x: x - margin, y: y - margin, width: width + margin * 2, height: height + margin * 2 };
};
