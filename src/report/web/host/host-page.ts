import type { Diagnosis } from '../../../findings/diagnosis.ts';
import type { TrendDocument, TrendQuantity } from '../../../findings/trend.ts';
import { grouped, plural, spellBytes, spellHours, spellRate, spellTime } from '../../amounts.ts';
import { findingsSection } from '../../html-findings.ts';
import { memoryBar, memoryLegend } from '../../html-memory.ts';
import { html, type Markup } from '../../html-markup.ts';
import { seriesSection } from '../../html-series.ts';
import { rateSlope } from '../../rate-words.ts';
import { LAYER_WORDS, VERDICT_WORDS } from '../../words.ts';
import { tiles } from '../../html-tiles.ts';
import { page, table } from '../layout.ts';
import { risingWords, type HostRow } from '../hosts-page.ts';
import { spellAge, spellMoment } from '../spell-moment.ts';
import { signed } from './signed.ts';
import { eventWords, hostDiagnosis, numberEvents, onsetOf, pictureAlone, suspectOf } from './host-diagnosis.ts';

/** What the page of a host is made of. Times are milliseconds since 1970. */
export interface HostView {
  readonly row: HostRow;
  readonly now: number;
  /** Absent while it is measured, and where there are too few samples. */
  readonly trend?: TrendDocument;
  /** Whether a trend will come, or a newer one. */
  readonly pending: boolean;
  /** Where there is no trend: what to draw. */
  readonly picture?: Pick<Diagnosis, 'accounting' | 'series'>;
}

export function hostPage(view: HostView): string {
  const { row } = view;
  return page(
    row.name,
    '',
    html`<div data-live="/api/v1/host/${encodeURIComponent(row.name)}/live">${hostBody(view)}</div>`,
    {
      lead: html``,
    },
  );
}

/** Also sent alone, when it was measured. */
export function hostBody(view: HostView): Markup {
  const { trend, row } = view;
  const diagnosis = trend ? hostDiagnosis(trend) : pictureAlone(view.picture);
  return html`<div id="host">
    ${head(view, diagnosis)}
    ${findingsSection({ ...diagnosis, findings: diagnosis.findings.slice(0, 6) }, () => undefined)}
    ${trend && growing(trend)}
    ${seriesSection(diagnosis) ?? html`<p class="empty">Lines over time are drawn from the second sample on.</p>`}
    ${trend && eventsSection(trend)} ${compareSection(row)} ${attributesSection(row)}
  </div>`;
}

function head({ row, trend, pending, now }: HostView, diagnosis: Diagnosis): Markup {
  const verdict = trend?.verdict ?? row.verdict;
  const isOpen = pending && !trend && verdict === 'inconclusive';
  const machine = Object.entries(row.attributes)
    .filter(([name]) => name === 'kernel' || name === 'architecture')
    .map(([, value]) => value);
  return html`<header class="hero v-${verdict}">
    <p class="brand">
      <span><b>${row.name}</b> ${machine.length > 0 && `· ${machine.join(' · ')}`}</span>
      <span>last heard ${spellAge(row.lastAt, now)} · ${plural(row.samples, 'sample')}</span>
    </p>
    <p class="badge">${isOpen ? 'BEING MEASURED' : VERDICT_WORDS[verdict]}</p>
    <h1>${trend?.summary ?? firstWords(row, pending)}</h1>
    ${trend ? figures(trend) : firstFigures(row)} ${memoryBar(diagnosis)} ${memoryLegend(diagnosis)}
    ${pending && !isOpen && html`<p class="note" role="status">${trend ? 'Being measured anew …' : 'What grows is being measured …'}</p>`}
  </header>`;
}

/** Until a trend is there. */
function firstWords({ rate, verdict, samples }: HostRow, pending: boolean): string {
  if (rate) return `Memory ${rateSlope(rate)}.`;
  if (verdict === 'not-a-leak') return 'Nothing that the kernel holds is seen to grow.';
  return pending ? 'What grows is being measured …' : `Too few samples to tell what grows: ${grouped(samples)} so far.`;
}

/** What the list of hosts knows, until more is measured. */
const firstFigures = ({ rate, layer, since }: HostRow): Markup | undefined =>
  rate &&
  tiles([
    ['What grows', risingWords(layer)],
    ['How fast', spellRate(rate.bytesPerHour)],
    ...(since === undefined ? [] : [['Since', `${spellMoment(since)} UTC`] as const]),
    ...(rate.hoursLeft === undefined ? [] : [['Memory is used up', `in about ${spellHours(rate.hoursLeft)}`] as const]),
  ]);

/** Where, how fast, since when, how long, and what is left. */
function figures(trend: TrendDocument): Markup {
  const { rate, layer, verdict, availableBytes, quantities } = trend;
  const free = availableBytes ?? quantities.find(({ name }) => name === 'free')?.lastBytes;
  return tiles([
    ...(layer === 'none' ? [] : [['What grows', suspectName(trend), LAYER_WORDS[layer]] as const]),
    ...(rate ? [['How fast', spellRate(rate.bytesPerHour), rateSlope(rate).split(', ')[1] ?? ''] as const] : []),
    ...(verdict === 'not-a-leak' ? [] : lossFigures(trend)),
    ...(free === undefined ? [] : [['Memory left', spellBytes(free), `of ${spellBytes(trend.totalBytes)}`] as const]),
  ]);
}

