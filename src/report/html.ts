import type { Diagnosis } from '../findings/diagnosis.ts';
import { plural, spellBytes, spellConfidence, spellHours, spellTime } from './amounts.ts';
import { dumpSection } from './html-dump.ts';
import { findingsSection } from './html-findings.ts';
import { glossarySection, termTargets, type GlossaryEntry } from './html-glossary.ts';
import { html, htmlSource, trustedHtml, type Markup } from './html-markup.ts';
import { memoryBar, memorySection } from './html-memory.ts';
import { CONTENT_SECURITY_POLICY } from './html-policy.ts';
import { SCRIPT } from './html-script.ts';
import { tiles } from './html-tiles.ts';
import { seriesSection } from './html-series.ts';
import { STYLE } from './html-style.ts';
import { rateSlope } from './rate-words.ts';
import { sharedDirectory } from './sources.ts';
import { LAYER_WORDS, VERDICT_WORDS } from './words.ts';

export interface HtmlOptions {
  /** Terms to explain at the end of the page; findings link to those they use. */
  readonly glossary?: readonly GlossaryEntry[];
  /** Where it is a page of the server: style and script are files of the same server, and bars stand above. */
  readonly site?: { readonly style: string; readonly scripts: readonly string[]; readonly bars: Markup };
}

export type { GlossaryEntry } from './html-glossary.ts';

/** The diagnosis as one file: opens offline, loads nothing, prints, and is whole without JavaScript. */
export function renderHtml(diagnosis: Diagnosis, options: HtmlOptions = {}): string {
  const { glossary = [], site } = options;
  const termTarget = termTargets(glossary);
  return htmlSource(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          ${site === undefined && html`<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}" />`}
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <meta name="referrer" content="no-referrer" />
          <meta name="generator" content="kleak" />
          <title>${VERDICT_WORDS[diagnosis.verdict]}: ${diagnosis.summary}</title>
          <link rel="icon" href="data:," />
          ${
            site
              ? html`<link rel="stylesheet" href="${site.style}" />
                  ${site.scripts.map((script) => html`<script src="${script}" defer></script>`)}`
              : trustedHtml(`<style>${STYLE}</style>`)
          }
        </head>
        <body>
          ${site?.bars} ${head(diagnosis)}
          <main class="wrap" id="main">
            ${findingsSection(diagnosis, termTarget)} ${dumpSection(diagnosis)} ${memorySection(diagnosis)}
            ${seriesSection(diagnosis)} ${unseenSection(diagnosis)} ${inputsSection(diagnosis)}
            ${glossarySection(glossary)}
          </main>
          <footer class="wrap">
            Made by kleak from the inputs above. Sizes are in binary units: 1 GiB is 1024 MiB. Every figure can be
            checked at the place named beside it.
          </footer>
          ${!site && trustedHtml(`<script>${SCRIPT}</script>`)}
        </body>
      </html>`,
  );
}

/** Characters: more is a paragraph, and set as one. */
const LONG = 150;

function head(diagnosis: Diagnosis): Markup {
  const { verdict, summary, host, snapshots } = diagnosis;
  const machine = [host?.name, host?.release, host?.machine].filter((word) => word !== undefined).join(' · ');
  return html`<header class="head v-${verdict}">
    <div class="wrap">
      <p class="brand">
        <span><b>kleak</b> diagnosis</span>
        <span
          >${machine}${machine !== '' && snapshots.length > 1 && ' · '}${snapshots.length > 1 && `${snapshots.length} snapshots`}</span
        >
      </p>
      <p class="badge">${VERDICT_WORDS[verdict]}</p>
      <h1 ${summary.length > LONG && html`class="long"`}>${summary}</h1>
      ${stats(diagnosis)} ${memoryBar(diagnosis)}
    </div>
  </header>`;
}

/** The figures that answer "how much, how fast, how long". */
function stats(diagnosis: Diagnosis): Markup | undefined {
  const { confidence, rate, accounting, layer, findings } = diagnosis;
  const shown: (readonly [name: string, value: string, more?: string])[] = [];
  const bytes = findings[0]?.bytes;
  if (layer !== 'none') {
    const of = accounting === undefined ? '' : ` of ${spellBytes(accounting.totalBytes)}`;
    shown.push(['Where', LAYER_WORDS[layer], bytes === undefined ? '' : `${spellBytes(bytes)}${of}`]);
  }
  if (rate !== undefined) {
    const [slope = '', between = ''] = rateSlope(rate).split(', ');
    shown.push(['Rate', slope.replace(/^grows by /, ''), between]);
    if (rate.hoursLeft !== undefined && diagnosis.verdict !== 'not-a-leak') {
      const at = rate.exhaustion === undefined ? '' : spellTime(rate.exhaustion);
      shown.push(['Memory is used up', `in about ${spellHours(rate.hoursLeft)}`, at]);
    }
  }
  if (confidence !== undefined) shown.push(['Confidence', spellConfidence(confidence)]);
  if (shown.length === 0) return undefined;
  return tiles(shown);
}

function unseenSection({ unread, accounting, skipped }: Diagnosis): Markup | undefined {
  const notes = accounting?.notes ?? [];
  if (unread.length + notes.length + skipped.length === 0) return undefined;
  return html`<section aria-labelledby="unseen">
    <h2 id="unseen">What was not seen</h2>
    <ul class="plain">
      ${unread.map(({ what, why }) => html`<li><b>${what}</b>: ${why}</li>`)}
      ${notes.map((note) => html`<li>${note}</li>`)}
    </ul>
    ${
      skipped.length > 0 &&
      html`<details>
        <summary>${plural(skipped.length, 'rule')} could not look</summary>
        <ul class="plain">
          ${skipped.map(({ rule, because }) => html`<li><code>${rule}</code>: ${because}</li>`)}
        </ul>
      </details>`
    }
  </section>`;
}

function inputsSection(diagnosis: Diagnosis): Markup | undefined {
  const { inputs } = diagnosis;
  if (inputs.length === 0) return undefined;
  const directory = sharedDirectory(diagnosis);
  const list = html`<ul class="inputs">
    ${inputs.map(({ kind, file }) => html`<li>${kind}${inputFile(kind, file.slice(directory.length))}</li>`)}
  </ul>`;
  return html`<section aria-labelledby="inputs">
    <h2 id="inputs">What was read</h2>
    ${directory !== '' && html`<p class="note">In <code>${directory}</code></p>`}
    ${
      inputs.length > 12
        ? html`<details>
            <summary>${plural(inputs.length, 'input')}</summary>
            ${list}
          </details>`
        : list
    }
  </section>`;
}

/** A file that is called what it holds need not be named twice. */
const inputFile = (kind: string, file: string): Markup | undefined =>
  kind === file ? undefined : html` <code class="source">${file}</code>`;
