import type { CoreExport } from '../../findings/core/core-export.ts';
import { SqliteFile } from '../../sources/store/sqlite-file.ts';
import { exportTables, INDEXES, VIEWS, type ExportTable } from './export-tables.ts';
import type { CoreSession } from './session.ts';

/** How far the export is. */
export interface ExportProgress {
  /** The table that is being written, or the indexes. */
  readonly what: string;
  readonly done: number;
  /** Rows of the table, where they are known before. */
  readonly total?: number;
}

export interface ExportOptions {
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** kleak's own, for the table `meta`. */
  readonly version: string;
  readonly signal?: AbortSignal;
  readonly progress?: (progress: ExportProgress) => void;
}

/** Rows between two looks at the clock, and how long others wait for their turn: a signal, a line of progress. */
const ROWS = 1024;
const TURN_MS = 50;

/**
 * Writes pages, caches, slabs, objects and symbols of a dump to a new SQLite file. Stops where `signal` says so, with its
 * reason, and then nothing is left. Throws InputError where the file is there already or cannot be written.
 */
export async function exportSqlite(session: CoreSession, file: string, options: ExportOptions): Promise<CoreExport> {
  const tables = exportTables(session, options.version);
  const database = new SqliteFile(file, options);
  const turn = turns(options);
  try {
    const written: { readonly name: string; readonly rows: number }[] = [];
    for (const table of tables) written.push({ name: table.name, rows: await writeTable(database, table, turn) });
    for (const [done, sql] of [...INDEXES, ...VIEWS].entries()) {
      await turn({ what: 'indexes', done, total: INDEXES.length + VIEWS.length });
      database.execute(sql);
    }
    await turn({ what: 'indexes', done: INDEXES.length + VIEWS.length });
    database.finish();
    return { file, tables: written };
  } catch (cause) {
    database.abandon();
    throw cause;
  }
}

async function writeTable(
  database: SqliteFile,
  { name, columns, total, rows }: ExportTable,
  turn: (progress: ExportProgress) => Promise<void>,
): Promise<number> {
  database.execute(`CREATE TABLE ${name} (${columns.join(', ')})`);
  const insert = database.inserter(name, columns.length);
  let done = 0;
  for (const row of rows()) {
    insert(row);
    if (++done % ROWS === 0) await turn({ what: name, done, ...(total === undefined ? {} : { total }) });
  }
  return done;
}

/** Lets the event loop have its turn now and then. Throws the reason of the signal. */
function turns({ signal, progress }: ExportOptions): (now: ExportProgress) => Promise<void> {
  let last = performance.now();
  return async (now) => {
    if (performance.now() - last < TURN_MS && now.what !== 'indexes') return;
    progress?.(now);
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