const suspectName = (trend: TrendDocument): string =>
  trend.findings[0]?.subject?.cache ?? suspectOf(trend)?.label ?? LAYER_WORDS[trend.layer];

function lossFigures(trend: TrendDocument): Parameters<typeof tiles>[0] {
  const suspect = suspectOf(trend);
  const { hoursLeft, exhaustion } = trend.rate ?? {};
  return [
    ...(suspect ? [['Since', ...sinceWords(trend, suspect)] as const] : []),
    ...(hoursLeft === undefined
      ? []
      : [
          [
            'Memory is used up',
            `in about ${spellHours(hoursLeft)}`,
            exhaustion === undefined ? '' : spellTime(exhaustion),
          ] as const,
        ]),
  ];
}

function sinceWords({ recording }: TrendDocument, suspect: TrendQuantity): readonly [string, string] {
  const onset = onsetOf(suspect);
  if (!onset)
    return ['before it was recorded', recording.from === undefined ? '' : `from ${spellTime(recording.from)} on`];
  const [event] = onset.coincides;
  return [spellTime(onset.at), event ? eventWords(event) : `give or take ${spellHours(onset.withinSeconds / 3600)}`];
}

/** What rises, and what has jumped: caches and the parts of memory. */
function growing(trend: TrendDocument): Markup | undefined {
  const rising = trend.quantities.filter(
    ({ direction, changes }) => direction === 'rising' || (direction !== 'falling' && changes.length > 0),
  );
  if (rising.length === 0) return undefined;
  return html`<section aria-labelledby="growing">
    <h2 id="growing">What grows</h2>
    ${table(
      'growing-table',
      [
        'What',
        { name: 'Rate', right: true },
        { name: 'Now', right: true },
        { name: 'Change', right: true, optional: true },
        { name: 'Since, UTC', optional: true },
        { name: 'At that time', optional: true },
      ],
      rising.map(quantityRow),
      html`Nothing.`,
      {
        kinds: [
          ['cache', 'caches'],
          ['bucket', 'parts of memory'],
          ['unexplained', 'unexplained'],
        ],
        search: 'Cache, event',
      },
    )}
  </section>`;
}

function quantityRow(quantity: TrendQuantity): Markup {
  const { label, kind, rate, direction, firstBytes, lastBytes, changes, layer } = quantity;
  const moment = onsetOf(quantity) ?? changes.at(-1);
  const shown = direction === 'rising' ? rate : undefined;
  return html`<tr data-kind="${kind}">
    <th scope="row">
      ${label} <small>${kind === 'cache' ? LAYER_WORDS[layer] : kind === 'bucket' ? 'part of memory' : ''}</small>
    </th>
    <td class="n" data-value="${shown?.bytesPerHour ?? 0}">
      ${shown ? spellRate(shown.bytesPerHour) : html`<small>${direction}</small>`}
    </td>
    <td class="n" data-value="${lastBytes}">${spellBytes(lastBytes)}</td>
    <td class="n opt" data-value="${lastBytes - firstBytes}">${signed(lastBytes - firstBytes)}</td>
    <td class="opt when" data-value="${moment ? Date.parse(moment.at) : 0}">
      ${moment && spellMoment(Date.parse(moment.at))}
      ${moment?.kind === 'step' && html`<small>jump of ${signed(moment.bytes ?? 0)}</small>`}
    </td>
    <td class="opt">${moment?.coincides.slice(0, 2).map((event) => html`${eventWords(event)}<br />`)}</td>
  </tr>`;
}

function eventsSection(trend: TrendDocument): Markup {
  const events = numberEvents(trend);
  return html`<section aria-labelledby="events">
    <h2 id="events">What changed on it <small>times in UTC</small></h2>
    ${
      events.length === 0
        ? html`<p class="empty">Nothing was noted: no module, package, service or reboot.</p>`
        : html`<ol class="events">
            ${events.toReversed().map(
              (event) =>
                html`<li>
                  <span class="no">${event.number}</span>
                  <time datetime="${event.at}">${spellMoment(Date.parse(event.at))}</time>
                  <span>${eventWords(event)}</span>
                </li>`,
            )}
          </ol>`
    }
  </section>`;
}

const DAY = 86_400_000;
/** Moments before the last sample that are offered. */
const BEFORE = [
  ['an hour', DAY / 24],
  ['a day', DAY],
  ['a week', 7 * DAY],
] as const;

function compareSection({ name, firstSampleAt = 0, lastSampleAt = 0 }: HostRow): Markup {
  const at = (before: number): string =>
    new URLSearchParams({ a: name, at: stamp(lastSampleAt - before), b: name }).toString();
  return html`<section aria-labelledby="beside">
    <h2 id="beside">Beside itself, or another</h2>
    <p class="chips">
      ${BEFORE.filter(([, before]) => lastSampleAt - firstSampleAt >= before).map(([words, before]) => html`<a href="/compare?${at(before)}">now against ${words} before</a>`)}
      <a href="/compare?b=${encodeURIComponent(name)}">against another host</a>
    </p>
  </section>`;
}

/** As the page of comparison takes it. */
const stamp = (at: number): string => new Date(Math.max(0, at)).toISOString().slice(0, 16);

const attributesSection = ({ attributes }: HostRow): Markup =>
  html`<section aria-labelledby="attributes">
    <h2 id="attributes">What it is</h2>
    <dl class="facts wide">
      ${Object.entries(attributes).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
