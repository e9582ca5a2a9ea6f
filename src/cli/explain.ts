import { InputError } from '../pipeline/errors.ts';
import { findTerm, termsLike } from '../report/glossary/find.ts';
import { renderTermPage } from '../report/glossary/page.ts';
import { glossary } from '../report/glossary/registry.ts';
import { renderTermText } from '../report/glossary/render.ts';
import type { GlossaryTerm } from '../report/glossary/term.ts';

/** Answers list their terms with commas; each is explained in turn. */
export function explain(query: string, html: boolean): string {
  if (query === '') return glossary.map((t) => `${t.title}: ${t.short}\n`).join('');
  const names = query.split(',').map((name) => name.trim());
  const terms = names.filter((name) => name !== '').map(termOf);
  return html
    ? renderTermPage(terms)
    : terms.map((t) => renderTermText(t, Math.min(100, process.stdout.columns || 80))).join('\n');
}

function termOf(name: string): GlossaryTerm {
  const term = findTerm(name);
  if (!term) {
    const like = termsLike(name).slice(0, 3).join(', ');
    const near = like === '' ? '' : `did you mean ${like}? `;
    throw new InputError(name, 'is not in the glossary', `${near}kleak explain lists all terms`);
  }
  return term;
}
