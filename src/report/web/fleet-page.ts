import type { Fleet, FleetAssociation, FleetLeak, FleetTwins } from '../../findings/fleet.ts';
import { grouped, plural, spellHours, spellRate, spellShare } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';
import { VERDICT_WORDS } from '../words.ts';
import { tiles } from '../html-tiles.ts';
import { page, table } from './layout.ts';

/** Whether a host has a page of its own here. */
export type HasPage = (host: string) => boolean;

/** What a metrics server says of all hosts; `problem` is what is wrong with it, `server` who is asked. */
export function fleetPage(
  [fleet, problem, server]: readonly [Fleet | undefined, string | undefined, string | undefined],
  hasPage: HasPage,
): string {
  if (!fleet)
    return page(
      'Fleet',
      '/fleet',
      html`<p ${problem !== undefined && html`role="alert"`}>
          ${problem ?? (server === undefined ? 'No metrics server was named.' : `${server} is being asked; look again in a minute.`)}
        </p>
        <p class="note">
          <code>kleak serve --metrics URL</code> reads Prometheus, or what speaks like it, and keeps no copy. Hosts that
          push are on the page <a href="/">Hosts</a>.
        </p>`,
    );
  return page(
    'Fleet',
    '/fleet',
    html`<header class="hero v-${fleet.verdict}">
        <p class="badge">${VERDICT_WORDS[fleet.verdict]}</p>
        <h1>${fleet.summary}</h1>
        ${figures(fleet)}
      </header>
      ${problem !== undefined && html`<p role="alert">${problem}</p>`} ${associations(fleet)} ${leaks(fleet, hasPage)}
      ${fleet.twins.length > 0 && twinsSection(fleet.twins, hasPage)} ${unseen(fleet)}
      <p class="note">
        ${fleet.load.server}: ${fleet.from.slice(0, 16).replace('T', ' ')} to ${fleet.to.slice(0, 16).replace('T', ' ')}
        in steps of ${spellHours(fleet.stepSeconds / 3600)}; ${grouped(fleet.load.queries)} queries,
        ${grouped(fleet.load.samples)} samples.
      </p>`,
    { lead: html`` },
  );
}

function figures({ hosts, leaking }: Fleet): Markup {
  const soonest = leaking.toSorted((a, b) => (a.rate.hoursLeft ?? 1e12) - (b.rate.hoursLeft ?? 1e12))[0];
  return tiles([
    ['Lose memory', grouped(hosts.leaking), `of ${plural(hosts.total, 'host')}`],
    ...(soonest?.rate.hoursLeft === undefined
      ? []
      : [['Used up first', soonest.host, `in about ${spellHours(soonest.rate.hoursLeft)}`] as const]),
    ...(leaking[0] ? [['Fastest, of its RAM', leaking[0].host, spellRate(leaking[0].rate.bytesPerHour)] as const] : []),
    ...(hosts.untold > 0 ? [['Cannot tell', grouped(hosts.untold), 'too few whole days'] as const] : []),
  ]);
}

function associations({ association, equalAssociations, leaking, tried }: Fleet): Markup | undefined {
  if (leaking.length === 0) return undefined;
  return html`<section aria-labelledby="association">
    <h2 id="association">What they have in common</h2>
    ${
      association
        ? html`${associationCard(association)}
          ${
            equalAssociations.length > 0 &&
            html`<p class="note">
              These divide the hosts as well: ${equalAssociations.map(({ label }) => label).join('; ')}.
            </p>`
          }`
        : html`<p class="empty">
            Nothing separates them from the healthy hosts: ${grouped(tried)} values and pairs were tried.
          </p>`
    }
  </section>`;
}

function associationCard({ label, withIt, withoutIt, onset, contradicting, oddsRatio }: FleetAssociation): Markup {
  const share = ({ leaking, healthy }: FleetAssociation['withIt']): string =>
    `${grouped(leaking)} of ${grouped(leaking + healthy)}`;
  return html`<article class="card v-growth">
    <header>
      <h3>${label}</h3>
      <p class="tags"><span class="tag">associated with, which is not caused by</span></p>
    </header>
    <dl class="facts wide">
      ${fact('With it', `${share(withIt)} hosts leak`)} ${fact('Without', `${share(withoutIt)} hosts leak`)}
      ${fact('Odds ratio', `${digits(oddsRatio.value)}, 95 % sure: between ${digits(oddsRatio.low)} and ${digits(oddsRatio.high)}`)}
      ${onset && fact('Onset', `the leak began within two days of the change on ${onset.aligned} of ${onset.changed} hosts`)}
      ${
        contradicting.healthyWithIt.length + contradicting.leakingWithoutIt.length > 0 &&
        fact(
          'Against it',
          [
            ...(contradicting.healthyWithIt.length > 0
              ? [`healthy with it: ${contradicting.healthyWithIt.join(', ')}`]
              : []),
            ...(contradicting.leakingWithoutIt.length > 0
              ? [`leaking without it: ${contradicting.leakingWithoutIt.join(', ')}`]
              : []),
          ].join('; '),
        )
      }
    </dl>
  </article>`;
}

