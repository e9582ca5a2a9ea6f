import { bytes } from '../../base/units.ts';
import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { ComparedHost, ComparedRow, HostComparison } from '../../findings/host-comparison.ts';
import { spellBytes, spellHours, spellRate, spellShare, spellTime } from '../amounts.ts';
import { memoryBar } from '../html-memory.ts';
import { html, type Markup } from '../html-markup.ts';
import { eventWords, NO_DIAGNOSIS } from './host/host-diagnosis.ts';
import { signed } from './host/signed.ts';
import { tiles } from '../html-tiles.ts';
import { page, table } from './layout.ts';

/** What the form was sent with: names, and moments as `YYYY-MM-DDTHH:MM`, empty for the last. */
export interface CompareChoice {
  readonly a: string;
  readonly at: string;
  readonly b: string;
  readonly bt: string;
}

/** What is free, or becomes so when memory is short: no answer to where the memory went. */
const GIVEN_BACK = new Set(['free', 'per-cpu-lists', 'page-cache', 'swap-cache']);
const MOST_NAMES = 2000;

export function comparePage(
  names: readonly string[],
  choice: CompareChoice,
  comparison: HostComparison | undefined,
): string {
  return page(
    'Compare',
    '/compare',
    html`${form(names, choice)}
    ${
      comparison
        ? compared(comparison)
        : html`<p class="empty">
            ${names.length === 0 ? 'No host has pushed yet.' : 'Choose two hosts, or two moments of one, that have pushed samples.'}
          </p>`
    }`,
  );
}

const form = (names: readonly string[], { a, at, b, bt }: CompareChoice): Markup =>
  html`<form class="pair" method="get">
    ${side('a', 'at', 'From', a, at)} ${side('b', 'bt', 'To', b, bt)}
    <button type="submit" class="primary">Compare</button>
    <datalist id="names">${names.slice(0, MOST_NAMES).map((name) => html`<option value="${name}"></option>`)}</datalist>
  </form>`;

const side = (host: string, time: string, legend: string, name: string, moment: string): Markup =>
  html`<fieldset>
    <legend>${legend}</legend>
    <label class="sr" for="${host}">Host</label>
    <input
      id="${host}"
      name="${host}"
      list="names"
      value="${name}"
      placeholder="host"
      required
      maxlength="253"
      autocomplete="off"
      spellcheck="false"
    />
    <label class="sr" for="${time}">Moment in UTC; empty for the last</label>
    <input id="${time}" name="${time}" type="datetime-local" value="${moment}" />
    <small>UTC; without a time: the last sample</small>
  </fieldset>`;

function compared(comparison: HostComparison): Markup {
  const { a, b, rows, relation, attributes } = comparison;
  return html`<h2 class="answer">${answer(comparison)}</h2>
    ${summary(comparison)}
    <div class="bars">${bar(a, rows, 'a', relation)} ${bar(b, rows, 'b', relation)}</div>
    ${attributes.length > 0 && attributesSection(comparison)}
    ${rowsSection(
      'layers',
      'Parts of memory',
      comparison,
      rows.filter(({ kind }) => kind !== 'cache'),
    )}
    ${rowsSection(
      'caches',
      'Slab caches',
      comparison,
      rows.filter(({ kind, ...row }) => kind === 'cache' && changeOf(row) !== 0),
    )}
    ${eventsSection(comparison)}`;
}

const changeOf = ({ a, b }: Pick<ComparedRow, 'a' | 'b'>): number => (a === undefined || b === undefined ? 0 : b - a);

