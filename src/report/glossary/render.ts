import { escapeHtml } from '../escape.ts';
import { glossary } from './registry.ts';
import { renderPicture } from './render-svg.ts';
import type { GlossaryTerm } from './term.ts';

/** Narrower than this, lines are no longer filled but words stand alone. */
const NARROWEST = 20;

/** A term for a terminal: title, the short sentence, the text, where to read on. No line is wider than `width`. */
export function renderTermText(term: GlossaryTerm, width: number): string {
  const columns = Math.max(NARROWEST, Math.floor(width));
  const blocks = [term.short, ...term.text].map((paragraph) => wrap(paragraph, columns).join('\n'));
  const see = term.see.length === 0 ? [] : [wrap(`see also: ${titlesOf(term.see).join(', ')}`, columns).join('\n')];
  return [wrap(term.title, columns).join('\n'), ...blocks, ...see].join('\n\n') + '\n';
}

/** A term as a section of a page, with its picture; links go to `#term-ID`. */
export function renderTermHtml(term: GlossaryTerm): string {
  return [
    `<section class="term" id="term-${escapeHtml(term.id)}">`,
    `<h3>${escapeHtml(term.title)}</h3>`,
    renderTermBody(term, () => true),
    '</section>',
  ].join('\n');
}

/** What stands below a term's title. Terms that are not on the page are named, not linked. */
export function renderTermBody(term: GlossaryTerm, onPage: (id: string) => boolean): string {
  const see = term.see.map((id) =>
    onPage(id) ? `<a href="#term-${escapeHtml(id)}">${escapeHtml(titleOf(id))}</a>` : escapeHtml(titleOf(id)),
  );
  return [
    `<p><strong>${escapeHtml(term.short)}</strong></p>`,
    ...(term.picture === undefined ? [] : [`<figure>${renderPicture(term.picture, term.id)}</figure>`]),
    ...term.text.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...(see.length === 0 ? [] : [`<p>See also: ${see.join(', ')}</p>`]),
  ].join('\n');
}

const titlesOf = (ids: readonly string[]): readonly string[] => ids.map(titleOf);

const titleOf = (id: string): string => glossary.find((term) => term.id === id)?.title ?? id;

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}
