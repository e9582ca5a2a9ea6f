import type { Command } from 'commander';
import type { OpenableDump } from '../../pipeline/dump/packed-dump.ts';
import { writeOut, type Outcome } from '../output.ts';
import { openable, symbolsOption, type CoreOptions } from './with-session.ts';

/** `kleak core compare A B`: two dumps of one boot, or of one build. */
export function addCompare(core: Command, outcome: Outcome): void {
  symbolsOption(core.command('compare <a> <b>'))
    .summary('two dumps: what grew by cache, by use, by what is lost; what was there before')
    .option('--json', 'print the document as JSON')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action(async (a: string, b: string, options: CoreOptions) => {
      const { compareTwo } = await import('../../pipeline/dump/compare-two.ts');
      const { renderCoreComparison } = await import('../../report/core/comparison-text.ts');
      const opened: OpenableDump[] = [];
      try {
        const first = await openable(a);
        opened.push(first);
        const second = await openable(b);
        opened.push(second);
        const document = compareTwo(first, second, options.symbols ?? []);
        await writeOut(
          options.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : renderCoreComparison(document),
          options.output,
        );
      } finally {
        for (const dump of opened) dump.close();
      }
      outcome.status = 0;
    });
}