/** What of the difference somebody holds: the cache or part that makes most of it. */
function answer({ rows, relation, a, b, hours }: HostComparison): string {
  const held = rows.filter(({ kind, name }) => kind !== 'bucket' || !GIVEN_BACK.has(name));
  const parts = held.filter(({ kind }) => kind !== 'cache').toSorted((x, y) => changeOf(y) - changeOf(x));
  const [part] = parts;
  const [cache] = held.filter(({ kind }) => kind === 'cache').toSorted((x, y) => changeOf(y) - changeOf(x));
  if (!part || changeOf(part) <= 0)
    return relation === 'moments'
      ? 'Nothing that is held has grown.'
      : `${b.host} holds no more than ${a.host} in any part.`;
  const through =
    cache && part.layer.startsWith('slab') && changeOf(cache) > changeOf(part) / 3
      ? `, mostly in ${cache.label} (${signed(changeOf(cache))})`
      : '';
  if (relation === 'hosts')
    return `${b.host} holds ${spellBytes(changeOf(part))} more than ${a.host} ${part.kind === 'unexplained' ? 'that no counter explains' : `in ${part.label}`}${through}.`;
  const rate =
    hours === undefined || hours <= 0 ? '' : ` in ${spellHours(hours)}, ${spellRate(changeOf(part) / hours)}`;
  const what = part.kind === 'unexplained' ? 'Memory that no counter explains' : capital(part.label);
  return `${what} grew by ${spellBytes(changeOf(part))}${rate}${through}.`;
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function summary({ a, b, hours, rebooted, relation }: HostComparison): Markup {
  const moment = ({ host, at }: ComparedHost): readonly [string, Markup] => [
    relation === 'moments' ? 'Moment' : 'Host',
    html`<a href="/host/${encodeURIComponent(host)}">${host}</a> <small>${spellTime(at)}</small>`,
  ];
  return tiles([
    moment(a),
    moment(b),
    ...(hours === undefined
      ? []
      : [['Between them', spellHours(Math.abs(hours)), rebooted ? 'with a reboot' : 'without a reboot'] as const]),
    ...(a.totalBytes === b.totalBytes
      ? []
      : [['Memory', `${spellBytes(a.totalBytes)} and ${spellBytes(b.totalBytes)}`] as const]),
  ]);
}

/** All memory of one of the two, in the same order of uses. */
function bar(
  { host, at, totalBytes }: ComparedHost,
  rows: readonly ComparedRow[],
  side: 'a' | 'b',
  relation: HostComparison['relation'],
): Markup {
  const amount = (row: ComparedRow): number => Math.max(0, row[side] ?? 0);
  const order = rows.toSorted((x, y) => (y.a ?? 0) - (x.a ?? 0)).map(({ label }) => label);
  const unexplained = rows.find(({ kind }) => kind === 'unexplained');
  const diagnosis: Diagnosis = {
    ...NO_DIAGNOSIS,
    accounting: {
      totalBytes: bytes(totalBytes),
      buckets: rows
        .filter(({ kind }) => kind === 'bucket')
        .map((row) => ({
          name: row.name,
          layer: row.layer,
          label: row.label,
          bytes: bytes(Math.round(amount(row))),
          from: '',
        })),
      ...(unexplained?.[side] === undefined ? {} : { unaccountedBytes: bytes(Math.round(amount(unexplained))) }),
      notes: [],
    },
  };
  return html`<div>
    <p class="note">${relation === 'hosts' ? host : spellTime(at)}</p>
    ${memoryBar(diagnosis, order)}
  </div>`;
}

function rowsSection(
  id: string,
  title: string,
  { hours, a, b, relation }: HostComparison,
  rows: readonly ComparedRow[],
): Markup | undefined {
  if (rows.length === 0) return undefined;
  const most = rows.reduce((largest, row) => Math.max(largest, Math.abs(changeOf(row))), 1);
  const [first, second] = relation === 'hosts' ? [a.host, b.host] : ['From', 'To'];
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${table(
      `${id}-table`,
      [
        'What',
        { name: 'Difference', right: true },
        { name: '', optional: true },
        ...(hours === undefined ? [] : [{ name: 'Rate', right: true }]),
        { name: first, right: true, optional: true },
        { name: second, right: true, optional: true },
      ],
      rows.map((row) => comparedRow(row, hours, most)),
      html`Nothing differs.`,
    )}
  </section>`;
}

function comparedRow(row: ComparedRow, hours: number | undefined, most: number): Markup {
  const { label, a, b, kind } = row;
  const change = changeOf(row);
  return html`<tr data-kind="${kind}">
    <th scope="row">${label}</th>
    <td class="n" data-value="${change}">${changeWords(row)}</td>
    <td class="opt diff" data-value="${change}">${diffBar(change, most)}</td>
    ${hours !== undefined && html`<td class="n" data-value="${change / hours}">${change === 0 ? '' : spellRate(change / hours)}</td>`}
    <td class="n opt" data-value="${a ?? -1}">${a === undefined ? '' : spellBytes(a)}</td>
    <td class="n opt" data-value="${b ?? -1}">${b === undefined ? '' : spellBytes(b)} ${growthOf(row)}</td>
  </tr>`;
}

function changeWords(row: ComparedRow): string {
  if (row.a === undefined) return 'new, or was small';
  if (row.b === undefined) return 'gone, or small';
  const change = changeOf(row);
  return change === 0 ? '0' : signed(change);
}

/** In parts of what it was; nothing where that is too little to be spelled. */
function growthOf(row: ComparedRow): Markup | undefined {
  const share = row.a === undefined || row.a <= 0 ? 0 : changeOf(row) / row.a;
  if (Math.abs(share) < 0.001) return undefined;
  return html`<small>${share > 0 ? '+' : '−'}${spellShare(Math.abs(share))}</small>`;
}

/** To the right what is more, to the left what is less. */
function diffBar(change: number, most: number): Markup {
  const width = (Math.abs(change) / most) * 50;
  const x = change < 0 ? 50 - width : 50;
  return html`<svg width="130" height="14" viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden="true">
    <line class="grid" x1="50" x2="50" y1="0" y2="14" />
    <rect class="${change < 0 ? 'less' : 'more'}" x="${x.toFixed(2)}" y="3" width="${width.toFixed(2)}" height="8" />
  </svg>`;
}

const attributesSection = ({ attributes, a, b }: HostComparison): Markup =>
  html`<section aria-labelledby="differ">
    <h2 id="differ">How they differ</h2>
    <div class="rows">
      <table>
        <thead>
          <tr>
            <th scope="col">Attribute</th>
            <th scope="col">${a.host}</th>
            <th scope="col">${b.host}</th>
          </tr>
        </thead>
        <tbody>
          ${attributes.map(
            (one) =>
              html`<tr>
                <th scope="row">${one.name}</th>
                <td>${one.a ?? html`<small>not told</small>`}</td>
                <td>${one.b ?? html`<small>not told</small>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;

const eventsSection = ({ events, moreEvents, relation }: HostComparison): Markup =>
  html`<section aria-labelledby="events">
    <h2 id="events">${relation === 'moments' ? 'What changed between' : 'What changed in the week before'}</h2>
    ${
      events.length === 0
        ? html`<p class="empty">Nothing was noted: no module, package, service or reboot.</p>`
        : html`<ul class="events">
            ${events.map(
              (event) =>
                html`<li>
                  <time datetime="${event.at}">${spellTime(event.at)}</time>
                  <span>${relation === 'hosts' && html`<b>${event.host}</b> `}${eventWords(event)}</span>
                </li>`,
            )}
          </ul>`
    }
    ${moreEvents > 0 && html`<p class="note">${moreEvents} earlier ones are not listed.</p>`}
  </section>`;
