import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../sources/input-error.ts';

/** node_exporter runs as another user, and reads it. */
const MODE = 0o644;

/** Writes a file that is there whole or not at all. The name it is written under is not one that node_exporter reads. */
export function writeTextfile(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, text, { flag: 'wx', mode: MODE, flush: true });
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    const why = cause instanceof Error ? cause.message.replace(/,.*$/, '') : String(cause);
    throw new InputError(file, `cannot be written: ${why}`, 'give another file to --textfile', { cause });
  }
}
