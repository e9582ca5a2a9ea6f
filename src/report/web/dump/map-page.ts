import type { CoreMap, CoreMapArea, CoreMapPart } from '../../../findings/core/core-map.ts';
import { grouped, plural, spellBytes, spellShare } from '../../amounts.ts';
import { layerClass } from '../../html-colours.ts';
import { html, type Markup } from '../../html-markup.ts';
import { tiles } from '../../html-tiles.ts';
import { table } from '../layout.ts';
import { dumpPage } from './dump-frame.ts';
import { cacheLink, lostLink, mapLink, viewLink, type DumpName } from './dump-links.ts';
import { mapDrawing } from './map-drawing.ts';

/** The memory of a dump: use, cache, type. `only`: the use that is enlarged. */
export function mapPage(dump: DumpName, map: CoreMap, only: string | undefined): string {
  const area = map.areas.find(({ name }) => name === only);
  return dumpPage(
    dump,
    'map',
    area ? `Memory map: ${area.label}` : 'Memory map',
    html`${summary(dump, map)} ${crumbs(dump, map, area)} ${mapDrawing(dump.id, map, area)}
      <p class="note">
        Each box is as large as its share of memory; choose one to go into it. Hatched: nothing in memory leads to it.
      </p>
      ${partsSection(dump, area ? [area] : map.areas)} ${!area && areasSection(dump, map)} ${unseen(map)}`,
  );
}

function summary({ id }: DumpName, { areas, totalBytes, unreachable, release, machine }: CoreMap): Markup {
  const of = (...names: readonly string[]): number =>
    areas.filter(({ name }) => names.includes(name)).reduce((sum, { bytes }) => sum + bytes, 0);
  const slab = of('slab-reclaimable', 'slab-unreclaimable');
  const [largest] = areas
    .flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'cache'))
    .toSorted((a, b) => b.bytes - a.bytes);
  const unexplained = areas.find(({ name }) => name === 'unexplained');
  return tiles([
    ['Memory', spellBytes(totalBytes), `${release}, ${machine}`],
    ['Slab', spellBytes(slab), largest ? `largest: ${largest.name}, ${spellBytes(largest.bytes)}` : ''],
    ...(unexplained
      ? [['Unexplained', spellBytes(unexplained.bytes), spellShare(unexplained.bytes / totalBytes)] as const]
      : []),
    [
      'Nothing leads to',
      html`<a href="${lostLink(id)}">${spellBytes(unreachable.bytes)}</a>`,
      plural(unreachable.objects, 'object'),
    ],
  ]);
}

/** All memory, and each use that has something in it. */
const crumbs = ({ id }: DumpName, { areas }: CoreMap, only: CoreMapArea | undefined): Markup =>
  html`<nav class="chips" aria-label="Parts of the map">
    ${only ? html`<a href="${mapLink(id)}">all memory</a>` : html`<a href="${mapLink(id)}" aria-current="true">all memory</a>`}
    ${areas
      .filter(({ parts }) => parts.length > 0)
      .map((area) => {
        const words = html`<svg class="key" width="10" height="10" aria-hidden="true">
            <rect class="${layerClass(area.layer)}" width="10" height="10" rx="2" /></svg
          >${area.label}`;
        return area === only
          ? html`<a href="${mapLink(id, area.name)}" aria-current="true">${words}</a>`
          : html`<a href="${mapLink(id, area.name)}">${words}</a>`;
      })}
  </nav>`;

interface Row {
  readonly area: CoreMapArea;
  readonly part: CoreMapPart;
}

function partsSection(dump: DumpName, areas: readonly CoreMapArea[]): Markup | undefined {
  const rows = areas.flatMap((area): readonly Row[] => area.parts.map((part) => ({ area, part })));
  if (rows.length === 0) return undefined;
  return html`<section aria-labelledby="parts">
    <h2 id="parts">Caches and blocks</h2>
    ${table(
      'parts-table',
      [
        'What',
        { name: 'Mostly', optional: true },
        { name: 'Memory', right: true },
        { name: 'In use', right: true, optional: true },
        { name: 'Nothing leads to', right: true },
      ],
      rows.toSorted((a, b) => b.part.bytes - a.part.bytes).map((row) => partRow(dump, row)),
      html`Nothing.`,
      { kinds: [...new Map(rows.map(({ area }) => [area.name, area.label]))], search: 'Cache, type, caller' },
    )}
  </section>`;
}

function partRow({ id }: DumpName, { area, part }: Row): Markup {
  const { name, kind, bytes, count, types, aliases = [], sample } = part;
  const [main] = types;
  const lost = types.reduce((sum, { unreachable }) => sum + unreachable, 0);
  const link = kind === 'cache' ? cacheLink(id, name) : sample === undefined ? undefined : viewLink(id, sample);
  return html`<tr data-kind="${area.name}">
    <th scope="row">
      ${link === undefined ? name : html`<a href="${link}">${name}</a>`}
      ${aliases.length > 0 && html`<small>also ${aliases.slice(0, 3).join(', ')}${aliases.length > 3 && ' …'}</small>`}
    </th>
    <td class="opt">${main?.type !== undefined && html`<code>${main.type}</code> ${shareOf(main.objects, count)}`}</td>
    <td class="n" data-value="${bytes}">${spellBytes(bytes)}</td>
    <td class="n opt" data-value="${count}">${grouped(count)}</td>
    <td class="n" data-value="${lost}">${lost > 0 && html`<b class="lost-count">${grouped(lost)}</b>`}</td>
  </tr>`;
}

const shareOf = (objects: number, count: number): Markup | undefined =>
  count > 0 && objects < count ? html`<small>${spellShare(objects / count)}</small>` : undefined;

const areasSection = ({ id }: DumpName, { areas, totalBytes }: CoreMap): Markup =>
  html`<section aria-labelledby="areas">
    <h2 id="areas">All memory by use</h2>
    <div class="rows">
      <table>
        <thead>
          <tr>
            <th scope="col">Use</th>
            <th scope="col" class="n">Size</th>
            <th scope="col" class="n">Share</th>
            <th scope="col" class="opt">Counted by</th>
          </tr>
        </thead>
        <tbody>
          ${areas.map(
            ({ name, label, layer, bytes, from, parts }) =>
              html`<tr>
                <th scope="row">
                  <svg class="key" width="14" height="14" aria-hidden="true">
                    <rect class="${layerClass(layer)}" width="14" height="14" rx="3" />
                  </svg>
                  ${parts.length > 0 ? html`<a href="${mapLink(id, name)}">${label}</a>` : label}
                </th>
                <td class="n">${spellBytes(bytes)}</td>
                <td class="n">${spellShare(bytes / totalBytes)}</td>
                <td class="opt"><small>${from}</small></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;

function unseen({ problems, unlooked }: CoreMap): Markup | undefined {
  if (problems.length === 0 && unlooked === 0) return undefined;
  return html`<section aria-labelledby="unseen">
    <h2 id="unseen">What was not seen</h2>
    <ul class="plain">
      ${unlooked > 0 && html`<li>types of the objects of ${plural(unlooked, 'cache')}: their pages tell them</li>`}
      ${problems.map((problem) => html`<li>${problem}</li>`)}
    </ul>
  </section>`;
}
