import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, writeTree } from '../../testkit/read-input.ts';
import { runCommand, type Ran } from '../../testkit/run-command.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const CAPTURES = join(ROOT, 'fixtures/captures');
const kleak = (...args: readonly string[]): Promise<Ran> => runCommand(join(ROOT, 'bin/kleak'), args);
const folder = scratch();

describe('kleak diagnose', () => {
  test.each([
    ['sequence-file', 1, 2, 'LEAK'],
    ['page-allocator-leak', 1, 1, 'SUSPECTED LEAK'],
    ['negative-dentries', 0, 0, 'NOT A LEAK'],
    ['healthy', 0, 0, 'NOT A LEAK'],
  ] as const)('%s: exit status %i, for Nagios %i, and the verdict first: %s', async (name, status, nagios, words) => {
    const [plain, forNagios] = await Promise.all([
      kleak('diagnose', join(CAPTURES, name)),
      kleak('diagnose', '--nagios', join(CAPTURES, name)),
    ]);
    expect([plain.status, forNagios.status]).toEqual([status, nagios]);
    expect(plain.stdout.trimStart().startsWith(words)).toBe(true);
    expect(plain.stdout).not.toContain('\u001b');
    expect(plain.stderr).toBe('');
  });

  test('what cannot be told is status 3, also for Nagios', async () => {
    writeTree(folder, {
      'some/meminfo': 'MemTotal: 512000 kB\nMemFree: 20000 kB\nBuffers: 1000 kB\nCached: 50000 kB\n',
    });
    const [plain, forNagios] = await Promise.all([
      kleak('diagnose', join(folder, 'some')),
      kleak('diagnose', '--nagios', join(folder, 'some')),
    ]);
    expect(plain.stdout).toContain('CANNOT TELL');
    expect([plain.status, forNagios.status]).toEqual([3, 3]);
  });

  test('--json prints exactly one document and nothing else', async () => {
    const { stdout, stderr, status } = await kleak('diagnose', '--json', join(CAPTURES, 'page-allocator-leak'));
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: 'kleak.diagnosis/1', verdict: 'growth', layer: 'page-allocator' });
    expect([status, stderr]).toEqual([1, '']);
  });

  test('standard input is an input', async () => {
    const text = readFileSync(join(CAPTURES, 'healthy/end/meminfo'));
    const stdout = execFileSync(join(ROOT, 'bin/kleak'), ['diagnose', '--json', '-'], {
      input: text,
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'not-a-leak', accounting: { totalBytes: 222_380 * 1024 } });
  });

  test('-o writes the file whole, leaves nothing beside it, and nothing at all where it cannot', async () => {
    const out = join(folder, 'report.html');
    const { status, stdout } = await kleak('diagnose', join(CAPTURES, 'healthy'), '--format', 'html', '-o', out);
    expect([status, stdout]).toEqual([0, '']);
    expect(readFileSync(out, 'utf8').trimEnd().endsWith('</html>')).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
    const failed = await kleak('diagnose', join(CAPTURES, 'healthy'), '-o', join(folder, 'no/such/folder/x'));
    expect(failed.status).toBe(2);
    expect(failed.stderr.trim().split('\n')).toHaveLength(1);
    const inFile = await kleak('diagnose', join(CAPTURES, 'healthy'), '-o', join(out, 'x'));
    expect(inFile.stderr).toMatch(/^kleak: \S+: cannot be written: .*; give another file to -o\n$/);
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  test('what could not run is status 2 and one line that says what and what to do', async () => {
    writeTree(folder, { 'diary.txt': 'dear diary\nnothing leaks today\n', 'nothing/.keep': '' });
    const inputs = ['diary.txt', 'nothing', 'missing'].map((name) => join(folder, name));
    for (const { status, stdout, stderr } of await Promise.all(inputs.map((input) => kleak('diagnose', input)))) {
      expect(status).toBe(2);
      expect(stdout).toBe('');
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(/^kleak: .*; /);
    }
  });

  test('files of symbols may stand before what is diagnosed', async () => {
    const dump = join(ROOT, 'fixtures/dumps/no-such-dump');
    const { status, stderr } = await kleak('diagnose', '--symbols', join(folder, 'one'), '--symbols', 'two', dump);
    expect([status, stderr]).toEqual([2, expect.stringContaining('no-such-dump: no such file')]);
  });

  test('an option that does not exist is status 2; for Nagios what could not run is UNKNOWN', async () => {
    expect((await kleak('diagnose', '--no-such-option')).status).toBe(2);
    expect((await kleak('diagnose', '--nagios', join(folder, 'missing'))).status).toBe(3);
  });
});

test('kleak compare tells what differs, as text and as one document', async () => {
  const [a, b] = [join(CAPTURES, 'sequence-file-6.12/start'), join(CAPTURES, 'sequence-file-6.12/end')];
  const [text, json] = await Promise.all([kleak('compare', a, b), kleak('compare', a, b, '--json')]);
  expect(text.stdout).toContain('kmalloc-cg-32');
  expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'kleak.comparison/1', relation: 'moments' });
});
