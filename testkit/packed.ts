import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './manifest.ts';
import { runCommand } from './run-command.ts';

/** What the package is made of. */
const SOURCES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'bin', 'src', 'README.md', 'LICENSE'];

/** Where npm tells what it runs: a second npm would take it for its own. Its other settings (registry, cache) stay. */
const OF_ANOTHER_RUN =
  /^(?:npm_(?:package|lifecycle)_|npm_config_(?:local_|global_)?prefix$|npm_command$|INIT_CWD$|NODE_OPTIONS$|VITEST)/i;

/** The environment for an npm that is started by a test, with the project's own Node and tools first. */
export const cleanEnvironment = (): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) =>
      value === undefined || OF_ANOTHER_RUN.test(key) ? [] : [[key, value]],
    ),
  ),
  PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
});

/** Copies what is built into a folder of its own, so that no `dist/` appears in the checkout. */
export function copySources(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of SOURCES)
    if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** Packs the project, which builds it, and gives the tarball's path. */
export async function pack(folder: string): Promise<string> {
  const copy = join(folder, 'copy');
  copySources(copy);
  const { status, stdout, stderr } = await runCommand('npm', ['pack', '--pack-destination', folder], {
    cwd: copy,
    env: cleanEnvironment(),
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (status !== 0 || tarball === undefined) throw new Error(`npm pack failed\n${stdout}\n${stderr}`);
  return join(folder, tarball);
}
