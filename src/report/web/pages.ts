import type { Diagnosis, Series } from '../../findings/diagnosis.ts';
import type { Layer, Rate, Verdict } from '../../findings/finding.ts';
import type { Fleet, FleetAssociation } from '../../findings/fleet.ts';
import { spellBytes, spellHours, spellRate, spellShare } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';
import { seriesSection } from '../html-series.ts';
import { rateSlope } from '../rate-words.ts';
import { LAYER_WORDS, VERDICT_WORDS } from '../words.ts';
import { page, table } from './layout.ts';

/** A host as the list shows it. Times are milliseconds since 1970. */
export interface HostRow {
  readonly name: string;
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly rate?: Rate;
  readonly unexplained?: number;
  readonly totalBytes?: number;
  readonly lastAt: number;
  readonly samples: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export function hostsPage(rows: readonly HostRow[]): string {
  return page(
    'Hosts',
    '/',
    html`<div data-live="/api/v1/live">
      ${table(
        'hosts',
        ['Host', 'Verdict', 'Rate', 'Memory used up in', 'Unexplained', 'What rises', 'Last heard'],
        rows.map(hostRow),
        html`No host has pushed yet. On a host: <code>kleak record --push http://THIS-SERVER:PORT</code>. A file or a
          pasted report can be <a href="/add">added</a>.`,
      )}
    </div>`,
  );
}

/** Also sent alone, when the host pushes. */
export function hostRow(row: HostRow): Markup {
  const { name, verdict, layer, rate, unexplained, totalBytes, lastAt } = row;
  const share = unexplained !== undefined && totalBytes !== undefined ? unexplained / totalBytes : undefined;
  return html`<tr id="host-${encodeURIComponent(name)}">
    <th scope="row"><a href="/host/${encodeURIComponent(name)}">${name}</a></th>
    <td>${verdictTag(verdict)}</td>
    <td data-value="${rate?.bytesPerHour ?? 0}">${rate ? spellRate(rate.bytesPerHour) : ''}</td>
    <td data-value="${rate?.hoursLeft ?? 1e12}">${rate?.hoursLeft === undefined ? '' : spellHours(rate.hoursLeft)}</td>
    <td class="opt" data-value="${unexplained ?? 0}">
      ${unexplained === undefined ? '' : spellBytes(unexplained)}
      ${share !== undefined && html`<small>${spellShare(share)}</small>`}
    </td>
    <td class="opt">${layer === 'none' ? '' : LAYER_WORDS[layer]}</td>
    <td class="opt" data-value="${lastAt}">${spellMoment(lastAt)}</td>
  </tr>`;
}

const verdictTag = (verdict: Verdict): Markup => html`<span class="tag v-${verdict}">${VERDICT_WORDS[verdict]}</span>`;
const spellMoment = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

export function hostPage(
  row: HostRow,
  series: readonly Series[],
  events: readonly { readonly at: number; readonly kind: string; readonly name: string; readonly detail?: string }[],
): string {
  const drawn = seriesSection({ ...NO_DIAGNOSIS, series });
  return page(
    row.name,
    '',
    html`<p>${verdictTag(row.verdict)} ${row.rate && rateSlope(row.rate)}</p>
      <p class="note">${row.samples} samples, the last of ${spellMoment(row.lastAt)}</p>
      ${drawn ?? html`<p>Too few samples yet to draw anything.</p>`}
      <section aria-labelledby="attributes">
        <h2 id="attributes">What it is</h2>
        <ul class="plain">
          ${Object.entries(row.attributes).map(([name, value]) => html`<li><b>${name}</b>: ${value}</li>`)}
        </ul>
      </section>
      <section aria-labelledby="events">
        <h2 id="events">What changed</h2>
        ${
          events.length === 0
            ? html`<p>Nothing was noted.</p>`
            : html`<ul class="plain">
                ${events.map(
                  ({ at, kind, name, detail }) =>
                    html`<li>${spellMoment(at)} ${kind.replaceAll('-', ' ')}: <b>${name}</b> ${detail}</li>`,
                )}
              </ul>`
        }
      </section>`,
  );
}

const NO_DIAGNOSIS: Diagnosis = {
  schema: 'kleak.diagnosis/1',
  verdict: 'inconclusive',
  layer: 'none',
  summary: '',
  findings: [],
  unread: [],
  inputs: [],
  snapshots: [],
  series: [],
  skipped: [],
};

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
          ${jobs.map((job) => html`<li><a href="/jobs/${job.id}">${job.title}</a>: ${job.state}, ${job.progress}</li>`)}
        </ul>
      </section>`
    }
    ${table(
      'documents',
      ['What', 'Verdict', 'Summary', 'When'],
      documents.map(
        ({ id, at, title, verdict, summary }) =>
          html`<tr>
            <th scope="row"><a href="/document/${id}">${title}</a></th>
            <td>${isVerdict(verdict) && verdictTag(verdict)}</td>
            <td>${summary}</td>
            <td class="opt" data-value="${at}">${spellMoment(at)}</td>
          </tr>`,
      ),
      html`Nothing was diagnosed yet. <a href="/add">Add a file or text</a>.`,
    )}`,
  );
}

