import { Option, type Command } from 'commander';
import { writeOut, type Outcome } from './output.ts';

interface Options {
  readonly json?: boolean;
  readonly output?: string;
  readonly format?: string;
}

/**
 * Commands that look something up: two inputs side by side, a known issue, a term. What a command needs is loaded when it
 * runs, so that --help need not wait for all of kleak.
 */
export function addLookUps(program: Command, outcome: Outcome): void {
  program
    .command('compare')
    .summary('two hosts or two moments: what differs, ranked by bytes')
    .description(
      'Sets two hosts, two moments of one host or two crash dumps side by side: what differs, ranked by bytes. It gives no verdict.',
    )
    .argument('<a>', 'a directory of /proc files, an archive, a text file or a crash dump')
    .argument('<b>', 'the other, of the same kind')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (a: string, b: string, given: Options) => {
      const { compare } = await import('../pipeline/compare.ts');
      const { renderComparison } = await import('../report/comparison.ts');
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
    .option('--json', 'print the entries as JSON')
    .action(async (words: string[], given: Options) => {
      const { searchKnown } = await import('../pipeline/known-issues.ts');
      const { renderKnown } = await import('../report/known.ts');
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
    .argument('[term...]', 'terms that an answer used, with commas between; nothing lists all')
    .addOption(new Option('--format <format>', 'how to print').choices(['text', 'html']).default('text'))
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (words: string[], given: Options) => {
      const { explain } = await import('./explain.ts');
      await writeOut(explain(words.join(' '), given.format === 'html'), given.output);
    });
}
