import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** One folder after another: mkdirSync's own way of doing that never ends where /proc refuses a folder. Throws as mkdirSync does. */
export function makeFolder(path: string, mode?: number): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path), mode);
  mkdirSync(path, { mode });
}
