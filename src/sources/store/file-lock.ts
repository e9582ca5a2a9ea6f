import { DatabaseSync } from 'node:sqlite';
import { sqliteRefusal } from './sqlite-refusal.ts';

export interface FileLock {
  close(): void;
}

/**
 * A lock on a file beside another one. The kernel lets go of it when the process ends, however it ends. Undefined where another
 * process has it; throws SQLite's error where the lock's file cannot be made.
 */
export function takeLock(file: string): FileLock | undefined {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    if (sqliteRefusal(cause) === 'busy') return undefined;
    throw cause;
  }
}
