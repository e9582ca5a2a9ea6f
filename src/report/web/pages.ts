import { html } from '../html-markup.ts';
import type { JobRow } from './job-page.ts';
import { page, table } from './layout.ts';
import { spellMoment } from './spell-moment.ts';
import { isVerdict, VERDICT_KINDS, verdictTag } from './verdict-tag.ts';

export interface DocumentRow {
  readonly id: number;
  readonly at: number;
  readonly title: string;
  readonly verdict: string;
  readonly summary: string;
}

export function documentsPage(documents: readonly DocumentRow[], jobs: readonly JobRow[]): string {
  return page(
    'Diagnoses',
    '/documents',
    html`${
      jobs.length > 0 &&
      html`<section aria-labelledby="jobs">
        <h2 id="jobs">At work</h2>
        <ul class="plain">
          ${jobs.map((job) => html`<li><a href="/jobs/${job.id}">${job.title}</a> <small>${job.progress}</small></li>`)}
        </ul>
      </section>`
    }
    ${table(
      'documents',
      [
        'What',
        'Verdict',
        { name: 'Summary', optional: true },
        { name: 'When, UTC', optional: true },
        { name: '', optional: true },
      ],
      documents.map(
        ({ id, at, title, verdict, summary }) =>
          html`<tr data-kind="${verdict}">
            <th scope="row">
              <a href="/document/${id}">${title}</a> <small class="only-narrow">${spellMoment(at)}</small>
            </th>
            <td>${isVerdict(verdict) && verdictTag(verdict)}</td>
            <td class="opt any">${summary}</td>
            <td class="opt when" data-value="${at}">${spellMoment(at)}</td>
            <td class="opt"><a href="/document/${id}/delete" aria-label="Delete ${title}">Delete</a></td>
          </tr>`,
      ),
      html`Nothing was diagnosed yet. <a href="/add">Add a file or text</a>.`,
      { kinds: VERDICT_KINDS, search: 'Name, summary' },
    )}`,
  );
}

export function loginPage(wrong: boolean): string {
  return page(
    'Log in',
    '/login',
    html`<form class="work hero v-${wrong ? 'leak' : 'inconclusive'}" method="post" action="/login">
      <input name="username" value="kleak" autocomplete="username" hidden />
      <label for="token">Token</label>
      <p class="field">
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          aria-describedby="token-help"
        />
        <button type="submit" class="primary">Log in</button>
      </p>
      ${wrong && html`<p role="alert"><b>That is not the token.</b></p>`}
      <p class="note" id="token-help">What stands in the file of --token-file, which this server was started with.</p>
    </form>`,
  );
}

export function knownPage(
  query: string,
  issues: readonly { readonly id: string; readonly title: string; readonly cause?: string; readonly fix?: string }[],
): string {
  return page(
    'Known issues',
    '/known',
    html`<form class="tools" method="get">
        <input
          type="search"
          name="q"
          value="${query}"
          aria-label="Words to look for"
          placeholder="cache, function, driver …"
        />
        <button type="submit">Search</button>
      </form>
      ${table(
        'issues',
        ['Number', 'What', { name: 'What fixes it', optional: true }],
        issues.map(
          ({ id, title, cause, fix }) =>
            html`<tr>
              <th scope="row">${id}</th>
              <td>${title} ${cause !== undefined && html`<br /><small>${cause}</small>`}</td>
              <td class="opt">${fix}</td>
            </tr>`,
        ),
        html`Nothing is known of that.`,
        { isPlain: true },
      )}`,
  );
}

export const refusedPage = (what: string, title = 'Not possible'): string =>
  page(title, '', html`<p role="alert">${what}</p>`);
