import { bytes } from '../../base/units.ts';
import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { ComparedHost, ComparedRow, HostComparison } from '../../findings/host-comparison.ts';
import { spellBytes, spellHours, spellRate, spellShare, spellTime } from '../amounts.ts';
import { memoryBar, memoryLegend } from '../html-memory.ts';
import { html, type Markup } from '../html-markup.ts';
import { eventWords, NO_DIAGNOSIS } from './host/host-diagnosis.ts';
import { signed } from './host/signed.ts';
import { tiles } from '../html-tiles.ts';
import { courseCell, hasCourses, isCalm, losses, type Loss } from './compare-courses.ts';
import { page, table } from './layout.ts';
import { shortNames } from './short-names.ts';

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
      comparison && (comparison.relation === 'hosts' || comparison.a.at !== comparison.b.at)
        ? compared(comparison)
        : html`<p class="empty" role="status">${nothingWords(names, choice, comparison)}</p>`
    }`,
  );
}

function nothingWords(
  names: readonly string[],
  { a, b }: CompareChoice,
  comparison: HostComparison | undefined,
): string {
  if (names.length === 0) return 'No host has pushed yet.';
  if (comparison) return 'That is the same sample twice: choose another host, or another time.';
  const unknown = [...new Set([a, b])].filter((name) => name !== '' && !names.includes(name));
  return unknown.length > 0
    ? `${unknown.join(' and ')}: no host of that name has pushed.`
    : 'Choose two hosts, or two moments of one, that have pushed samples.';
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

function compared(full: HostComparison): Markup {
  const [nameA, nameB] = shortNames(full.a.host, full.b.host);
  const comparison = { ...full, a: { ...full.a, host: nameA }, b: { ...full.b, host: nameB } };
  const { rows, attributes } = comparison;
  return html`<h2 class="answer">${answer(comparison)}</h2>
    ${summary(full)} ${bars(comparison)} ${attributes.length > 0 && attributesSection(comparison)}
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
    ${hasCourses(comparison) && html`<p class="note">Rates are of the ${spellHours(comparison.courseHours ?? 0)} before each moment; “steady”: no change that noise would not make.</p>`}
    ${eventsSection(full)}`;
}

const changeOf = ({ a, b }: Pick<ComparedRow, 'a' | 'b'>): number => (a === undefined || b === undefined ? 0 : b - a);

/** Which of two grows, if one does; then what of the difference somebody holds. */
function answer(comparison: HostComparison): string {
  if (comparison.relation === 'moments') return growth(comparison);
  const loss = losses(comparison);
  return loss === undefined ? difference(comparison) : `${loss.told} ${difference(comparison, loss)}`;
}

/** Of what somebody holds, the part and the cache that most more is in; `sign` −1: of the first than of the second. */
function mostMore(
  { rows }: HostComparison,
  sign: 1 | -1 = 1,
): { readonly part?: ComparedRow; readonly cache?: ComparedRow } {
  const more = rows
    .filter((row) => (row.kind !== 'bucket' || !GIVEN_BACK.has(row.name)) && changeOf(row) * sign > 0)
    .toSorted((x, y) => (changeOf(y) - changeOf(x)) * sign);
  const part = more.find(({ kind }) => kind !== 'cache');
  const cache = more.find(({ kind }) => kind === 'cache');
  const through =
    cache && part?.layer.startsWith('slab') === true && changeOf(cache) * sign > (changeOf(part) * sign) / 3;
  return { ...(part && { part }), ...(through === true && cache && { cache }) };
}

/** Of two moments. */
function growth(comparison: HostComparison): string {
  const { hours } = comparison;
  const { part, cache } = mostMore(comparison);
  if (!part) return 'Nothing that is held has grown.';
  const rate =
    hours === undefined || hours <= 0 ? '' : ` in ${spellHours(hours)}, ${spellRate(changeOf(part) / hours)}`;
  const what = part.kind === 'unexplained' ? 'Memory that no counter explains' : capital(part.label);
  return `${what} grew by ${spellBytes(changeOf(part))}${rate}${throughWords(cache)}.`;
}

/** Of two hosts: what the one holds more of than the other; `loss` was told before. */
function difference(comparison: HostComparison, loss?: Loss): string {
  const { a, b } = comparison;
  const [forth, back] = [mostMore(comparison), mostMore(comparison, -1)];
  const isBack = Math.abs(back.part ? changeOf(back.part) : 0) > (forth.part ? changeOf(forth.part) : 0);
  const [{ part, cache }, holder, other] = isBack ? [back, a.host, b.host] : [forth, b.host, a.host];
  if (!part) return 'Neither holds more than the other in any part.';
  const more = spellBytes(Math.abs(changeOf(part)));
  if (loss?.host === holder && loss.part === part.name) return `It holds ${more} more there.`;
  const where = part.kind === 'unexplained' ? 'that no counter explains' : `in ${part.label}`;
  return `${holder} holds ${more} more than ${other} ${where}${throughWords(cache, isBack ? -1 : 1)}.`;
}

const throughWords = (cache: ComparedRow | undefined, sign: 1 | -1 = 1): string =>
  cache ? `, mostly in ${cache.label} (${signed(changeOf(cache) * sign)})` : '';

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

/** All memory of both, in the same order of uses, and what their colours mean. */
function bars({ a, b, rows, relation }: HostComparison): Markup {
  const order = rows.toSorted((x, y) => (y.a ?? 0) - (x.a ?? 0)).map(({ label }) => label);
  const bar = ({ host, at, totalBytes }: ComparedHost, side: 'a' | 'b'): Markup =>
    html`<div>
      <p class="note">${relation === 'hosts' ? host : spellTime(at)}</p>
      ${memoryBar(
        memoryOf(rows, totalBytes, (row) => row[side]),
        order,
      )}
    </div>`;
  const either = memoryOf(rows, Math.max(a.totalBytes, b.totalBytes), (row) => Math.max(row.a ?? 0, row.b ?? 0));
  return html`<div class="bars">${bar(a, 'a')} ${bar(b, 'b')} ${memoryLegend(either, { amounts: false })}</div>`;
}

/** A diagnosis of where memory is, and of nothing else. */
function memoryOf(
  rows: readonly ComparedRow[],
  totalBytes: number,
  amountOf: (row: ComparedRow) => number | undefined,
): Diagnosis {
  const amount = (row: ComparedRow): ReturnType<typeof bytes> => bytes(Math.round(Math.max(0, amountOf(row) ?? 0)));
  const unexplained = rows.find((row) => row.kind === 'unexplained' && amountOf(row) !== undefined);
  return {
    ...NO_DIAGNOSIS,
    accounting: {
      totalBytes: bytes(totalBytes),
      buckets: rows
        .filter(({ kind }) => kind === 'bucket')
        .map((row) => ({ name: row.name, layer: row.layer, label: row.label, bytes: amount(row), from: '' })),
      ...(unexplained ? { unaccountedBytes: amount(unexplained) } : {}),
      notes: [],
    },
  };
}

function rowsSection(
  id: string,
  title: string,
  comparison: HostComparison,
  rows: readonly ComparedRow[],
): Markup | undefined {
  if (rows.length === 0) return undefined;
  const { hours, a, b, relation } = comparison;
  const withCourses = hasCourses(comparison);
  const most = rows.reduce((largest, row) => Math.max(largest, Math.abs(changeOf(row))), 1);
  const [first, second] = relation === 'hosts' ? [a.host, b.host] : ['From', 'To'];
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${table(
      `${id}-table`,
      [
        'What',
        { name: 'Difference', right: true },
        { name: '', optional: true, from: 'mid' },
        ...(hours === undefined ? [] : [{ name: 'Rate', right: true }]),
        ...(withCourses ? [a, b].map(({ host }) => ({ name: `Rate on ${host}`, right: true, wraps: true })) : []),
        ...[first, second].map((name) => ({ name, right: true, optional: true, wraps: true })),
      ],
      rows.map((row) => comparedRow(row, { hours, most, withCourses })),
      html`Nothing differs.`,
    )}
  </section>`;
}

interface RowParts {
  readonly hours: number | undefined;
  readonly most: number;
  readonly withCourses: boolean;
}

function comparedRow(row: ComparedRow, { hours, most, withCourses }: RowParts): Markup {
  const { label, a, b, kind } = row;
  const change = changeOf(row);
  return html`<tr data-kind="${kind}" class="${withCourses && isCalm(row) ? 'calm' : ''}">
    <th scope="row">${label}</th>
    <td class="n" data-value="${change}">${changeWords(row)}</td>
    <td class="opt mid diff" data-value="${change}">${diffBar(change, most)}</td>
    ${hours !== undefined && html`<td class="n" data-value="${change / hours}">${change === 0 ? '' : spellRate(change / hours)}</td>`}
    ${withCourses && html`${courseCell(row, 'courseA')} ${courseCell(row, 'courseB')}`}
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
            <th scope="col" class="wraps">${a.host}</th>
            <th scope="col" class="wraps">${b.host}</th>
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