const isVerdict = (word: string): word is Verdict => word in VERDICT_WORDS;

export interface JobRow {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly progress: string;
  readonly document?: number;
  readonly problem?: string;
}

export function jobPage(job: JobRow): string {
  return page(job.title, '', html`<div data-live="/api/v1/jobs/${job.id}/live">${jobStatus(job)}</div>`);
}

/** Also sent alone, when it changes. */
export function jobStatus({ id, state, progress, document, problem }: JobRow): Markup {
  const works = state === 'running' || state === 'waiting';
  return html`<div id="job">
    <p role="status"><b>${state}</b>${works && `: ${progress}`}${problem !== undefined && `: ${problem}`}</p>
    ${works && html`<progress aria-label="At work"></progress>`}
    ${works && html`<form method="post" action="/jobs/${id}/cancel"><button type="submit">Cancel</button></form>`}
    ${document !== undefined && html`<p><a href="/document/${document}">To the diagnosis</a></p>`}
  </div>`;
}

export function addPage(mostBytes: number): string {
  return page(
    'Add',
    '/add',
    html`<p>
        A crash dump, a snapshot of <code>kleak snapshot</code>, a support archive, any text. What it is is told from
        its content.
      </p>
      <form id="upload" hidden>
        <label for="file">A file, up to ${spellBytes(mostBytes)}</label>
        <input id="file" type="file" />
        <button type="submit">Diagnose</button>
        <progress id="bar" hidden aria-label="Upload"></progress>
        <p id="said" role="alert"></p>
      </form>
      <form method="post" action="/paste">
        <label for="text">Or text: /proc files, a kernel log, reports of kmemleak or page_owner, slabtop …</label>
        <textarea id="text" name="text" required></textarea>
        <p><button type="submit">Diagnose</button></p>
      </form>`,
  );
}