const digits = (n: number): string =>
  n >= 1e6 ? 'a million' : n >= 1000 ? grouped(Number(n.toPrecision(3))) : Number(n.toPrecision(3)).toString();

const fact = (name: string, value: string): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

/** A host that also pushes, or is scraped, leads to what is known of it. */
const named = (host: string, hasPage: HasPage): Markup =>
  hasPage(host) ? html`<a href="/host/${encodeURIComponent(host)}">${host}</a>` : html`${host}`;

function leaks({ leaking }: Fleet, hasPage: HasPage): Markup {
  const kinds = [...new Set(leaking.map(({ signal }) => signal))].map((signal) => [signal, signal] as const);
  return html`<section aria-labelledby="leaks-head">
    <h2 id="leaks-head">Hosts that lose memory</h2>
    ${table(
      'leaks',
      [
        'Host',
        { name: 'Rate', right: true },
        { name: 'Of RAM a day', right: true, optional: true },
        { name: 'Used up in', right: true },
        { name: 'What rises', optional: true },
        { name: 'Since', optional: true },
      ],
      leaking.map((leak) => leakRow(leak, hasPage)),
      html`No host loses memory.`,
      { kinds, search: 'Host, cache' },
    )}
  </section>`;
}

const leakRow = ({ host, rate, shareOfRamPerDay, signal, since, until, caches }: FleetLeak, hasPage: HasPage): Markup =>
  html`<tr data-kind="${signal}">
    <th scope="row">${named(host, hasPage)} <small class="only-narrow">${signal}</small></th>
    <td class="n" data-value="${rate.bytesPerHour}">${spellRate(rate.bytesPerHour)}</td>
    <td class="n opt" data-value="${shareOfRamPerDay}">${spellShare(shareOfRamPerDay)}</td>
    <td class="n" data-value="${rate.hoursLeft ?? 1e12}">
      ${rate.hoursLeft === undefined ? '' : spellHours(rate.hoursLeft)}
    </td>
    <td class="opt">
      ${signal} ${caches?.[0] && html`<small>${caches[0].cache}, ${spellRate(caches[0].bytesPerHour)}</small>`}
    </td>
    <td class="opt when" data-value="${since === undefined ? 0 : Date.parse(since)}">
      ${since?.slice(0, 10) ?? 'all the time'}
      ${until !== undefined && html`<small>until ${until.slice(0, 10)}</small>`}
    </td>
  </tr>`;

const twinsSection = (twins: readonly FleetTwins[], hasPage: HasPage): Markup =>
  html`<section aria-labelledby="twins">
    <h2 id="twins">Beside its healthy twins</h2>
    <div class="twins">
      ${twins.map(
        ({ host, peers, shared, differs }) =>
          html`<article class="card v-inconclusive">
            <h3>${named(host, hasPage)}</h3>
            <p class="note">
              ${plural(peers, 'healthy host')} most like it${shared.length > 0 && `: they share ${shared.join(', ')}`}.
            </p>
            <ul class="plain">
              ${differs.map(
                ({ attribute, value, peersWithIt }) =>
                  html`<li>
                    <b>${attribute}</b>: ${value}
                    <small>${peersWithIt === 0 ? 'none of them has it' : `${peersWithIt} of them have it too`}</small>
                  </li>`,
              )}
            </ul>
          </article>`,
      )}
    </div>
  </section>`;

function unseen({ unread, lacks }: Fleet): Markup | undefined {
  if (unread.length + lacks.length === 0) return undefined;
  return html`<section aria-labelledby="lacks">
    <h2 id="lacks">What was not seen</h2>
    <ul class="plain">
      ${lacks.map((lack) => html`<li>${lack}</li>`)}
      ${unread.map(({ what, why }) => html`<li><b>${what}</b>: ${why}</li>`)}
    </ul>
  </section>`;
}
