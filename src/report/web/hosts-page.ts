import type { Layer, Rate, Verdict } from '../../findings/finding.ts';
import { plural, spellBytes, spellHours, spellRate, spellShare } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';
import { LAYER_WORDS } from '../words.ts';
import { tiles } from '../html-tiles.ts';
import { page, table } from './layout.ts';
import { spellAge, spellMoment } from './spell-moment.ts';
import { VERDICT_KINDS, verdictTag } from './verdict-tag.ts';

/** A host as the list shows it. Times are milliseconds since 1970. */
export interface HostRow {
  readonly name: string;
  readonly verdict: Verdict;
  readonly layer: Layer;
  readonly rate?: Rate;
  readonly unexplained?: number;
  readonly totalBytes?: number;
  /** When it began to rise, where that was seen. */
  readonly since?: number;
  readonly lastAt: number;
  /** By the host's own clock: of what is kept of it. */
  readonly firstSampleAt?: number;
  readonly lastSampleAt?: number;
  readonly samples: number;
  /** Nothing is thought of it yet. */
  readonly isPending?: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Hosts that are listed unless all are wanted: the most urgent. */
const MOST = 1000;
/** Milliseconds after which a host that pushes is silent. */
const SILENT = 15 * 60_000;

/** Rows are the most urgent first. */
export function hostsPage(rows: readonly HostRow[], now: number, all: boolean): string {
  const shown = all ? rows : rows.slice(0, MOST);
  return page(
    'Hosts',
    '/',
    html`<div data-live="/api/v1/live">
      ${rows.length > 0 && hostsSummary(rows, now)}
      ${table(
        'hosts',
        [
          'Host',
          'Verdict',
          { name: 'Rate', right: true },
          { name: 'Used up in', right: true },
          { name: 'Since, UTC', optional: true, from: 'far' },
          { name: 'What rises', optional: true, from: 'mid' },
          { name: 'Unexplained', right: true, optional: true, from: 'far' },
          { name: 'Last heard', optional: true },
        ],
        shown.map((row) => hostRow(row, now)),
        html`No host has pushed yet. On a host: <code>kleak record --push http://THIS-SERVER:PORT</code>. A dump, an
          archive or a pasted report can be <a href="/add">added</a>.`,
        { kinds: VERDICT_KINDS, search: 'Host, kernel, what rises' },
      )}
      ${
        shown.length < rows.length &&
        html`<p class="note">
          The ${shown.length} most urgent of ${rows.length} hosts. <a href="/?all=1">All of them</a>
        </p>`
      }
    </div>`,
  );
}

const isLosing = ({ verdict }: HostRow): boolean => verdict === 'leak' || verdict === 'growth';

/** Which host first, how fast, how long. Also sent alone. */
export function hostsSummary(rows: readonly HostRow[], now: number): Markup {
  const losing = rows.filter(isLosing);
  const soonest = losing.find(({ rate }) => rate?.hoursLeft !== undefined);
  const fastest = losing.toSorted((a, b) => (b.rate?.bytesPerHour ?? 0) - (a.rate?.bytesPerHour ?? 0))[0];
  const pending = rows.filter(({ isPending }) => isPending === true).length;
  const silent = rows.filter(({ lastAt }) => now - lastAt > SILENT).length;
  const link = (name: string): Markup => html`<a href="/host/${encodeURIComponent(name)}">${name}</a>`;
  return html`<div id="hosts-summary">
    ${tiles([
      [
        'Lose memory',
        html`<span class="${losing.length > 0 ? 'lost-count' : ''}">${losing.length}</span>`,
        `of ${plural(rows.length, 'host')}`,
      ],
      ...(soonest?.rate?.hoursLeft === undefined
        ? []
        : [['Used up first', link(soonest.name), `in about ${spellHours(soonest.rate.hoursLeft)}`] as const]),
      ...(fastest?.rate ? [['Fastest', link(fastest.name), spellRate(fastest.rate.bytesPerHour)] as const] : []),
      ...(pending > 0 ? [['Being looked at', String(pending), 'not counted yet'] as const] : []),
      ...(silent > 0 ? [['Silent', String(silent), `for more than ${spellHours(SILENT / 3_600_000)}`] as const] : []),
    ])}
  </div>`;
}

/** Also sent alone, when the host pushes. */
export function hostRow(row: HostRow, now: number): Markup {
  const { name, verdict, layer, rate, unexplained, lastAt, since, attributes } = row;
  const isSilent = now - lastAt > SILENT;
  return html`<tr id="host-${encodeURIComponent(name)}" class="v-${verdict}" data-kind="${verdict}">
    <th scope="row">
      <a href="/host/${encodeURIComponent(name)}">${name}</a>
      ${attributes['kernel'] !== undefined && html`<small class="opt-in">${attributes['kernel']}</small>`}
    </th>
    <td>${row.isPending === true ? html`<small class="when">being looked at</small>` : verdictTag(verdict)}</td>
    <td class="n" data-value="${rate?.bytesPerHour ?? 0}">${rate ? spellRate(rate.bytesPerHour) : ''}</td>
    <td class="n" data-value="${rate?.hoursLeft ?? 1e12}">
      ${rate?.hoursLeft === undefined ? '' : spellHours(rate.hoursLeft)}
    </td>
    <td class="opt far when" data-value="${since ?? (rate ? 1 : 0)}">${sinceWords(row)}</td>
    <td class="opt mid">${layer === 'none' ? '' : risingWords(layer)}</td>
    <td class="n opt far" data-value="${unexplained ?? 0}">
      ${unexplained === undefined ? '' : spellBytes(unexplained)} ${shareOf(row)}
    </td>
    <td class="opt when" data-value="${lastAt}">
      <span class="${isSilent ? 'lost-count' : ''}">${spellAge(lastAt, now)}</span>
    </td>
  </tr>`;
}

/** What no counter explains is called so; which layer that points to is told where it is explained. */
export const risingWords = (layer: Layer): string =>
  layer === 'page-allocator' ? 'unexplained memory' : LAYER_WORDS[layer];

const sinceWords = ({ since, rate }: HostRow): Markup | string =>
  since === undefined ? (rate ? html`<small>before recording</small>` : '') : spellMoment(since);

const shareOf = ({ unexplained, totalBytes }: HostRow): Markup | undefined =>
  unexplained !== undefined && totalBytes !== undefined
    ? html`<small>${spellShare(unexplained / totalBytes)}</small>`
    : undefined;
