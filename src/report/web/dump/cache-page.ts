import type { CoreField, CoreGroup, CoreGroups, CoreOwner } from '../../../findings/core/core-groups.ts';
import { grouped, plural, spellBytes, spellShare } from '../../amounts.ts';
import { html, type Markup } from '../../html-markup.ts';
import { tiles } from '../../html-tiles.ts';
import { dumpPage } from './dump-frame.ts';
import { cacheLink, refsLink, viewLink, type DumpName } from './dump-links.ts';

const MOST_FIELDS = 14;
const MOST_CANDIDATES = 4;

/** The objects of a cache by their content. */
export function cachePage(dump: DumpName, groups: CoreGroups): string {
  const { cache, objects, groups: all, small, unread } = groups;
  const unreachable = all.reduce((sum, group) => sum + group.unreachable, 0);
  const [first] = all;
  return dumpPage(
    dump,
    'map',
    `Cache ${cache}`,
    html`${tiles([
        ['Objects in use', grouped(objects), plural(all.length, 'kind')],
        ...(first ? [['Mostly', typeWords(first), spellShare(first.objects / Math.max(1, objects))] as const] : []),
        ['Nothing leads to', grouped(unreachable), unreachable > 0 ? spellShare(unreachable / objects) : ''],
      ])}
      ${all.length === 0 && html`<p class="empty">None of its objects could be looked at.</p>`}
      ${all.map((group, i) => groupCard(dump, group, i + 1, objects))}
      <p class="note">
        ${small.groups > 0 && `${plural(small.objects, 'object')} more in ${plural(small.groups, 'smaller group')}. `}
        ${unread !== undefined && `${plural(unread, 'object')} could not be looked at. `} Objects are alike when their
        first words lead to the same things.
      </p>`,
  );
}

const typeWords = ({ type, candidates }: CoreGroup): string =>
  type ?? (candidates[0] ? `perhaps ${candidates[0].type}` : 'type not known');

function groupCard({ id }: DumpName, group: CoreGroup, number: number, all: number): Markup {
  const { objects, bytes, unreachable, reachable, fields, samples, owner, candidates, embedded, type } = group;
  const lost = unreachable > 0 && unreachable >= reachable;
  const [evidence] = candidates;
  return html`<article class="card ${lost ? 'v-leak' : 'v-inconclusive'}" aria-labelledby="group-${number}">
    <header>
      <h2 class="plainly" id="group-${number}">
        <span class="number">${number}</span> ${grouped(objects)} × ${typeWords(group)}
      </h2>
      <p class="tags">
        <span class="tag">${spellBytes(bytes)}, ${spellShare(objects / Math.max(1, all))} of the cache</span>
        ${
          unreachable > 0
            ? html`<span class="tag verdict"
                >nothing leads to ${unreachable === objects ? 'any of them' : grouped(unreachable)}</span
              >`
            : html`<span class="tag">all are referred to</span>`
        }
      </p>
    </header>
    <dl class="facts">
      ${owner && fact('Who', ownerWords(owner))} ${evidence && fact('Why', evidence.evidence.join('; '))}
      ${
        type === undefined &&
        candidates.length > 1 &&
        fact(
          'Perhaps',
          candidates
            .slice(0, MOST_CANDIDATES)
            .map((candidate) => candidate.type)
            .join(', '),
        )
      }
      ${embedded.length > 0 && fact('Built with', embedded.map((part) => `${part.type} at +${part.offset}`).join(', '))}
      ${fact(
        'Look at',
        samples.slice(0, 6).map((sample) => sampleLinks(id, sample, type)),
      )}
    </dl>
    ${
      fields.length > 0 &&
      html`<details ${number === 1 && html`open`}>
        <summary>What they have in common</summary>
        <div class="rows">
          <table class="words">
            <tbody>
              ${fields.slice(0, MOST_FIELDS).map((field) => fieldRow(id, field))}
            </tbody>
          </table>
        </div>
      </details>`
    }
  </article>`;
}

const fact = (name: string, value: Markup | string | readonly Markup[]): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

/** To the memory of one, and to who points there. */
export const sampleLinks = (id: number, address: string, type?: string): Markup =>
  html`<span class="sample"
    ><a href="${viewLink(id, address, type === undefined ? {} : { type })}"><code>${address}</code></a>
    <a href="${refsLink(id, address)}" aria-label="who points to ${address}">who points here</a></span
  > `;

export function ownerWords({ kind, module, function: name, variable, unloaded }: CoreOwner): string {
  if (kind === 'gone') return `code that is gone${unloaded ? `; unloaded since: ${unloaded.join(', ')}` : ''}`;
  const what = name ?? variable ?? '';
  return kind === 'module' ? `made for ${what} of the module ${module ?? ''}` : `they name ${what}`;
}

function fieldRow(id: number, { offset, member, symbol, text, leadsTo, value, kind, share }: CoreField): Markup {
  return html`<tr>
    <td class="n"><code>+${offset}</code></td>
    <td>${member ?? ''}</td>
    <td>
      ${target(id, { symbol, text, leadsTo, value, kind })}
      ${share !== undefined && html`<small>${spellShare(share)}</small>`}
    </td>
  </tr>`;
}

function target(
  id: number,
  {
    symbol,
    text,
    leadsTo,
    value,
    kind,
  }: Record<'symbol' | 'text' | 'leadsTo' | 'value', string | undefined> & {
    readonly kind: string;
  },
): Markup | string {
  if (kind === 'self') return 'into the object itself';
  if (symbol !== undefined)
    return value === undefined
      ? html`<code>${symbol}</code>`
      : html`<a href="${viewLink(id, value)}"><code>${symbol}</code></a>`;
  if (text !== undefined) return html`“${text}”`;
  if (leadsTo !== undefined) return html`→ <a href="${cacheLink(id, leadsTo)}">${leadsTo}</a>`;
  return value === undefined ? (KINDS[kind] ?? kind) : html`<code>${value}</code>`;
}

const KINDS: Readonly<Record<string, string>> = {
  memory: '→ memory that is no slab',
  page: '→ struct page',
  vmalloc: '→ vmalloc',
};
