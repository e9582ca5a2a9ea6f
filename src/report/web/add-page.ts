import { spellBytes } from '../amounts.ts';
import { html, type Markup } from '../html-markup.ts';
import { page, table } from './layout.ts';
import { spellMoment } from './spell-moment.ts';

/** A file or folder that lies on the server. */
export interface OfferedRow {
  readonly key: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly bytes?: number;
  readonly at: number;
}

export interface OfferedRows {
  /** Newest first. */
  readonly items: readonly OfferedRow[];
  /** Whether the folders are being read for the first time. */
  readonly isReading: boolean;
  /** Whether there is more than is listed. */
  readonly isCut: boolean;
  /** Folders that could not be read, in words. */
  readonly unread: readonly string[];
}

/** `offered`: what lies on the server; absent where nothing is to be offered. `hideNames`: names tell too much. */
export function addPage(mostBytes: number, offered?: OfferedRows, hideNames = false): string {
  return page(
    'Add',
    '/add',
    html`<p>
        A crash dump, a snapshot of <code>kleak snapshot</code>, a support archive, any text. What it is is told from
        its content.
      </p>
      <form id="upload" hidden>
        <label for="file">Files, up to ${spellBytes(mostBytes)}</label>
        <input id="file" type="file" multiple />
        <button type="submit" class="primary">Diagnose</button>
        <p class="note">Or drop them anywhere on this page. Several are diagnosed together, as files of one host.</p>
        <progress id="bar" hidden aria-label="Upload"></progress>
        <p id="said" role="alert"></p>
      </form>
      ${offered && offeredFiles(offered, hideNames)}
      <form class="paste" method="post" action="/paste">
        <label for="text">Or text: /proc files, a kernel log, reports of kmemleak or page_owner, slabtop …</label>
        <textarea id="text" name="text" required></textarea>
        <p><button type="submit">Diagnose</button></p>
      </form>`,
  );
}

/** Needs no script: a form with a box for each. */
function offeredFiles({ items, isReading, isCut, unread }: OfferedRows, hideNames: boolean): Markup {
  return html`<section aria-labelledby="offered">
    <h2 id="offered">On the server</h2>
    ${
      isReading
        ? html`<p class="empty">The folders are still being read. <a href="/add">Look again</a></p>`
        : html`<form method="post" action="/files" class="offered">
            ${table(
              'files',
              ['Name', { name: 'Size', right: true }, { name: 'Written', right: true }],
              items.map((item, i) => offeredRow(item, hideNames ? `${item.kind} ${i + 1}` : item.name)),
              html`There is no file in the folders of this server.`,
              { search: 'Name' },
            )}
            ${
              items.length > 0 &&
              html`<p class="choose">
                <button type="submit" class="primary">Diagnose</button>
                <span class="note">What is ticked, where it lies; several together, as files of one host.</span>
              </p>`
            }
          </form>`
    }
    ${isCut && html`<p class="note">There is more than is listed: give folders further in with <code>--files</code>.</p>`}
    ${unread.map((line) => html`<p class="note">${hideNames ? 'A folder cannot be read.' : line}</p>`)}
  </section>`;
}

const offeredRow = ({ key, kind, bytes, at }: OfferedRow, name: string): Markup =>
  html`<tr>
    <th scope="row">
      <label class="tick"
        ><input type="checkbox" name="file" value="${key}" /> ${name}${kind === 'folder' && '/'}</label
      >
    </th>
    <td class="n" data-value="${bytes ?? -1}">${bytes === undefined ? 'folder' : spellBytes(bytes)}</td>
    <td class="n" data-value="${at}">${spellMoment(at)}</td>
  </tr>`;
