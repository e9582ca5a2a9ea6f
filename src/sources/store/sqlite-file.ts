import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { InputError } from '../input-error.ts';

/** What a column holds. */
export type SqliteValue = string | number | bigint | null;

/** KiB of pages that SQLite keeps; larger sorts go to temporary files. */
const CACHE = 32_768;

/**
 * A new SQLite file that is there whole or not at all: it is written under another name, in one transaction, and gets its
 * own name when it is done. Rows that are only added need no journal, so that no more memory is used than SQLite's cache.
 * Throws InputError where the file is there already or cannot be written.
 */
export class SqliteFile {
  readonly #file: string;
  readonly #partial: string;
  readonly #database: DatabaseSync;
  readonly #mayReplace: boolean;

  constructor(file: string, { force = false }: { readonly force?: boolean } = {}) {
    this.#file = file;
    this.#mayReplace = force;
    this.#refuseExisting();
    this.#partial = `${file}.${process.pid}.partial`;
    rmSync(this.#partial, { force: true });
    this.#database = this.#explained(() => new DatabaseSync(this.#partial));
    this.execute(`PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE}; BEGIN`);
  }

  /** Any statements, separated by semicolons. */
  execute(sql: string): void {
    this.#explained(() => this.#database.exec(sql));
  }

  /** Gives what adds one row to a table, its values in the order of the columns. */
  inserter(table: string, columns: number): (row: readonly SqliteValue[]) => void {
    const marks = Array.from({ length: columns }, () => '?').join(', ');
    const statement = this.#explained(() => this.#database.prepare(`INSERT INTO ${table} VALUES (${marks})`));
    return (row) => void this.#explained(() => statement.run(...row));
  }

  /** The file gets its name. */
  finish(): void {
    this.execute('COMMIT');
    this.#database.close();
    this.#refuseExisting();
    renameSync(this.#partial, this.#file);
  }

  /** Nothing of it is left. */
  abandon(): void {
    if (this.#database.isOpen) this.#database.close();
    rmSync(this.#partial, { force: true });
  }

  #refuseExisting(): void {
    if (!this.#mayReplace && existsSync(this.#file))
      throw new InputError(this.#file, 'is there already', 'give another name, or --force to replace it');
  }

  #explained<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!isRefusal(cause)) throw cause;
      throw new InputError(this.#file, `cannot be written: ${cause.message}`, 'give another file to --sqlite', {
        cause,
      });
    }
  }
}

/** SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM; any other code is a bug. */
const REFUSED: readonly number[] = [13, 10, 14, 8, 3];

const isRefusal = (cause: unknown): cause is Error =>
  cause instanceof Error &&
  'errcode' in cause &&
  typeof cause.errcode === 'number' &&
  REFUSED.includes(cause.errcode & 0xff);
