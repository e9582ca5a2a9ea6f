import { createReadStream, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest, ROOT } from '../testkit/manifest.ts';
import { cleanEnvironment, pack } from '../testkit/packed.ts';
import { runCommand } from '../testkit/run-command.ts';
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

  it('depends on little', () => {
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(5);
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

  it('can be imported by its name, and by nothing else', async ({ skip }) => {
    skip(unreachable !== undefined, `the npm registry cannot be reached: ${unreachable}`);
    mkdirSync(join(folder, 'user/node_modules'), { recursive: true });
    symlinkSync(installed, join(folder, 'user/node_modules/kleak'));
    const attempt = async (name: string): Promise<string> => {
      writeFileSync(join(folder, 'user/use.mjs'), USE.replace('NAME', name));
      const { stdout, stderr } = await runCommand(process.execPath, [join(folder, 'user/use.mjs')]);
      return stdout + stderr;
    };
    expect(await attempt('kleak')).toBe('function function\n');
    expect(await attempt('kleak/dist/src/base/units.js')).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});

const USE = `
import('NAME').then(
  ({ diagnose, renderJson }) => console.log(typeof diagnose, typeof renderJson),
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
