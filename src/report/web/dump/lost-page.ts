import type { CoreLeakGroup, CoreLeaks } from '../../../findings/core/core-leaks.ts';
import { grouped, plural, spellBytes } from '../../amounts.ts';
import { html, type Markup } from '../../html-markup.ts';
import { tiles } from '../../html-tiles.ts';
import { table } from '../layout.ts';
import { sampleLinks } from './cache-page.ts';
import { dumpPage } from './dump-frame.ts';
import { cacheLink, type DumpName } from './dump-links.ts';

/** Fewer of a kind are what every kernel drops at boot. */
const FEWEST = 10;

/** What is in use and nothing leads to. */
export function lostPage(dump: DumpName, leaks: CoreLeaks): string {
  const { scanned, objects, unreachable, missing, groups, memory, percpu = [] } = leaks;
  const many = groups.filter(({ units }) => units >= FEWEST);
  const few = groups.filter(({ units }) => units < FEWEST).reduce((sum, group) => sum + group.objects, 0);
  const [top] = many;
  return dumpPage(
    dump,
    'lost',
    'Lost objects',
    html`${tiles([
      [
        'Nothing leads to',
        spellBytes(unreachable.bytes),
        `${plural(unreachable.objects, 'object')} of ${grouped(objects)}`,
      ],
      ...(top ? [['Mostly', top.type ?? `objects of ${top.cache}`, `${grouped(top.units)} ×`] as const] : []),
      ...(top?.owner?.function === undefined
        ? []
        : [
            [
              'Made for',
              top.owner.function,
              top.owner.module === undefined ? '' : `module ${top.owner.module}`,
            ] as const,
          ]),
      ['Searched for references', spellBytes(scanned.bytes)],
    ])}
    ${
      missing.bytes > 0 &&
      html`<p class="note">
        ${spellBytes(missing.bytes)} that may hold ${grouped(missing.references)} references are not in the dump.
      </p>`
    }
    ${table(
      'lost-table',
      [
        'What',
        { name: 'Times', right: true },
        { name: 'Memory', right: true },
        'Made for',
        { name: 'One of them', optional: true },
      ],
      many.map((group) => groupRow(dump, group)),
      html`A root leads to all objects but the few that every kernel drops at boot.`,
      { search: 'Type, cache, module' },
    )}
    ${few > 0 && html`<p class="note">And ${plural(few, 'object')} of which there are fewer than ten alike, as in every kernel.</p>`}
    ${memory.length > 0 && pages(dump, memory)} ${percpu.length > 0 && percpuSection(percpu)}`,
  );
}

function groupRow({ id }: DumpName, group: CoreLeakGroup): Markup {
  const { cache, type, units, bytes, owner, certain, referrers, samples, with: others } = group;
  const [sample] = samples;
  return html`<tr>
    <th scope="row">
      ${type === undefined ? 'type not known' : html`<code>${type}</code>`}
      <small
        ><a href="${cacheLink(id, cache)}">${cache}</a
        >${referrers === 'each other' && ', they point to each other only'}${!certain && ', not certain'}</small
      >
      ${
        others.length > 0 &&
        html`<small
          >with
          ${others
            .slice(0, 4)
            .map((part) => part.type ?? part.cache)
            .join(', ')}${others.length > 4 && ' …'}</small
        >`
      }
    </th>
    <td class="n" data-value="${units}">${grouped(units)}</td>
    <td class="n" data-value="${bytes}">${spellBytes(bytes)}</td>
    <td>${owner?.function ?? ''} ${owner?.module !== undefined && html`<small>module ${owner.module}</small>`}</td>
    <td class="opt">${sample !== undefined && sampleLinks(id, sample, type)}</td>
  </tr>`;
}

const pages = ({ id }: DumpName, memory: CoreLeaks['memory']): Markup =>
  html`<section aria-labelledby="pages">
    <h2 id="pages">Pages that nothing refers to</h2>
    ${table(
      'pages-table',
      [
        'Blocks',
        { name: 'Memory', right: true },
        { name: 'Alike, referred to', right: true, optional: true },
        'One of them',
      ],
      memory.map(
        ({ kind, pages: each, blocks, bytes, reachableAlike, holder, samples: [sample] }) =>
          html`<tr>
            <th scope="row">
              ${grouped(blocks)} ${kind === 'vmalloc' ? 'vmalloc areas' : `blocks of ${plural(each, 'page')}`}
              ${holder && html`<small>others are held by ${holder.symbol}</small>`}
            </th>
            <td class="n" data-value="${bytes}">${spellBytes(bytes)}</td>
            <td class="n opt" data-value="${reachableAlike}">${grouped(reachableAlike)}</td>
            <td>${sample !== undefined && sampleLinks(id, sample)}</td>
          </tr>`,
      ),
      html`None.`,
    )}
  </section>`;

const percpuSection = (percpu: NonNullable<CoreLeaks['percpu']>): Markup =>
  html`<section aria-labelledby="percpu">
    <h2 id="percpu">Per-CPU memory that nothing refers to</h2>
    <ul class="plain">
      ${percpu.map(
        ({ areas, size, bytes, owner }) =>
          html`<li>
            ${plural(areas, 'area')} of ${spellBytes(size)}, ${spellBytes(bytes)} on all
            CPUs${owner && `; they name ${owner.function} [${owner.module}]`}
          </li>`,
      )}
    </ul>
  </section>`;
