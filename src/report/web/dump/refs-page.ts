import type { CoreKeeper, CoreReferrer, CoreRefs } from '../../../findings/core/core-refs.ts';
import { grouped, plural, spellBytes } from '../../amounts.ts';
import { html, type Markup } from '../../html-markup.ts';
import { tiles } from '../../html-tiles.ts';
import { table } from '../layout.ts';
import { dumpPage } from './dump-frame.ts';
import { cacheLink, viewLink, type DumpName } from './dump-links.ts';
import { placeTabs } from './place-head.ts';
import { refsDrawing } from './refs-drawing.ts';
import { nodeOf, refGraph, type RefGraph } from './refs-graph.ts';

/** Who points at an object, how a root leads there, and what alone keeps it. */
export function refsPage(dump: DumpName, refs: CoreRefs): string {
  const { address, target, referrers, count, chain, keptBy = [] } = refs;
  const graph = refGraph(dump.id, refs);
  if (!graph || !target)
    return dumpPage(
      dump,
      'place',
      'Who points here',
      html`${placeTabs(dump.id, address, 'refs')}
        <p class="empty">
          <code>${address}</code> lies in no object, vmalloc area or block of pages: who points at code and variables of
          the kernel is not looked for. They are roots: the objects that they lead to say so.
        </p>`,
      address,
    );
  const { inObject } = target;
  return dumpPage(
    dump,
    'place',
    `Who points at ${inObject?.type ?? inObject?.cache ?? target.place ?? address}`,
    html`${summary(dump, refs)} ${placeTabs(dump.id, inObject?.object ?? address, 'refs', inObject?.type)}
    ${count === 0 ? html`<p class="empty">Nothing in the dump points there.</p>` : drawing(graph, refs)}
    ${keptBy.length > 0 && keepers(dump, keptBy)} ${chain.length > 1 && way(dump, chain)}
    ${referrers.length > 0 && list(dump, referrers, count)}`,
    address,
  );
}

function summary({ id }: DumpName, { address, target, count, reachable, chain }: CoreRefs): Markup {
  const { inObject } = target ?? {};
  const [root] = chain;
  return tiles([
    ['Object', html`<code>${inObject?.object ?? address}</code>`, inObject?.type ?? ''],
    ...(inObject ? [['Cache', html`<a href="${cacheLink(id, inObject.cache)}">${inObject.cache}</a>`] as const] : []),
    ['Points there', grouped(count), count === 1 ? 'one place' : 'places'],
    reachable
      ? ['Reached from', root ? placeWords(root) : 'a root', plural(Math.max(0, chain.length - 1), 'step')]
      : ['Reached from', html`<b class="lost-count">nothing</b>`, 'no root leads there'],
  ]);
}

const drawing = (graph: RefGraph, { reachable }: CoreRefs): Markup =>
  html`${refsDrawing(graph)}
    <p class="note">
      ${
        reachable
          ? 'The thick line is the shortest way from a root. Choose a box to go on from there.'
          : 'Whoever points there is unreachable itself. Choose a box to go on from there.'
      }
    </p>`;

const placeWords = ({ symbol, place, inObject }: CoreReferrer): string => symbol ?? place ?? inObject?.cache ?? '';

const placeLink = ({ id }: DumpName, referrer: CoreReferrer): Markup => {
  const { name, detail, link } = nodeOf(id, referrer, 1);
  return html`${link === undefined ? name : html`<a href="${link}">${name}</a>`} <small>${detail}</small>`;
};

const keepers = (dump: DumpName, keptBy: readonly CoreKeeper[]): Markup =>
  html`<section aria-labelledby="kept">
    <h2 id="kept">Kept by each of these alone</h2>
    ${table(
      'kept-table',
      ['What', { name: 'Would be free without it', right: true }, { name: 'Objects', right: true }],
      keptBy.map(
        (keeper) =>
          html`<tr>
            <th scope="row">${placeLink(dump, keeper)}</th>
            <td class="n" data-value="${keeper.bytes}">${spellBytes(keeper.bytes)}</td>
            <td class="n" data-value="${keeper.objects}">${grouped(keeper.objects)}</td>
          </tr>`,
      ),
      html`Nothing.`,
    )}
  </section>`;

const way = (dump: DumpName, chain: readonly CoreReferrer[]): Markup =>
  html`<section aria-labelledby="way">
    <h2 id="way">The shortest way from a root</h2>
    <ol class="way">
      ${chain.map((step) => html`<li>${placeLink(dump, step)}</li>`)}
    </ol>
  </section>`;

const list = (dump: DumpName, referrers: readonly CoreReferrer[], count: number): Markup =>
  html`<section aria-labelledby="all">
    <h2 id="all">All that point there</h2>
    ${table(
      'referrers',
      ['What', { name: 'Word', optional: true }],
      referrers.map(
        (referrer) =>
          html`<tr>
            <th scope="row">${placeLink(dump, referrer)}</th>
            <td class="opt">
              ${referrer.address !== undefined && html`<a href="${viewLink(dump.id, referrer.address, { bytes: 256 })}"><code>${referrer.address}</code></a>`}
            </td>
          </tr>`,
      ),
      html`None.`,
      { search: 'Type, cache, symbol' },
    )}
    ${count > referrers.length && html`<p class="note">${grouped(count - referrers.length)} more are not listed.</p>`}
  </section>`;
