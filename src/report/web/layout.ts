import { html, htmlSource, type Markup } from '../html-markup.ts';

/** Pages that the bar at the top leads to. */
const PAGES = [
  ['/', 'Hosts'],
  ['/fleet', 'Fleet'],
  ['/compare', 'Compare'],
  ['/documents', 'Diagnoses'],
  ['/add', 'Add'],
  ['/known', 'Known issues'],
] as const;

export interface PageParts {
  /** In place of the title as a heading: what a page says first. It holds the page's h1. */
  readonly lead?: Markup;
  /** A second bar, below the first. */
  readonly trail?: Markup;
}

/** The bar at the top of every page. */
export const siteBar = (path: string): Markup =>
  html`<a class="skip" href="#main">To the content</a>
    <nav class="bar" aria-label="Pages">
      <div class="wrap">
        <a class="name" href="/">kleak</a>
        ${PAGES.map(([to, name]) =>
          to === path ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`,
        )}
      </div>
    </nav>`;

/** A page of the server, whole. Style and script are files of the same server; nothing else is loaded. */
export function page(title: string, path: string, body: Markup, { lead, trail }: PageParts = {}): string {
  return htmlSource(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="same-origin" />
          <title>${title} – kleak</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="/assets/style.css" />
          <script src="/assets/script.js" defer></script>
        </head>
        <body>
          ${siteBar(path)} ${trail} ${lead}
          <main class="wrap" id="main">${lead === undefined && html`<h1>${title}</h1>`} ${body}</main>
        </body>
      </html>`,
  );
}

export interface TableParts {
  /** What the values of a choice above the table are, by the attribute `data-kind` of its rows. */
  readonly kinds?: readonly (readonly [kind: string, name: string])[];
  /** What the search box says that it takes. */
  readonly search?: string;
  /** Where the page has a search of its own. */
  readonly isPlain?: boolean;
}

/** A head that is set right says so; one that only narrow screens leave out, too. */
export interface Head {
  readonly name: string;
  readonly right?: boolean;
  readonly optional?: boolean;
  /** It may be long: a host's name. */
  readonly wraps?: boolean;
  /** Screens leave it out that are narrower than a tablet held upright (`mid`), or across (`far`). Its cells have the class, too. */
  readonly from?: 'mid' | 'far';
}

/** So many rows are seen at a glance: nobody searches them. */
const FEW = 6;

/** A table that can be sorted and searched where there is a script, and is whole without. */
export function table(
  id: string,
  heads: readonly (string | Head)[],
  rows: readonly Markup[],
  empty: Markup,
  { kinds = [], search = 'Search', isPlain = false }: TableParts = {},
): Markup {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`${!isPlain && rows.length > FEW && tableTools(id, rows.length, kinds, search)}
    <div class="rows">
      <table id="${id}" data-sortable>
        <thead>
          <tr>
            ${heads.map(headCell)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}

const tableTools = (id: string, count: number, kinds: NonNullable<TableParts['kinds']>, search: string): Markup =>
  html`<div class="tools js" hidden>
    <input type="search" data-filter="${id}" placeholder="${search}" aria-label="${search}" />
    ${
      kinds.length > 0 &&
      html`<select data-kinds="${id}" aria-label="Show">
        <option value="">all</option>
        ${kinds.map(([kind, name]) => html`<option value="${kind}">${name}</option>`)}
      </select>`
    }
    <span class="note" id="${id}-count" role="status">${count} in all</span>
  </div>`;

function headCell(head: string | Head): Markup {
  const { name, right, optional, wraps, from }: Head = typeof head === 'string' ? { name: head } : head;
  const classes = [right && 'n', optional && 'opt', wraps && 'wraps', from]
    .filter((one) => typeof one === 'string')
    .join(' ');
  // A picture's column has no name.
  return name === '' ? html`<td class="${classes}"></td>` : html`<th scope="col" class="${classes}">${name}</th>`;
}
