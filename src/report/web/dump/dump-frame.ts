import { html, type Markup } from '../../html-markup.ts';
import { page } from '../layout.ts';
import { workCard, type Work } from '../work.ts';
import { lostLink, mapLink, reportLink, type DumpName } from './dump-links.ts';

/** The bar of a report: of a dump that is kept, with the ways into it. */
export const documentBar = (document: DumpName, isDump: boolean): Markup =>
  isDump
    ? dumpBar(document, 'report')
    : html`<nav class="bar second" aria-label="This diagnosis">
        <div class="wrap"><span class="what">${document.title}</span>${downloads(document.id)}</div>
      </nav>`;

/** The report as one file, and as a document for programs. */
const downloads = (id: number): Markup =>
  html`<span class="files"
    ><a href="/document/${id}?as=file">One file</a> <a href="/api/v1/documents/${id}">JSON</a>
    <a href="/document/${id}/delete">Delete</a></span
  >`;

export type DumpTab = 'report' | 'map' | 'lost' | 'place';

/** The bar below the first: what there is of this dump, and where to go in it. */
export function dumpBar({ id, title }: DumpName, tab: DumpTab, asked = ''): Markup {
  const tabs = [
    ['report', reportLink(id), 'Report'],
    ['map', mapLink(id), 'Memory map'],
    ['lost', lostLink(id), 'Lost objects'],
  ] as const;
  return html`<nav class="bar second" aria-label="This dump">
    <div class="wrap">
      <span class="what">${title}</span>
      ${tabs.map(([name, to, label]) =>
        name === tab ? html`<a href="${to}" aria-current="page">${label}</a>` : html`<a href="${to}">${label}</a>`,
      )}
      ${tab === 'report' && downloads(id)}
      <form class="go" method="get" action="/dump/${id}/view" role="search">
        <input
          name="address"
          value="${asked}"
          placeholder="address or symbol"
          aria-label="Address or symbol"
          required
          maxlength="200"
          spellcheck="false"
          autocapitalize="none"
          autocomplete="off"
        /><button type="submit">Go</button>
      </form>
    </div>
  </nav>`;
}

export const dumpPage = (dump: DumpName, tab: DumpTab, title: string, body: Markup, asked?: string): string =>
  page(
    `${title} – ${dump.title}`,
    '/documents',
    html`<h1>${title}</h1>
      ${body}`,
    { trail: dumpBar(dump, tab, asked), lead: html`` },
  );

/** While the dump is read: how far it is, and a way to stop it. `path` and `query` are those of the page that waits. */
export function workingPage(dump: DumpName, kind: string, query: string, work: Work): string {
  const path = `/dump/${dump.id}/${kind}`;
  return dumpPage(
    dump,
    kind === 'map' || kind === 'lost' ? kind : 'place',
    'Reading the dump',
    workCard(
      work,
      `/api/v1${path}/live?${query}`,
      `${path}/cancel?${query}`,
      'The first question about a dump takes longest. What was found is kept for a while; after 10 minutes a question is given up.',
    ),
  );
}

export const dumpProblemPage = (dump: DumpName, problem: string, again?: string): string =>
  dumpPage(
    dump,
    'place',
    problem === 'cancelled' ? 'Cancelled' : 'Not possible',
    html`<div class="work hero v-${problem === 'cancelled' ? 'inconclusive' : 'leak'}">
      <p class="doing" role="alert">${problem === 'cancelled' ? 'Nothing more is read.' : problem}</p>
      ${again !== undefined && html`<p><a href="${again}">Try again</a></p>`}
    </div>`,
  );
