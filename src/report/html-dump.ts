import type { Diagnosis } from '../findings/diagnosis.ts';
import type { DumpView, DumpViewChain, DumpViewPages, DumpViewThing } from '../findings/dump-view.ts';
import { grouped, plural, spellBytes } from './amounts.ts';
import { html, type Markup } from './html-markup.ts';

/** More than these are in the findings, and in the document. */
const MOST = 6;

/** What a crash dump shows: the things that are lost, one of each looked into, and the ways to what is kept. */
export function dumpSection({ dump }: Diagnosis): Markup | undefined {
  if (dump === undefined) return undefined;
  const more = dump.lost.length - MOST;
  return html`<section aria-labelledby="dump">
    <h2 id="dump">What the dump shows</h2>
    <p>${searched(dump)}</p>
    ${dump.lost.slice(0, MOST).map(thing)} ${more > 0 && html`<p class="note">and ${plural(more, 'smaller thing')}</p>`}
    ${dump.lostPages.map(lostPages)} ${dump.chains.map(chain)}
  </section>`;
}

const lostPages = ({ kind, pages, blocks, bytes, reachable }: DumpViewPages): Markup =>
  html`<figure class="chart lost">
    <figcaption><b>${grouped(blocks)} ×</b>, ${spellBytes(bytes)}</figcaption>
    <ul class="boxes">
      <li>
        <b>${kind === 'vmalloc' ? 'vmalloc area' : 'block'} of ${plural(pages, 'page')}</b>
        <small>${grouped(reachable)} more are still referred to</small>
      </li>
    </ul>
  </figure>`;

function searched({ scanned, missingBytes, lost, lostPages: pages }: DumpView): string {
  const what = `${spellBytes(scanned.bytes)} of kernel memory were searched for addresses of ${plural(scanned.objects, 'object')} and of pages.`;
  const found =
    lost.length + pages.length === 0
      ? ' A root leads to all of them but the few that every kernel drops at boot.'
      : ' Nothing leads to these:';
  const unseen = missingBytes === 0 ? '' : ` ${spellBytes(missingBytes)} that may hold addresses are not in the dump.`;
  return `${what}${unseen}${found}`;
}

/** One lost thing: its parts side by side, and what the words of one of them name. */
function thing({ units, bytes, parts, sample }: DumpViewThing): Markup {
  return html`<figure class="chart lost">
    <figcaption><b>${grouped(units)} ×</b>, ${spellBytes(bytes)}</figcaption>
    <ul class="boxes">
      ${parts.map(
        ({ cache, type, bytes: size }) =>
          html`<li><b>${type ?? 'type not known'}</b> <small>${cache}, ${spellBytes(size)}</small></li>`,
      )}
    </ul>
    ${sample && sample.words.length > 0 && words(sample)}
  </figure>`;
}

const words = ({ address, words: named }: NonNullable<DumpViewThing['sample']>): Markup =>
  html`<table class="words">
    <caption>
      One of them, at
      <code>${address}</code>
    </caption>
    <tbody>
      ${named.map(
        ({ offset, symbol, member }) =>
          html`<tr>
            <td class="n"><code>+${offset}</code></td>
            <td>${member ?? ''}</td>
            <td><code>${symbol}</code></td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** The way from a root, one box below the other. */
const chain = ({ to, kept, steps }: DumpViewChain): Markup =>
  html`<figure class="chart">
    <figcaption>
      <b>How the kernel still reaches ${grouped(kept)} of the ${to}</b>
    </figcaption>
    <ol class="way">
      ${steps.map((step, i) => html`<li>${i === 0 && html`<small>root</small> `}<code>${step}</code></li>`)}
    </ol>
  </figure>`;
