import { closeSync, fstatSync, ftruncateSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../input-error.ts';
import { makeFolder } from '../make-folder.ts';

/** A file of lines longer than this is read from its end on. */
const MOST = 64 * 2 ** 20;

/**
 * Adds a line to a file of lines, and makes the file and its folder where they are missing. The line is there whole or not
 * at all: what a full disk cut is taken back. A line that somebody else left torn is ended first.
 */
export function appendLine(file: string, line: string): void {
  try {
    makeFolder(dirname(file));
    const fd = openSync(file, 'a+', 0o644);
    try {
      const { size } = fstatSync(fd);
      const text = Buffer.from(`${endsInLine(fd, size) ? '' : '\n'}${line}\n`);
      if (!writtenWhole(fd, text)) {
        ftruncateSync(fd, size);
        throw new InputError(file, 'cannot be written: there is no room', 'make room, or give another --series');
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(file, `cannot be written: ${reasonOf(cause)}`, 'give another --series', { cause });
  }
}

/** Makes the file and its folder where they are missing. Throws InputError where lines cannot be added to it. */
export function makeLineFile(file: string): void {
  try {
    makeFolder(dirname(file));
    closeSync(openSync(file, 'a+', 0o644));
  } catch (cause) {
    throw new InputError(file, `cannot be written: ${reasonOf(cause)}`, 'give another --series', { cause });
  }
}

function writtenWhole(fd: number, text: Buffer): boolean {
  try {
    return writeSync(fd, text) === text.length;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC') return false;
    throw cause;
  }
}

function endsInLine(fd: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] === 10;
}

/** The lines of a file, oldest first; of a very long one the last. Undefined where there is no such file. */
export function readLines(file: string): readonly string[] | undefined {
  try {
    const fd = openSync(file, 'r');
    try {
      const { size } = fstatSync(fd);
      const text = Buffer.alloc(Math.min(size, MOST));
      const read = readSync(fd, text, 0, text.length, size - text.length);
      const lines = text.toString('utf8', 0, read).split('\n');
      return (size > MOST ? lines.slice(1) : lines).filter((line) => line.trim() !== '');
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new InputError(file, `cannot be read: ${reasonOf(cause)}`, 'give another --series', { cause });
  }
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
