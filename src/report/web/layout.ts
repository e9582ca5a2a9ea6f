import { html, htmlSource, type Markup } from '../html-markup.ts';

/** Pages that the bar at the top leads to. */
const PAGES = [
  ['/', 'Hosts'],
  ['/fleet', 'Fleet'],
  ['/documents', 'Diagnoses'],
  ['/add', 'Add'],
  ['/compare', 'Compare'],
  ['/known', 'Known issues'],
] as const;

/** A page of the server, whole. Style and script are files of the same server; nothing else is loaded. */
export function page(title: string, path: string, body: Markup): string {
  return htmlSource(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <title>${title} – kleak</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="/assets/style.css" />
          <script src="/assets/script.js" defer></script>
        </head>
        <body>
          <a class="skip" href="#main">To the content</a>
          <nav aria-label="Pages">
            <div class="wrap">
              <b>kleak</b>
              ${PAGES.map(([to, name]) =>
                to === path ? html`<a href="${to}" aria-current="page">${name}</a>` : html`<a href="${to}">${name}</a>`,
              )}
            </div>
          </nav>
          <main class="wrap" id="main">
            <h1>${title}</h1>
            ${body}
          </main>
        </body>
      </html>`,
  );
}

/** A table that can be sorted and searched where there is a script, and is whole without. */
export function table(id: string, heads: readonly string[], rows: readonly Markup[], empty: Markup): Markup {
  if (rows.length === 0) return html`<p>${empty}</p>`;
  return html`<div class="tools">
      <input type="search" data-filter="${id}" placeholder="Search" aria-label="Search the table" />
      <span class="note" id="${id}-count" role="status">${rows.length} in all</span>
    </div>
    <div class="rows">
      <table id="${id}" data-sortable>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
}
