import type { Diagnosis } from '../../findings/diagnosis.ts';
import { findTerm } from './find.ts';
import { renderTermHtml } from './render.ts';

/** The terms that a diagnosis uses, each once, as the HTML report takes them. */
export function glossaryFor(
  diagnosis: Diagnosis,
): readonly { readonly term: string; readonly title: string; readonly html: string }[] {
  const terms = [...new Set(diagnosis.findings.flatMap((f) => f.terms ?? []))];
  return terms.flatMap((name) => {
    const term = findTerm(name);
    return term ? [{ term: name, title: term.title, html: renderTermHtml(term) }] : [];
  });
}
