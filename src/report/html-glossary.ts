import type { TermTarget } from './html-findings.ts';
import { html, trustedHtml, type Markup } from './html-markup.ts';

/** A term explained on the page. `html` is markup of this project's glossary, never data: it is taken as it is. */
export interface GlossaryEntry {
  /** As findings name it. */
  readonly term: string;
  /** Makes the address `#term-ID`; entries with the same id are one term with several names, shown once. */
  readonly id?: string;
  readonly title: string;
  readonly html: string;
}

/** Where a term is explained on the page. */
export function termTargets(glossary: readonly GlossaryEntry[]): TermTarget {
  const targets = new Map(glossary.map((entry) => [entry.term.toLowerCase(), addressOf(entry)]));
  return (term) => targets.get(term.toLowerCase());
}

export function glossarySection(glossary: readonly GlossaryEntry[]): Markup | undefined {
  const entries = [...new Map(glossary.toReversed().map((entry) => [addressOf(entry), entry])).values()].toReversed();
  if (entries.length === 0) return undefined;
  return html`<section class="glossary" aria-labelledby="glossary">
    <h2 id="glossary">Terms</h2>
    ${entries.map(
      (entry) =>
        html`<article id="${addressOf(entry)}">
          <h3>${entry.title}</h3>
          ${trustedHtml(entry.html)}
        </article>`,
    )}
  </section>`;
}

const addressOf = ({ id, term }: GlossaryEntry): string => `term-${(id ?? term).replaceAll(/[^\w-]/g, '-')}`;
