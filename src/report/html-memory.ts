import type { Diagnosis } from '../findings/diagnosis.ts';
import { spellBytes, spellBytesBetween, spellShare } from './amounts.ts';
import { shareClass } from './html-colours.ts';
import { html, type Markup } from './html-markup.ts';
import { treemap } from './html-treemap.ts';
import { joinSmallShares, memoryShares, type MemoryShare } from './memory-shares.ts';

/**
 * All memory as one bar; the table below it is its legend, and says the same in words. `order`: of labels, where two bars are to be
 * compared.
 */
export function memoryBar(diagnosis: Diagnosis, order: readonly string[] = []): Markup | undefined {
  const place = ({ label }: MemoryShare): number => order.indexOf(label);
  const shares = memoryShares(diagnosis).toSorted((a, b) => place(a) - place(b));
  const { accounting } = diagnosis;
  if (accounting === undefined || shares.length === 0) return undefined;
  const total = shares.reduce((sum, { bytes }) => sum + bytes, 0);
  let at = 0;
  const parts = shares.map((share) => {
    const width = (share.bytes / total) * 100;
    const x = at;
    at += width;
    return html`<g>
      <title>${shareTitle(share)}</title>
      <rect class="${shareClass(share)}" x="${percent(x)}" y="0" width="${percent(width)}" height="100%" />
      ${share.kind === 'unexplained' && hatched(percent(x), percent(width))} ${width >= 11 && barLabel(share, x, width)}
    </g>`;
  });
  return html`<figure class="membar">
    <svg role="img" aria-label="Memory by use: ${shares.map(shareTitle).join('; ')}" width="100%" height="56">
      ${HATCH}${parts}
    </svg>
  </figure>`;
}

/** What the colours of bars are, where no table stands below; with amounts where there is one bar. */
export function memoryLegend(
  diagnosis: Diagnosis,
  { amounts = true }: { readonly amounts?: boolean } = {},
): Markup | undefined {
  const shares = joinSmallShares(memoryShares(diagnosis));
  if (shares.length === 0) return undefined;
  return html`<ul class="legend">
    ${shares.map(
      (share) =>
        html`<li>${swatch(share)}${share.label} ${amounts && html`<small>${spellBytes(share.bytes)}</small>`}</li>`,
    )}
  </ul>`;
}

const swatch = (share: MemoryShare): Markup =>
  html`<svg class="key" width="14" height="14" aria-hidden="true">
    <rect class="${shareClass(share)}" width="14" height="14" rx="3" />
    ${share.kind === 'unexplained' && html`<rect fill="url(#hatch)" width="14" height="14" rx="3" />`}
  </svg>`;

/** The id may be defined once per drawing; a page with several uses the first. */
export const HATCH: Markup = html`<defs>
  <pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="2" height="7" class="hatch" />
  </pattern>
</defs>`;

const hatched = (x: string, width: string): Markup =>
  html`<rect fill="url(#hatch)" x="${x}" y="0" width="${width}" height="100%" />`;

/** Percent of the bar that a letter takes where the bar is as wide as a page. */
const LETTER = 0.65;

/** A use whose name would be cut has its share alone: its name stands in the legend. */
const barLabel = (share: MemoryShare, x: number, width: number): Markup =>
  html`<svg x="${percent(x)}" y="0" width="${percent(width)}" height="100%" aria-hidden="true">
    ${share.label.length * LETTER < width && html`<text class="on ${shareClass(share)}-on" x="8" y="23">${share.label}</text>`}
    <text class="on strong ${shareClass(share)}-on" x="8" y="43">${spellShare(share.share)}</text>
  </svg>`;

/** Where the memory is: table and treemap. */
export function memorySection(diagnosis: Diagnosis): Markup | undefined {
  const { accounting } = diagnosis;
  const shares = memoryShares(diagnosis);
  if (accounting === undefined || shares.length === 0) return undefined;
  const { unaccountedLow: low, unaccountedHigh: high } = accounting;
  return html`<section aria-labelledby="memory">
    <h2 id="memory">Where the memory is</h2>
    <div class="two">
      <table class="shares">
        <caption class="sr">
          Memory by use, of ${spellBytes(accounting.totalBytes)}
        </caption>
        <thead>
          <tr>
            <th scope="col">Use</th>
            <th scope="col" class="n">Size</th>
            <th scope="col" class="n">Share</th>
          </tr>
        </thead>
        <tbody>
          ${shares.map(shareRow)}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all memory</th>
            <td class="n">${spellBytes(accounting.totalBytes)}</td>
            <td class="n">100 %</td>
          </tr>
        </tfoot>
      </table>
      ${treemap(diagnosis)}
    </div>
    ${
      low !== undefined &&
      high !== undefined &&
      html`<p class="note">The inputs allow the unexplained part to be ${spellBytesBetween(low, high)}.</p>`
    }
  </section>`;
}

const shareRow = (share: MemoryShare): Markup =>
  html`<tr ${share.marked && html`class="marked"`}>
    <th scope="row">
      ${swatch(share)} ${share.label}${share.marked && html` <span class="here">this is it</span>`}
      <small>${share.from}</small>
    </th>
    <td class="n">${spellBytes(share.bytes)}</td>
    <td class="n">${spellShare(share.share)}</td>
  </tr>`;

export const shareTitle = ({ label, bytes, share }: MemoryShare): string =>
  `${label} ${spellBytes(bytes)}, ${spellShare(share)}`;

const percent = (value: number): string => `${value.toFixed(3)}%`;
