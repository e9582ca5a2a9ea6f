import { cpSync, createReadStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest, ROOT } from '../testkit/manifest.ts';
import { cleanEnvironment, pack } from '../testkit/packed.ts';
import { type Ran, runCommand } from '../testkit/run-command.ts';
import { decompress } from './sources/codecs/decompress.ts';
import { readTar } from './sources/tar.ts';

const manifest = readManifest();

/** What `npm ci` has fetched need not be fetched again, and without a network the answer should come soon. */
const PATIENCE = ['--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000'];
const INSTALL = [...PATIENCE, '--no-audit', '--no-fund', '--prefix'];

describe('package.json', () => {
  it('names every dependency by its exact version', () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.length).toBeGreaterThan(10);
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('depends on little: command line, archives, terminal view, C, metrics, server', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(11);
  });

  it('asks for the Node that runs TypeScript unbuilt', () => {
    expect(manifest.engines).toEqual({ node: '>=22.18' });
  });

  it('has one command and one entrance', () => {
    expect(manifest.bin).toEqual({ kleak: 'bin/kleak' });
    expect(Object.keys(manifest.exports)).toEqual(['.']);
  });

  it('builds before it packs', () => {
    expect(manifest.scripts).toMatchObject({ prepack: 'npm run build' });
  });
});

describe('the packed package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kleak-package-'));
  const prefix = join(folder, 'prefix');
  const installed = join(prefix, 'lib/node_modules/kleak');
  let tarball = '';
  let unreachable: string | undefined;

  beforeAll(async () => {
    tarball = await pack(folder);
    const { status, stdout, stderr } = await runCommand('npm', ['install', '--global', ...INSTALL, prefix, tarball], {
      cwd: folder,
      env: cleanEnvironment(),
    });
    if (status === 0) return;
    unreachable = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.exec(
      stderr,
    )?.[0];
    if (unreachable === undefined) throw new Error(`npm install failed\n${stdout}\n${stderr}`);
  }, 300_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the command, what was built, and nothing else', async () => {
    const paths = await pathsIn(tarball);
    const expected = /^package\/(?:package\.json|README\.md|LICENSE|bin\/kleak|dist\/src\/[\w/.-]+(?:\.js|\.d\.ts))$/;
    expect(paths.filter((path) => !expected.test(path) || path.includes('.test.'))).toEqual([]);
    for (const path of ['README.md', 'LICENSE', 'bin/kleak', 'dist/src/cli/main.js', 'dist/src/index.d.ts'])
      expect(paths).toContain(`package/${path}`);
  });

  it('says its version once it is installed', async ({ skip }) => {
    skip(unreachable !== undefined, `the npm registry cannot be reached: ${unreachable}`);
    const { status, stdout, stderr } = await runCommand(join(prefix, 'bin/kleak'), ['--version']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `kleak ${manifest.version}\n`, stderr: '' });
  });

  it('diagnoses a capture once it is installed', async ({ skip }) => {
    skip(unreachable !== undefined, `the npm registry cannot be reached: ${unreachable}`);
    const capture = join(ROOT, 'fixtures/captures/page-allocator-leak');
    const ran = await runCommand(join(prefix, 'bin/kleak'), ['diagnose', capture, '--json'], { cwd: folder });
    expect(ran).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      schema: 'kleak.diagnosis/1',
      verdict: 'growth',
      layer: 'page-allocator',
    });
  });

  it('has types that the examples of docs/scripting.md compile against', async ({ skip }) => {
    skip(unreachable !== undefined, `the npm registry cannot be reached: ${unreachable}`);
    const typed = user('typed');
    cpSync(join(ROOT, 'docs/examples'), typed, { recursive: true });
    writeFileSync(join(typed, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(typed, 'tsconfig.json'), JSON.stringify(STRICT));
    const check = (): Promise<Ran> => runCommand(join(ROOT, 'node_modules/.bin/tsc'), ['-p', typed]);
    expect(await check()).toEqual({ status: 0, stdout: '', stderr: '' });
    writeFileSync(join(typed, 'wrong.ts'), `import { openCore } from 'kleak';\nopenCore(1).nothing();\n`);
    expect((await check()).stdout).toMatch(/^\S*wrong\.ts\(2,10\): error/);
  }, 60_000);

  /** A folder whose scripts can import the installed package by its name. */
  const user = (name: string): string => {
    mkdirSync(join(folder, name, 'node_modules'), { recursive: true });
    symlinkSync(installed, join(folder, name, 'node_modules/kleak'));
    return join(folder, name);
  };

  it('can be imported by its name, and by nothing else', async ({ skip }) => {
    skip(unreachable !== undefined, `the npm registry cannot be reached: ${unreachable}`);
    const script = join(user('user'), 'use.mjs');
    const attempt = async (name: string): Promise<string> => {
      writeFileSync(script, USE.replace('NAME', name));
      const { stdout, stderr } = await runCommand(process.execPath, [script]);
      return stdout + stderr;
    };
    expect(await attempt('kleak')).toBe('function function function\n');
    expect(await attempt('kleak/dist/src/base/units.js')).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});

/** Of whoever uses it: as strict as it gets, and nothing of this project. */
const STRICT = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  },
};

const USE = `
import('NAME').then(
  ({ diagnose, renderJson, openCore }) => console.log(typeof diagnose, typeof renderJson, typeof openCore),
  ({ code }) => console.log(code),
);
`;

async function pathsIn(tarball: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const damage: string[] = [];
  for await (const entry of readTar(decompress('gzip', createReadStream(tarball)), (why) => damage.push(why)))
    paths.push(entry.path);
  expect(damage).toEqual([]);
  return paths;
}
