import { spellHours } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';

/** Something that takes a while, as who waits for it sees it. */
export interface Work {
  readonly state: string;
  /** `searching memory for references`: changes seldom, and is read aloud. */
  readonly doing: string;
  /** `slabinfo: 2.1 of 16.0 MiB`: changes all the time. */
  readonly detail?: string;
  /** 0 to 1, where it is known how much there is. */
  readonly share?: number;
  readonly seconds: number;
  /** Others that come first. */
  readonly ahead?: number;
}

/** How it is, and a way to stop it. `live` tells of changes, `cancel` takes the order to end it; `note` says what is good to know. */
export const workCard = (work: Work, live: string, cancel: string, note: string): Markup =>
  html`<div class="work hero v-inconclusive" data-live="${live}">
    ${workFigures(work)}
    <div class="sr" role="status">${workSaid(work)}</div>
    <form method="post" action="${cancel}"><button type="submit">Cancel</button></form>
    <p class="note">${note}</p>
    <noscript><p class="note">Reload this page to see whether it is done.</p></noscript>
  </div>`;

/** Also sent alone, when it changes. */
export function workFigures({ state, doing, detail, share, seconds, ahead = 0 }: Work): Markup {
  const bar =
    share === undefined
      ? html`<progress aria-label="At work"></progress>`
      : html`<progress aria-label="Read" max="100" value="${(share * 100).toFixed(1)}"></progress>`;
  return html`<div id="job">
    <p class="badge"><b>${state}</b></p>
    <p class="doing">${capital(doing)} …</p>
    ${bar}
    <p class="spread">
      <span>${detail}${ahead > 0 && `${ahead === 1 ? 'one' : ahead} before it`}</span>
      <span class="took">${spellHours(Math.max(1, Math.round(seconds)) / 3600)}</span>
    </p>
  </div>`;
}

/** For who does not see it: without what changes every second. Also sent alone. */
export const workSaid = ({ state, doing }: Work): Markup => html`<p id="job-said">${state}: ${doing}</p>`;

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
