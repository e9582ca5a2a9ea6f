/**
 * The disk that live guests read kleak from: Node, the libraries it is linked with, kleak as built JavaScript, and the
 * packages it needs. An ext4 image; the guest mounts it read-only at /kleak.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of the system's C library. */
const LIST_LIBRARIES = 'ldd';
const root = join(import.meta.dirname, '../..');

/** Builds `target` anew. */
export function makeDisk(target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'disk-'));
  try {
    copyNode(folder);
    build(join(folder, 'kleak'));
    for (const path of packages()) cpSync(join(root, path), join(folder, 'kleak', path), { recursive: true });
    copyFileSync(join(root, 'package.json'), join(folder, 'kleak/package.json'));
    rmSync(target, { force: true });
    run('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', folder, target, '400M']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Node and its shared libraries, at the paths where its loader looks. */
function copyNode(folder: string): void {
  mkdirSync(join(folder, 'bin'));
  const node = realpathSync(process.execPath);
  run('strip', ['-o', join(folder, 'bin/node'), node]);
  const libraries = execFileSync(LIST_LIBRARIES, [node], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  for (const [, library = ''] of libraries) {
    mkdirSync(join(folder, dirname(library)), { recursive: true });
    copyFileSync(library, join(folder, library));
  }
}

/** What does not pass the types is emitted all the same: the guests tell whether it works. */
function build(folder: string): void {
  try {
    run('node', [
      join(root, 'node_modules/typescript/bin/tsc'),
      '-p',
      join(root, 'tsconfig.build.json'),
      '--outDir',
      join(folder, 'dist'),
    ]);
  } catch {
    process.stderr.write('kleak has type errors; what was built of it is used\n');
  }
}

/** Folders of the packages that kleak needs at run time. */
function packages(): readonly string[] {
  const lock: unknown = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  if (typeof lock !== 'object' || lock === null || !('packages' in lock))
    throw new Error('package-lock.json lists no packages');
  return Object.entries(lock.packages ?? {}).flatMap(([path, entry]: [string, unknown]) =>
    path === '' || isForDevelopment(entry) || !existsSync(join(root, path)) ? [] : [path],
  );
}

const isForDevelopment = (entry: unknown): boolean =>
  typeof entry === 'object' && entry !== null && ('dev' in entry || 'devOptional' in entry);

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
