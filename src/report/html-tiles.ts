import { html, type Markup } from './html-markup.ts';

/** Figures that answer a page's first question, side by side. */
export const tiles = (all: readonly (readonly [name: string, value: Markup | string, more?: string])[]): Markup =>
  html`<dl class="stats">
    ${all.map(
      ([name, value, more = '']) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value} ${more !== '' && html`<small>${more}</small>`}</dd>
        </div>`,
    )}
  </dl>`;
