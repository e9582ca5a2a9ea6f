import { DatabaseSync } from 'node:sqlite';
import { InputError } from '../input-error.ts';
import { refusalWords, sqliteRefusal, type SqliteRefusal } from './sqlite-refusal.ts';
import { pragma } from './store-schema.ts';

/** `klsv`, in the header of the file. */
const APPLICATION_ID = 0x6b_6c_73_76;
export const VERSION: number = 2;
/** Milliseconds to wait for another process's transaction: pages wait as long. */
const PATIENCE = 1000;
export const SCHEMA: string = `
CREATE TABLE IF NOT EXISTS hosts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, attributes TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, samples INTEGER NOT NULL DEFAULT 0,
  thinned_minute INTEGER NOT NULL DEFAULT 0, thinned_ten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, names TEXT NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS samples (host INTEGER NOT NULL REFERENCES hosts, at INTEGER NOT NULL, boot TEXT NOT NULL,
  total INTEGER NOT NULL, unexplained INTEGER, layout INTEGER NOT NULL, amounts BLOB NOT NULL, PRIMARY KEY (host, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, host INTEGER NOT NULL REFERENCES hosts, at INTEGER NOT NULL,
  kind TEXT NOT NULL, name TEXT NOT NULL, detail TEXT, UNIQUE (host, at, kind, name));
CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, title TEXT NOT NULL, verdict TEXT NOT NULL,
  layer TEXT NOT NULL, summary TEXT NOT NULL, body TEXT NOT NULL, dump TEXT);
CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${VERSION};
`;
/** The first version had every name in every sample. */
export const SINCE_1: string = `
ALTER TABLE samples RENAME TO samples_1;
ALTER TABLE hosts ADD COLUMN thinned_minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN thinned_ten INTEGER NOT NULL DEFAULT 0;
`;

const REMEDIES: Readonly<Partial<Record<SqliteRefusal, string>>> = {
  busy: 'end what holds it',
  corrupt: 'bring it back from a copy, or move it aside for a new one',
  full: 'make room',
};

/** Opens the database of a server. Throws InputError where the file is somebody else's, newer, or cannot be used. */
export function openServerDatabase(file: string): DatabaseSync {
  const database = explained(file, undefined, () => new DatabaseSync(file, { timeout: PATIENCE }));
  explained(file, database, () => {
    const [mark, version] = [pragma(database, 'application_id'), pragma(database, 'user_version')];
    if (mark !== 0 && mark !== APPLICATION_ID)
      throw new InputError(file, 'a database of another program', 'give another --data folder');
    if (version > VERSION) throw new InputError(file, 'written by a newer kleak', 'use that, or another --data folder');
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  });
  return database;
}

/** What SQLite refuses becomes an InputError, and the database is closed. */
export function explained<T>(file: string, database: DatabaseSync | undefined, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    database?.close();
    const refusal = sqliteRefusal(cause);
    if (refusal === undefined) throw cause;
    const words = `the database cannot be used: ${refusalWords(refusal)}`;
    throw new InputError(file, words, REMEDIES[refusal] ?? 'give another --data folder', { cause });
  }
}
