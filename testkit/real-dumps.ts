import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from './manifest.ts';

/** A crash dump of a real kernel, and what its /proc said seconds before. */
export interface RealDump {
  readonly name: string;
  readonly path: string;
  /** Where the files of /proc lie; undefined where none were kept. */
  readonly procFolder?: string;
  /** A file of /proc as it was then; undefined where it was not kept. */
  readonly proc: (file: string) => string | undefined;
}

const CORPUS = resolve(process.env['KLEAK_CORPUS'] ?? join(ROOT, '../shared/corpus'));

/**
 * Dumps in folders NAME/vmcore: of KLEAK_DUMPS, of KLEAK_CORPUS, and the bundled ones; the first of a name counts. The
 * /proc files lie in NAME/end beside the dump or in KLEAK_CORPUS. May be empty: the tests that use it say so in their names.
 */
export function realDumps(): readonly RealDump[] {
  const folders = [process.env['KLEAK_DUMPS'], CORPUS, join(ROOT, 'fixtures/dumps')];
  const found = new Map<string, RealDump>();
  for (const folder of folders) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const path = ['vmcore', 'vmcore.1'].map((file) => join(folder, name, file)).find((file) => existsSync(file));
      if (path === undefined || found.has(name)) continue;
      const procFolder = [folder, CORPUS].map((place) => join(place, name, 'end')).find((place) => existsSync(place));
      const proc = (file: string): string | undefined => {
        const at = join(procFolder ?? '', file);
        return procFolder !== undefined && existsSync(at) ? readFileSync(at, 'utf8') : undefined;
      };
      found.set(name, { name, path, proc, ...(procFolder === undefined ? {} : { procFolder }) });
    }
  }
  return [...found.values()];
}

/** For the names of tests. */
export const WHERE_DUMPS_ARE = 'needs dumps: KLEAK_DUMPS=FOLDER of NAME/vmcore';
