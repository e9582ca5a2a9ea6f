import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { MOST_PACKAGES, type InstalledPackage, type PackageReader } from './installed-package.ts';
import { readRpmHeader } from './rpm-header.ts';

/** Headers hold every file's name; the largest known have a few MB. */
const LARGEST_HEADER = 32 * 2 ** 20;

/**
 * `rpmdb.sqlite`, rpm's data base since 4.16 (Fedora 33, RHEL 9): a table `Packages` of headers, and `Name`, an index.
 * Opened as a file that nobody changes, so that SQLite neither locks it nor makes files beside it.
 *
 * Written by rpm lib/backend/sqlite.c.
 */
export const rpmSqlite: PackageReader = {
  read(file, wanted, tell): readonly InstalledPackage[] {
    if (pendingChanges(file)) tell('has changes that are not yet in the file (rpmdb.sqlite-wal); they were not read');
    const url = pathToFileURL(file);
    url.search = 'mode=ro&immutable=1';
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      return readAll(database, wanted, tell);
    } finally {
      database.close();
    }
  },
};

function readAll(
  database: DatabaseSync,
  wanted: (name: string) => boolean,
  tell: (why: string) => void,
): readonly InstalledPackage[] {
  const header = database.prepare('SELECT blob FROM Packages WHERE hnum = ? AND length(blob) <= ?');
  const packages: InstalledPackage[] = [];
  let damaged = 0;
  for (const { key, hnum } of database.prepare('SELECT key, hnum FROM Name ORDER BY key, hnum').iterate()) {
    if (typeof key !== 'string' || !wanted(key) || hnum === undefined) continue;
    const blob = header.get(hnum, LARGEST_HEADER)?.['blob'];
    const read = blob instanceof Uint8Array ? readRpmHeader(blob) : undefined;
    if (read) packages.push({ manager: 'rpm', ...read });
    else damaged++;
    if (packages.length >= MOST_PACKAGES) {
      tell(`lists more than ${MOST_PACKAGES} packages; the rest was not read`);
      break;
    }
  }
  if (damaged > 0) tell(`${damaged} headers are damaged`);
  return packages;
}

function pendingChanges(file: string): boolean {
  try {
    return statSync(`${file}-wal`).size > 0;
  } catch {
    return false; // There is none: the usual case.
  }
}
