import { glossary } from './registry.ts';
import type { GlossaryTerm } from './term.ts';

/**
 * The term that a reader means: by id, title or other spelling, whatever the case, dashes and plural. Where there is no
 * such term, the only one, or the first, whose name holds the query.
 */
export function findTerm(query: string): GlossaryTerm | undefined {
  const wanted = plain(query.slice(0, 100));
  if (wanted === '') return undefined;
  return (
    glossary.find((term) => spellings(term).includes(wanted)) ??
    glossary.find((term) => spellings(term).includes(wanted.replace(/s$/, ''))) ??
    glossary.find((term) => wanted.length > 2 && spellings(term).some((spelling) => spelling.includes(wanted)))
  );
}

/** Titles that begin as the query does, for one that is misspelt further on. */
export function termsLike(query: string): readonly string[] {
  const start = plain(query).slice(0, 3);
  if (start.length < 3) return [];
  return glossary.filter((term) => spellings(term).some((s) => s.startsWith(start))).map(({ title }) => title);
}

const spellings = ({ id, title, also }: GlossaryTerm): readonly string[] => [id, title, ...also].map(plain);

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