export function comparePage(
  names: readonly string[],
  a: string,
  b: string,
  rows: readonly { readonly name: string; readonly a?: number; readonly b?: number }[],
): string {
  const select = (id: string, chosen: string): Markup =>
    html`<select id="${id}" name="${id}" aria-label="Host ${id}">
      ${names.map((name) =>
        name === chosen ? html`<option selected>${name}</option>` : html`<option>${name}</option>`,
      )}
    </select>`;
  return page(
    'Compare',
    '/compare',
    html`<form class="tools" method="get">
        ${select('a', a)} ${select('b', b)}<button type="submit">Compare</button>
      </form>
      ${table(
        'comparison',
        ['What', 'b less a', 'a', 'b'],
        rows.map(
          ({ name, a: first = 0, b: second = 0 }) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td data-value="${second - first}">${spellBytes(second - first)}</td>
              <td class="opt" data-value="${first}">${spellBytes(first)}</td>
              <td class="opt" data-value="${second}">${spellBytes(second)}</td>
            </tr>`,
        ),
        html`Choose two hosts that have pushed samples.`,
      )}`,
  );
}

export function fleetPage(fleet: Fleet | undefined, problem: string | undefined, server: string | undefined): string {
  if (!fleet)
    return page(
      'Fleet',
      '/fleet',
      html`<p>
          ${problem ?? (server === undefined ? 'No metrics server was named.' : `${server} is being asked; look again in a minute.`)}
        </p>
        <p class="note">kleak serve --metrics URL reads Prometheus, or what speaks like it, and keeps no copy.</p>`,
    );
  return page(
    'Fleet',
    '/fleet',
    html`<p>${verdictTag(fleet.verdict)} ${fleet.summary}</p>
      ${problem !== undefined && html`<p role="alert">${problem}</p>`}
      ${fleet.association && associationSection(fleet.association)}
      ${table(
        'leaks',
        ['Host', 'Rate', 'Of RAM a day', 'Memory used up in', 'What rises', 'Since'],
        fleet.leaking.map(
          ({ host, rate, shareOfRamPerDay, signal, since, until, caches }) =>
            html`<tr>
              <th scope="row">${host}</th>
              <td data-value="${rate.bytesPerHour}">${spellRate(rate.bytesPerHour)}</td>
              <td class="opt" data-value="${shareOfRamPerDay}">${spellShare(shareOfRamPerDay)}</td>
              <td data-value="${rate.hoursLeft ?? 1e12}">
                ${rate.hoursLeft === undefined ? '' : spellHours(rate.hoursLeft)}
              </td>
              <td>${signal} ${caches?.[0] && `(${caches[0].cache})`}</td>
              <td class="opt">
                ${since?.slice(0, 10) ?? 'all the time'} ${until !== undefined && `until ${until.slice(0, 10)}`}
              </td>
            </tr>`,
        ),
        html`No host loses memory.`,
      )}
      ${
        fleet.unread.length + fleet.lacks.length > 0 &&
        html`<section aria-labelledby="lacks">
          <h2 id="lacks">What was not seen</h2>
          <ul class="plain">
            ${fleet.lacks.map((lack) => html`<li>${lack}</li>`)}
            ${fleet.unread.map(({ what, why }) => html`<li><b>${what}</b>: ${why}</li>`)}
          </ul>
        </section>`
      }
      <p class="note">
        ${fleet.hosts.total} hosts, ${fleet.from.slice(0, 16)} to ${fleet.to.slice(0, 16)}; ${fleet.load.queries}
        queries, ${fleet.load.samples} samples.
      </p>`,
  );
}

const associationSection = ({ label, withIt, withoutIt, onset, contradicting }: FleetAssociation): Markup =>
  html`<section aria-labelledby="association">
    <h2 id="association">What separates them</h2>
    <p>Associated with (which is not caused by) <b>${label}</b>:</p>
    <ul class="plain">
      <li>with it ${withIt.leaking} of ${withIt.leaking + withIt.healthy} hosts leak</li>
      <li>without it ${withoutIt.leaking} of ${withoutIt.leaking + withoutIt.healthy}</li>
      ${onset && html`<li>the leak began within two days of the change on ${onset.aligned} of ${onset.changed}</li>`}
      ${contradicting.healthyWithIt.length > 0 && html`<li>against it: healthy with it are ${contradicting.healthyWithIt.join(', ')}</li>`}
      ${contradicting.leakingWithoutIt.length > 0 && html`<li>against it: leaking without it are ${contradicting.leakingWithoutIt.join(', ')}</li>`}
    </ul>
  </section>`;

export function loginPage(wrong: boolean): string {
  return page(
    'Token',
    '/login',
    html`<form method="post" action="/login">
      <label for="token">The token that this server was started with</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required />
      <button type="submit">Go on</button>
      ${wrong && html`<p role="alert">That is not it.</p>`}
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
        ['Number', 'What', 'What fixes it'],
        issues.map(
          ({ id, title, cause, fix }) =>
            html`<tr>
              <th scope="row">${id}</th>
              <td>${title} ${cause !== undefined && html`<br /><small>${cause}</small>`}</td>
              <td class="opt">${fix}</td>
            </tr>`,
        ),
        html`Nothing is known of that.`,
      )}`,
  );
}

export const refusedPage = (what: string, title = 'Not possible'): string =>
  page(title, '', html`<p role="alert">${what}</p>`);
