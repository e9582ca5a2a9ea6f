import type { DatabaseSync } from 'node:sqlite';

/** Counts up when older kleaks could no longer read what is written. */
export const STORE_VERSION = 1;
/** `klks`, in the header of the file: tells it from other programs' databases. */
export const APPLICATION_ID = 0x6b6c6b73;

/**
 * Times are milliseconds since 1970 by the host's clock; the order of rows is the order in which they were written, which
 * a clock that jumps does not change.
 */
export const SCHEMA: string = `
CREATE TABLE IF NOT EXISTS boots (id INTEGER PRIMARY KEY, boot TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS layouts (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS samples (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  boot INTEGER NOT NULL REFERENCES boots,
  uptime REAL NOT NULL,
  layout INTEGER NOT NULL REFERENCES layouts,
  amounts BLOB NOT NULL,
  processes TEXT
);
CREATE INDEX IF NOT EXISTS samples_at ON samples (at);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  boot INTEGER NOT NULL REFERENCES boots,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  detail TEXT
);
CREATE INDEX IF NOT EXISTS events_at ON events (at);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${STORE_VERSION};
`;

export function pragma(database: DatabaseSync, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() ?? {};
  const [value] = Object.values(row);
  return typeof value === 'number' ? value : 0;
}
