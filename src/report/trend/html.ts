import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { TrendDocument, TrendQuantity } from '../../findings/trend.ts';
import { plural, spellBytes, spellHours, spellRate, spellTime } from '../amounts.ts';
import { findingsSection } from '../html-findings.ts';
import { glossarySection, termTargets, type GlossaryEntry } from '../html-glossary.ts';
import { html, htmlSource, trustedHtml, type Markup } from '../html-markup.ts';
import { CONTENT_SECURITY_POLICY } from '../html-policy.ts';
import { SCRIPT } from '../html-script.ts';
import { seriesSection } from '../html-series.ts';
import { STYLE } from '../html-style.ts';
import { VERDICT_WORDS } from '../words.ts';
import { coincidingWords, endLine, eventWords, floorLine, momentWords, rateLine, whenWords } from './words.ts';

/** Events that a chart can show without becoming a fence. */
const MOST_MARKS = 40;
const MOST_CHARTS = 24;

/** The trends as one file: opens offline, loads nothing, prints, and is whole without JavaScript. */
export function renderTrendHtml(document: TrendDocument, glossary: readonly GlossaryEntry[] = []): string {
  const { verdict, summary, recording, boots, inputs } = document;
  const like = asDiagnosis(document);
  const from = recording.from === undefined ? '' : `${spellTime(recording.from)} · `;
  const span = `${from}${spellHours(recording.spanSeconds / 3600)} · ${plural(recording.samples, 'sample')}`;
  return htmlSource(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <meta name="generator" content="kleak" />
          <title>${VERDICT_WORDS[verdict]}: ${summary}</title>
          <link rel="icon" href="data:," />
          ${trustedHtml(`<style>${STYLE}</style>`)}
        </head>
        <body>
          <header class="head v-${verdict}">
            <div class="wrap">
              <p class="brand">
                <span><b>kleak</b> trend</span>
                <span>${span}${boots.length > 1 && ` · ${plural(boots.length, 'boot')}`}</span>
              </p>
              <p class="badge">${VERDICT_WORDS[verdict]}</p>
              <h1>${summary}</h1>
            </div>
          </header>
          <main class="wrap">
            ${findingsSection(like, termTargets(glossary))} ${seriesSection(like)} ${behaviourSection(document)}
            ${eventsSection(document)} ${glossarySection(glossary)}
          </main>
          <footer class="wrap">
            Made by kleak from ${[...new Set(inputs.map(({ file }) => file))].slice(0, 5).join(', ')}. Sizes are in
            binary units: 1 GiB is 1024 MiB. Rates are told with the interval that holds 95 % of what the samples allow.
          </footer>
          ${trustedHtml(`<script>${SCRIPT}</script>`)}
        </body>
      </html>`,
  );
}

/** What the sections of a diagnosis show of this document. */
function asDiagnosis(document: TrendDocument): Diagnosis {
  const { verdict, layer, summary, findings, unread, inputs, quantities, events } = document;
  const marks = events
    .filter(({ kind }) => !kind.startsWith('recording-'))
    .slice(-MOST_MARKS)
    .map((event) => ({ seconds: Date.parse(event.at) / 1000, text: `${spellTime(event.at)}: ${eventWords(event)}` }));
  return {
    schema: 'kleak.diagnosis/1',
    verdict,
    layer,
    summary,
    findings,
    unread,
    inputs,
    snapshots: [],
    series: quantities.slice(0, MOST_CHARTS).map(({ label, points, direction, teeth, floor, rate }) => {
      const told = teeth ? floor : rate;
      return { name: label, points, marks, ...(direction === 'rising' && told ? { rate: told } : {}) };
    }),
    skipped: [],
  };
}

function behaviourSection(document: TrendDocument): Markup {
  const wallClock = document.recording.from !== undefined;
  const { quiet, quantities } = document;
  return html`<section aria-labelledby="behaviour">
    <h2 id="behaviour">How each behaves</h2>
    ${quantities.map((quantity) => behaviour(quantity, wallClock))}
    ${
      quiet.quantities > 0 &&
      html`<p class="note">
        ${plural(quiet.quantities, 'more')} changed by less than ${spellBytes(quiet.belowBytes)}.
      </p>`
    }
  </section>`;
}

function behaviour(quantity: TrendQuantity, wallClock: boolean): Markup {
  const { label, direction, firstBytes, lastBytes, rhythm, changes, rate } = quantity;
  const end = endLine(quantity);
  const floor = floorLine(quantity);
  return html`<details ${direction === 'rising' && html`open`}>
    <summary>
      <b>${label}</b> ${spellBytes(firstBytes)} → ${spellBytes(lastBytes)},
      ${direction}${rate && `, ${spellRate(rate.bytesPerHour)}`}
    </summary>
    <ul class="plain">
      <li>Rate: ${rateLine(quantity)}</li>
      ${floor !== undefined && html`<li>Lowest values: ${floor}</li>`}
      ${rhythm && html`<li>Swings by ${spellBytes(rhythm.heightBytes)} with the hour of the day; taken out.</li>`}
      ${changes.map((m) => html`<li><b>${whenWords(m, wallClock)}</b> ${momentWords(m)}: ${coincidingWords(m)}</li>`)}
      ${end !== undefined && html`<li>End: ${end}</li>`}
    </ul>
  </details>`;
}

function eventsSection({ events }: TrendDocument): Markup | undefined {
  if (events.length === 0) return undefined;
  return html`<section aria-labelledby="events">
    <h2 id="events">What changed on the host</h2>
    <ul class="plain">
      ${events.map((event) => html`<li><b>${spellTime(event.at)}</b> ${eventWords(event)}</li>`)}
    </ul>
  </section>`;
}
