import type { Command } from 'commander';
import { spellCount } from '../../base/spelling.ts';
import type { ExportProgress } from '../../pipeline/core/export.ts';
import { writeOut, type Outcome } from '../output.ts';
import { terminalLine } from '../progress.ts';
import { symbolsOption, withSession, type CoreOptions } from './with-session.ts';

interface ExportCommandOptions extends CoreOptions {
  readonly sqlite: string;
  readonly force?: boolean;
}

/** `kleak core export`: a dump as tables that SQL can query. */
export function addExport(core: Command, outcome: Outcome, version: string): void {
  symbolsOption(core.command('export <dump>'))
    .summary('pages, caches, slabs, objects and symbols as tables of an SQLite file')
    .requiredOption('--sqlite <file>', 'the file to write; docs/scripting.md describes its tables')
    .option('--force', 'replace the file where it is there already')
    .option('--json', 'print what was written as JSON')
    .action(async (dump: string, options: ExportCommandOptions) => {
      const { exportSqlite } = await import('../../pipeline/core/export.ts');
      const { renderCoreExport } = await import('../../report/core/export-text.ts');
      const document = await withSession(dump, options, (session) =>
        stoppable(async (signal) => {
          const line = terminalLine(process.stderr);
          const progress = countProgress((text) => line.show(text));
          try {
            const given = { version, signal, progress, force: options.force === true };
            return await exportSqlite(session, options.sqlite, given);
          } finally {
            line.clear();
          }
        }),
      );
      const text = options.json === true ? `${JSON.stringify(document, undefined, 2)}\n` : renderCoreExport(document);
      await writeOut(text, undefined);
      outcome.status = 0;
    });
}

/** Ctrl-C ends the work, which cleans up, instead of the process. */
async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** `writing objects: 230,000 of 460,000, 410,000/s, 1 s left`. */
function countProgress(show: (text: string) => void): (progress: ExportProgress) => void {
  let [what, started] = ['', 0];
  return (now) => {
    if (now.what !== what) [what, started] = [now.what, performance.now()];
    const seconds = (performance.now() - started) / 1000;
    const rate = seconds > 0 ? now.done / seconds : 0;
    const of = now.total === undefined ? '' : ` of ${spellCount(now.total)}`;
    const left = now.total !== undefined && rate > 0 ? `, ${Math.ceil((now.total - now.done) / rate)} s left` : '';
    show(`writing ${what}: ${spellCount(now.done)}${of}, ${spellCount(rate)}/s${left}`);
  };
}
