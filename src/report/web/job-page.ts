import { html, type Markup } from '../html-markup.ts';
import { page } from './layout.ts';
import { workCard, type Work } from './work.ts';

/** A diagnosis that was ordered. Times are milliseconds since 1970. */
export interface JobRow {
  readonly id: string;
  readonly title: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  /** What it is doing. */
  readonly progress: string;
  /** With what, and how far; as a part of 1 where that is known. */
  readonly detail?: string | undefined;
  readonly share?: number | undefined;
  /** When it was ordered; from then on when it began to be worked on. */
  readonly started: number;
  /** Of the document, once it is done. */
  readonly document?: number;
  readonly problem?: string;
}

export const worksOn = ({ state }: JobRow): boolean => state === 'waiting' || state === 'running';

/** `ahead`: of how many others it waits. */
export const workOf = ({ state, progress, detail, share, started }: JobRow, ahead: number, now: number): Work => ({
  state,
  doing: progress,
  ...(detail === undefined ? {} : { detail }),
  ...(share === undefined ? {} : { share }),
  seconds: (now - started) / 1000,
  ahead,
});

export function jobPage(job: JobRow, ahead: number, now: number): string {
  const path = `/jobs/${job.id}`;
  return page(
    job.title,
    '/documents',
    worksOn(job)
      ? workCard(
          workOf(job, ahead, now),
          `/api/v1${path}/live`,
          `${path}/cancel`,
          'This page leads to the diagnosis by itself. It may be closed: the diagnosis comes to stand under Diagnoses. After 15 minutes it is given up.',
        )
      : ended(job),
  );
}

const LOOKS = {
  waiting: 'inconclusive',
  running: 'inconclusive',
  done: 'not-a-leak',
  failed: 'leak',
  cancelled: 'inconclusive',
};

function ended({ state, problem, document }: JobRow): Markup {
  return html`<div class="work hero v-${LOOKS[state]}" id="job">
    <p class="badge"><b>${state}</b></p>
    ${problem !== undefined && html`<p class="doing" role="alert">${problem}</p>`}
    ${state === 'cancelled' && html`<p class="doing">Nothing of it is kept.</p>`}
    <p>
      ${
        document === undefined
          ? html`<a href="/add">Add something else</a> · <a href="/documents">To the diagnoses</a>`
          : html`<a href="/document/${document}">To the diagnosis</a>`
      }
    </p>
  </div>`;
}
