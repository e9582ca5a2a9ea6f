import type { Command } from 'commander';
import { compare } from '../pipeline/compare.ts';
import { InputError } from '../pipeline/errors.ts';
import { searchKnown } from '../pipeline/known-issues.ts';
import { renderComparison } from '../report/comparison.ts';
import { findTerm } from '../report/glossary/find.ts';
import { glossary } from '../report/glossary/registry.ts';
import { renderTermPage } from '../report/glossary/page.ts';
import { renderTermText } from '../report/glossary/render.ts';
import type { GlossaryTerm } from '../report/glossary/term.ts';
import { renderKnown } from '../report/known.ts';
import { writeOut, type Outcome } from './output.ts';

interface Options {
  readonly json?: boolean;
  readonly output?: string;
  readonly format?: string;
}

/** Commands that look something up: two inputs side by side, a known issue, a term. */
export function addLookUps(program: Command, outcome: Outcome): void {
  program
    .command('compare')
    .summary('two hosts or two moments: what differs, ranked by bytes')
    .argument('<a>')
    .argument('<b>')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (a: string, b: string, given: Options) => {
      const comparison = await compare(a, b);
      await writeOut(
        given.json === true ? `${JSON.stringify(comparison, undefined, 2)}\n` : renderComparison(comparison),
        given.output,
      );
    });
  program
    .command('known')
    .summary('the knowledge base: known leaks and false alarms, by cache, function, module or version')
    .argument('[query...]', 'words to look for; nothing lists all')
    .option('--json', 'print as JSON')
    .action(async (words: string[], given: Options) => {
      const issues = searchKnown(words.join(' '));
      await writeOut(
        given.json === true ? `${JSON.stringify(issues, undefined, 2)}\n` : renderKnown(issues, words.join(' ')),
        undefined,
      );
      outcome.status = issues.length > 0 ? 0 : 3;
    });
  program
    .command('explain')
    .summary('what a term means, in plain words')
    .argument('[term...]', 'a term that an answer used; nothing lists all')
    .option('--format <format>', 'text or html', 'text')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (words: string[], given: Options) => {
      await writeOut(explain(words.join(' '), given.format === 'html'), given.output);
    });
}

/** Answers list their terms with commas; each is explained in turn. */
function explain(query: string, html: boolean): string {
  if (query === '') return glossary.map((t) => `${t.title}: ${t.short}\n`).join('');
  const names = query.split(',').map((name) => name.trim());
  const terms = names.filter((name) => name !== '').map(termOf);
  return html
    ? renderTermPage(terms)
    : terms.map((t) => renderTermText(t, Math.min(100, process.stdout.columns || 80))).join('\n');
}

function termOf(name: string): GlossaryTerm {
  const term = findTerm(name);
  if (!term) throw new InputError(name, 'is not in the glossary', 'kleak explain lists all terms');
  return term;
}
