import { readdirSync, readlinkSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import { untilDamage } from './chunks.ts';
import { Damage } from './damage.ts';
import { entryName, entryPath } from './entry-path.ts';
import { explainSystem, openLocal } from './local-file.ts';
import { openStream, type Origin } from './open-stream.ts';
import type { Run } from './run.ts';
import { SlabLinks } from './slab-links.ts';
import type { SourceFile } from './source-file.ts';

/** Folders within folders; a deeper tree is no capture, and the kernel refuses paths not much longer. */
const DEEPEST = 64;

/**
 * Every file of a directory, folder by folder in the order of names. Symbolic links are not followed: a target in the
 * tree is met on its own, one outside was not given. Pipes, sockets and devices are passed over.
 */
export async function* openDirectory(root: string, run: Run): AsyncGenerator<SourceFile> {
  yield* openFolder(root, '', 0, run);
}

async function* openFolder(folder: string, path: string, depth: number, run: Run): AsyncGenerator<SourceFile> {
  const links = new SlabLinks();
  for (const entry of list(folder, path, depth, run)) {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (!run.enter(entryName(run.input, entryPath(inside)))) return;
    const file = join(folder, entry.name);
    if (entry.isDirectory()) yield* openFolder(file, inside, depth + 1, run);
    else if (entry.isFile()) yield* openEntry(file, entryPath(inside), run);
    else if (entry.isSymbolicLink()) readLink(file, inside, links);
    await run.breathe();
    if (run.over) return;
  }
  for (const { path: at, chunks } of links.files()) yield* openStream(chunks, originOf(at, run), run);
}

function list(folder: string, path: string, depth: number, run: Run): readonly Dirent[] {
  const what = entryName(run.input, path);
  if (depth > DEEPEST) {
    run.tell({ what, why: `lies more than ${DEEPEST} folders deep` });
    return [];
  }
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    run.tell({ what, why: explainSystem(cause) });
    return [];
  }
}

async function* openEntry(file: string, path: string, run: Run): AsyncGenerator<SourceFile> {
  const origin = originOf(path, run);
  const tell = (cause: unknown): void => run.tell({ what: origin.name, why: explainSystem(cause) });
  let opened;
  try {
    opened = openLocal(file, run);
  } catch (cause) {
    tell(cause);
    return;
  }
  try {
    const modified = opened.stats.mtimeMs;
    yield* openStream(untilDamage(opened.chunks(), tell), { ...origin, modified, file }, run);
  } finally {
    opened.close();
  }
}

const originOf = (path: string, run: Run): Origin => ({
  path,
  name: entryName(run.input, path),
  given: false,
  depth: 0,
  damage: new Damage(),
});

function readLink(file: string, path: string, links: SlabLinks): void {
  try {
    links.add(path, readlinkSync(file));
  } catch {
    // It went away while the folder was read.
  }
}
