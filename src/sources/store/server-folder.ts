import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../input-error.ts';
import { makeFolder } from '../make-folder.ts';
import { takeLock, type FileLock } from './file-lock.ts';
import { ServerStore } from './server-store.ts';
import { refusalWords, sqliteRefusal } from './sqlite-refusal.ts';

/** A folder of which this process is the server. */
export interface ServerFolder {
  readonly store: ServerStore;
  /** The database, for threads and processes that open it for themselves. */
  readonly file: string;
  close(): void;
}

/** Throws InputError where the folder or what is in it cannot be used, and where another server has it. */
export function openServerFolder(folder: string): ServerFolder {
  prepare(folder);
  const file = join(folder, 'server.db');
  const lock = lockFolder(folder, file);
  try {
    const store = new ServerStore(file);
    const refusal = store.tryToWrite();
    if (refusal !== undefined)
      throw new InputError(
        file,
        `the database cannot be written: ${refusalWords(refusal)}`,
        'give another --data folder',
      );
    return {
      store,
      file,
      close: () => {
        store.close();
        lock.close();
      },
    };
  } catch (cause) {
    lock.close();
    throw cause;
  }
}

function prepare(folder: string): void {
  try {
    makeFolder(folder, 0o700);
    if (!statSync(folder).isDirectory()) throw new InputError(folder, 'is no folder', 'give another --data folder');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const why = cause instanceof Error && 'code' in cause ? (WORDS[String(cause.code)] ?? String(cause.code)) : '';
    throw new InputError(folder, `cannot be written: ${why}`, 'give a --data folder in which this user may write', {
      cause,
    });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its file system is read-only',
  ENOSPC: 'no room on the disk',
  ENOTDIR: 'what it lies in is no folder',
  ENOENT: 'the kernel makes no folder there',
};

function lockFolder(folder: string, file: string): FileLock {
  let lock: FileLock | undefined;
  try {
    lock = takeLock(file);
  } catch (cause) {
    const refusal = sqliteRefusal(cause);
    if (refusal === undefined) throw cause;
    throw new InputError(folder, refusalWords(refusal), 'give another --data folder', { cause });
  }
  if (!lock)
    throw new InputError(folder, 'another kleak serve uses it', 'stop that one, or give another --data folder');
  return lock;
}
