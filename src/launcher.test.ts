import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../testkit/manifest.ts';
import { runCommand, type Ran } from '../testkit/run-command.ts';

/** A tree with nothing in it but the launcher, what it can run, and the PATH that it is given. */
let folder = '';
const app = (): string => join(folder, 'an app');
const tools = (): string => join(folder, 'tools');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-launcher-'));
  mkdirSync(join(app(), 'bin'), { recursive: true });
  mkdirSync(tools());
  copyFileSync(join(ROOT, 'bin/kleak'), join(app(), 'bin/kleak'));
  write('src/cli/main.ts', `const from: string = 'source'; console.log(from, ...process.argv.slice(2));`);
  write('package.json', '{"type":"module"}');
  for (const tool of ['dirname', 'readlink']) symlinkSync(join('/usr/bin', tool), join(tools(), tool));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(app(), path)), { recursive: true });
  writeFileSync(join(app(), path), text, { mode });
}

/** A `node` on the PATH that says it is of a version, and says so too when it is told to run something. */
function pretend(version: string): void {
  const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} || echo "ran by ${version}"\n`;
  writeFileSync(join(tools(), 'node'), script, { mode: 0o755 });
}

const installNode = (): void => {
  mkdirSync(join(app(), 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(app(), 'node_modules/node/bin/node'));
};

const launch = (args: readonly string[], path = join(app(), 'bin/kleak'), cwd = folder): Promise<Ran> =>
  runCommand(path, args, { cwd, env: { PATH: tools(), CDPATH: app() } });

describe('the launcher', () => {
  it.each(['v22.18.0', 'v22.100.0', 'v24.0.0', 'v100.1.2'])('takes Node %s from the PATH', async (version) => {
    pretend(version);
    expect(await launch([])).toEqual({ status: 0, stdout: `ran by ${version}\n`, stderr: '' });
  });

  it.each(['v20.20.2', 'v22.17.9', 'v8.0.0', 'v2.99.0', 'nonsense', ''])(
    'passes over Node %s and takes the one that the project installed',
    async (version) => {
      pretend(version);
      installNode();
      expect(await launch(['a b', '--c'])).toEqual({ status: 0, stdout: 'source a b --c\n', stderr: '' });
    },
  );

  it.each(['one that is too old', 'none at all'])('says in one line that there is no Node: %s', async (which) => {
    if (which !== 'none at all') pretend('v20.20.2');
    const { status, stdout, stderr } = await launch(['--version']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^kleak: needs Node\.js 22\.18 or newer .*\n$/);
  });

  it('prefers what is built', async () => {
    installNode();
    write('dist/src/cli/main.js', `console.log('built', ...process.argv.slice(2));`);
    expect(await launch(['x'])).toEqual({ status: 0, stdout: 'built x\n', stderr: '' });
  });

  it('works through symbolic links, whether they are absolute or relative', async () => {
    installNode();
    mkdirSync(join(folder, 'usr/bin'), { recursive: true });
    symlinkSync(join(app(), 'bin/kleak'), join(folder, 'usr/absolute'));
    symlinkSync('../absolute', join(folder, 'usr/bin/kleak'));
    symlinkSync('../../an app/bin/kleak', join(folder, 'usr/bin/relative'));
    for (const name of ['kleak', 'relative'])
      expect(await launch(['x'], join(folder, 'usr/bin', name))).toEqual({
        status: 0,
        stdout: 'source x\n',
        stderr: '',
      });
  });

  it('works by a relative path, whatever CDPATH says', async () => {
    installNode();
    expect(await launch(['x'], 'bin/kleak', app())).toEqual({ status: 0, stdout: 'source x\n', stderr: '' });
  });

  it('gives back the exit status', async () => {
    installNode();
    write('src/cli/main.ts', 'process.exitCode = 3;');
    expect(await launch([])).toMatchObject({ status: 3 });
  });
});
