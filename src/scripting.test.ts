import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMadeDump } from '../testkit/made-dump.ts';
import { ROOT } from '../testkit/manifest.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../testkit/real-dumps.ts';
import { runCommand } from '../testkit/run-command.ts';
import { exportSqlite } from './pipeline/core/export.ts';
import { CoreSession } from './pipeline/core/session.ts';

const page = readFileSync(join(ROOT, 'docs/scripting.md'), 'utf8');
const examples = join(ROOT, 'docs/examples');
const names = readdirSync(examples).filter((name) => name.endsWith('.ts'));
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

describe('the surface of the package', () => {
  it('is what it was: a name that goes away breaks scripts, a new one has to be meant', async () => {
    expect(Object.keys(await import('./index.ts')).toSorted()).toEqual([
      'FormatError',
      'InputError',
      'LayoutError',
      'MemoryFault',
      'bytes',
      'compare',
      'diagnose',
      'ifThere',
      'openCore',
      'renderHtml',
      'renderJson',
      'renderMarkdown',
      'renderText',
      'spellAddress',
    ]);
  });
});

describe('docs/scripting.md', () => {
  it.each(names)('shows docs/examples/%s as it is', (name) => {
    expect(blocks('ts')).toContain(readFileSync(join(examples, name), 'utf8'));
    expect(page).toContain(`docs/examples/${name}`);
  });

  it('has questions in SQL that an export answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kleak-sql-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const { path, map } = writeMadeDump(folder, { caches: [{ name: 'dentry', size: 192, slabs: ['AAAf'] }] });
    const session = CoreSession.open(path, { symbols: [map] });
    const file = join(folder, 'now.sqlite');
    await exportSqlite(session, file, { version: '' });
    session.close();
    cpSync(file, join(folder, 'earlier.sqlite'));
    const database = new DatabaseSync(file, { readOnly: true });
    const questions = blocks('sql').flatMap((text) => text.split(';').filter((sql) => sql.trim() !== ''));
    const answers = questions.map((sql) =>
      database.prepare(sql.replace(`'earlier.sqlite'`, `'${join(folder, 'earlier.sqlite')}'`)).all(),
    );
    database.close();
    expect(blocks('sql')).toHaveLength(5);
    const silent = questions.filter((sql, i) => answers[i]?.length === 0 && !sql.includes('ATTACH'));
    expect(silent).toEqual([]);
  });
});

const dumps = realDumps();
const [first] = dumps;
const LEAKS = [
  ['x86-64-slub', 'kmalloc-cg-32', 5000],
  ['arm64-slab', 'kmalloc-cg-128', 5000],
  ['6.1-seqops', 'kmalloc-cg-32', 300_000],
] as const;
/** Nothing here is slow on a machine that does nothing else. */
const PATIENCE = 60_000;

describe('the examples of docs/scripting.md', { timeout: PATIENCE }, () => {
  const run = async (example: string, ...args: readonly string[]): Promise<string> => {
    const flags = ['--conditions=kleak-source', '--disable-warning=ExperimentalWarning'];
    const ran = await runCommand(process.execPath, [...flags, join(examples, example), ...args]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    return ran.stdout;
  };
  const path = first?.path ?? '';

  it.skipIf(first === undefined)(`list the largest caches of a real dump (${WHERE_DUMPS_ARE})`, async () => {
    const lines = (await run('largest-caches.ts', path)).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toMatch(/^\S+ +\d+\.\d MiB +\d+ % full$/);
  });

  it.skipIf(first === undefined)(`group the dentries of a real dump (${WHERE_DUMPS_ARE})`, async () => {
    const lines = (await run('dentries-by-directory.ts', path)).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(line).toMatch(/^\d+\t\d+ negative\t(?:\/[^\t]*|not in the dump)$/);
    expect(lines.some((line) => line.endsWith('\t/bin'))).toBe(true);
  });

  for (const [name, cache, least] of LEAKS) {
    const dump = dumps.find((candidate) => candidate.name === name);
    it.skipIf(dump === undefined)(
      `name the driver that forgets its sequence files: ${name} (${WHERE_DUMPS_ARE})`,
      async () => {
        const [, count = '0'] =
          /^(\d+)\tTestMod_\w+ \[seqleak\]\n/.exec(await run('count-values.ts', dump?.path ?? '', cache)) ?? [];
        expect(Number(count)).toBeGreaterThanOrEqual(least);
      },
    );
  }
});
