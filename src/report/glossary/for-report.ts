import type { Diagnosis } from '../../findings/diagnosis.ts';
import type { GlossaryEntry } from '../html-glossary.ts';
import { findTerm } from './find.ts';
import { renderTermBody } from './render.ts';

/** The terms that a diagnosis uses, as the HTML report takes them. Two names of one term have the same id. */
export function glossaryFor(diagnosis: Diagnosis): readonly GlossaryEntry[] {
  const names = [...new Set(diagnosis.findings.flatMap((f) => f.terms ?? []))];
  const found = names.flatMap((name) => {
    const term = findTerm(name);
    return term ? [{ name, term }] : [];
  });
  const ids = new Set(found.map(({ term }) => term.id));
  return found.map(({ name, term }) => ({
    term: name,
    id: term.id,
    title: term.title,
    html: renderTermBody(term, (id) => ids.has(id)),
  }));
}
