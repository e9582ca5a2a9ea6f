import { existsSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { InputError } from '../input-error.ts';
import { takeLock, type FileLock } from './file-lock.ts';
import { sqliteRefusal } from './sqlite-refusal.ts';
import { APPLICATION_ID, pragma, SCHEMA, STORE_VERSION } from './store-schema.ts';

/** `record`: the one that appends samples; `annotate`: beside it, for marks; `read`: changes nothing. */
export type StoreAccess = 'record' | 'annotate' | 'read';

export interface OpenedStore {
  readonly database: DatabaseSync;
  readonly notes: readonly string[];
  /** Whether the file that was opened still has its name. */
  isThere(): boolean;
  close(): void;
}

/** Milliseconds to wait for another process's transaction. */
const PATIENCE = 5000;
/** KiB of pages kept in memory: a recorder only adds to the end. */
const CACHE = 1024;

export function openStore(file: string, access: StoreAccess): OpenedStore {
  if (access === 'read') return openToRead(file);
  if (access === 'annotate') {
    refuseMissing(file);
    return plainly(file, openToWrite(file));
  }
  const lock = lockFile(file);
  try {
    const { database, notes } = openToRecord(file);
    return {
      ...plainly(file, database, notes),
      close: () => {
        database.close();
        lock.close();
      },
    };
  } catch (cause) {
    lock.close();
    throw cause;
  }
}

function plainly(file: string, database: DatabaseSync, notes: readonly string[] = []): OpenedStore {
  const opened = inodeOf(file);
  return { database, notes, isThere: () => inodeOf(file) === opened, close: () => database.close() };
}

const inodeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.ino;

function refuseMissing(file: string): void {
  if (!existsSync(file))
    throw new InputError(file, 'no such database', 'kleak record makes one; --db says where, or give it as argument');
}

/** A file in WAL mode needs its index beside it, which who may only read cannot make; without a journal none is needed. */
function openToRead(file: string): OpenedStore {
  refuseMissing(file);
  return explained(file, 'cannot be read', () => {
    const database = existsSync(`${file}-wal`)
      ? new DatabaseSync(file, { readOnly: true, timeout: PATIENCE })
      : new DatabaseSync(new URL(`${pathToFileURL(file).href}?immutable=1`), { readOnly: true });
    return check(file, database, 'read');
  });
}

function check(file: string, database: DatabaseSync, access: 'read' | 'write'): OpenedStore {
  try {
    refuseForeign(file, database, access);
    return plainly(file, database);
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function refuseForeign(file: string, database: DatabaseSync, access: 'read' | 'write'): void {
  const id = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const empty = pragma(database, 'schema_version') === 0;
  if (empty && access === 'write') return;
  if (id !== APPLICATION_ID)
    throw new InputError(file, 'is no recording of kleak', 'give the file that kleak record writes');
  if (version > STORE_VERSION) {
    const versions = `it has version ${version}, this one knows ${STORE_VERSION}`;
    throw new InputError(file, `was written by a newer kleak (${versions})`, 'use that one, or give another --db');
  }
}

function openToWrite(file: string): DatabaseSync {
  return explained(file, 'cannot be written', () => {
    const database = new DatabaseSync(file, { timeout: PATIENCE });
    check(file, database, 'write');
    try {
      // Every sample is on the disk before it counts: who records has a host that may be reset at any time.
      database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE}`);
      return database;
    } catch (cause) {
      database.close();
      throw cause;
    }
  });
}

function openToRecord(file: string): { readonly database: DatabaseSync; readonly notes: readonly string[] } {
  const damage = existsSync(file) ? damageOf(file) : undefined;
  const notes = damage === undefined ? [] : [moveAside(file, damage)];
  const database = openToWrite(file);
  try {
    explained(file, 'cannot be written', () => database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT`));
    return { database, notes };
  } catch (cause) {
    database.close();
    throw cause;
  }
}

/** What is wrong with the file, in SQLite's words; undefined for nothing, and for what is not its content's fault. */
function damageOf(file: string): string | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: PATIENCE });
    const verdict = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    return verdict === 'ok' || typeof verdict !== 'string' ? undefined : verdict;
  } catch (cause) {
    return sqliteRefusal(cause) === 'corrupt' && cause instanceof Error ? cause.message : undefined;
  } finally {
    database?.close();
  }
}

/** Kept under another name, with its journal: nothing of it is deleted. */
function moveAside(file: string, damage: string): string {
  const stamp = new Date().toISOString().replaceAll(':', '').replace(/\..*/, '');
  let aside = `${file}.corrupt-${stamp}`;
  for (let i = 2; existsSync(aside); i++) aside = `${file}.corrupt-${stamp}-${i}`;
  explained(file, 'cannot be moved aside', () => {
    renameSync(file, aside);
    for (const suffix of ['-wal', '-shm']) if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  });
  return `${file} was corrupt (${damage.split('\n', 1)[0]}); it is kept as ${aside}, a new one was begun`;
}

/** The right to record. */
function lockFile(file: string): FileLock {
  const lock = explained(file, 'cannot be written', () => takeLock(file));
  if (!lock) throw new InputError(file, 'another kleak record writes to it', 'stop that one, or give another --db');
  return lock;
}

function explained<T>(file: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw refused(file, what, cause);
  }
}

function refused(file: string, what: string, cause: unknown): unknown {
  const refusal = sqliteRefusal(cause);
  const system = cause instanceof Error && 'syscall' in cause;
  if (cause instanceof InputError || (refusal === undefined && !system) || !(cause instanceof Error)) return cause;
  return new InputError(file, `${what}: ${cause.message}`, REMEDIES[refusal ?? 'permission'], { cause });
}

const REMEDIES = {
  permission: 'run as its owner, or give another --db',
  busy: 'another process writes to it; try again',
  'read-only': 'run as its owner, or give another --db',
  'input-output': 'check the disk, or give another --db',
  corrupt: 'kleak record sets it aside and begins a new one',
  full: 'make room, or give another --db',
  'cannot-open': 'make its folder and let this user write there, or give another --db',
} as const;
