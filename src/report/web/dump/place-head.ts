import { html, type Markup } from '../../html-markup.ts';
import { refsLink, viewLink } from './dump-links.ts';

/** The two ways to look at a place. */
export function placeTabs(id: number, address: string, now: 'view' | 'refs', type?: string): Markup {
  const tabs = [
    ['view', viewLink(id, address, type === undefined ? {} : { type }), 'Memory'],
    ['refs', refsLink(id, address), 'Who points here'],
  ] as const;
  return html`<nav class="chips" aria-label="This place">
    ${tabs.map(([name, to, label]) =>
      name === now ? html`<a href="${to}" aria-current="true">${label}</a>` : html`<a href="${to}">${label}</a>`,
    )}
  </nav>`;
}
