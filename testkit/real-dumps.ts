import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
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
 * Dumps in folders NAME/vmcore: of KLEAK_DUMPS, of KLEAK_CORPUS, and the bundled ones, which are unpacked below the temporary
 * folder; the first of a name counts. The /proc files lie in NAME/end beside the dump or in KLEAK_CORPUS.
 */
export function realDumps(): readonly RealDump[] {
  const folders = [process.env['KLEAK_DUMPS'], CORPUS, join(ROOT, 'fixtures/dumps')];
  const found = new Map<string, RealDump>();
  for (const folder of folders) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const path = dumpIn(join(folder, name));
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

/** A dump, the first part of a split one, or one that was packed, unpacked. */
function dumpIn(folder: string): string | undefined {
  const packed = join(folder, 'vmcore.zst');
  const plain = ['vmcore', 'vmcore.1'].map((file) => join(folder, file)).find((file) => existsSync(file));
  return plain ?? (existsSync(packed) ? unpacked(packed) : undefined);
}

/** Unpacked once for all tests; each process that finds nothing writes it whole and puts it in place. */
function unpacked(packed: string): string {
  const { size, mtimeMs } = statSync(packed);
  const folder = join(tmpdir(), 'kleak-test-dumps');
  const path = join(folder, `${size}-${Math.floor(mtimeMs)}.vmcore`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, zstdDecompressSync(readFileSync(packed)));
  renameSync(own, path);
  return path;
}

/** For the names of tests. */
export const WHERE_DUMPS_ARE = 'needs dumps: KLEAK_DUMPS=FOLDER of NAME/vmcore';
