import { spellBytes } from '../amounts.ts';
import { html } from '../html-markup.ts';
import { page } from './layout.ts';

export interface Deletion {
  readonly id: number;
  readonly title: string;
  /** What becomes of the file of the dump; absent where there is none. */
  readonly dump?: { readonly isOurs: boolean; readonly bytes: number };
}

/** Asks before it is done. */
export function deletePage({ id, title, dump }: Deletion): string {
  return page(
    'Delete this diagnosis?',
    '/documents',
    html`<p><b class="long">${title}</b></p>
      ${dump?.isOurs === true && html`<p>Its dump, ${spellBytes(dump.bytes)} on this server, is deleted with it.</p>`}
      ${dump?.isOurs === false && html`<p>Its dump stays where it lies: it was not sent to this server.</p>`}
      <p>This cannot be undone.</p>
      <form class="pairing" method="post" action="/document/${id}/delete">
        <button type="submit" class="danger">Delete</button> <a href="/document/${id}">Keep it</a>
      </form>`,
  );
}
