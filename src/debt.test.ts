import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../testkit/manifest.ts';

/**
 * What the code owes, counted over `src/` without tests. The numbers may only go down, and whoever brings one down
 * writes the new one here.
 */
const DEBT = {
  /** Comments that switch a rule of the linter off. */
  'lint rules switched off': 13,
  /** Lines that assert a type with `as`, which the compiler cannot check; `as const` is none. */
  'type assertions': 14,
};

const files = ['src', 'testkit', 'bench'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(ROOT, folder, file), 'utf8') })),
);
const lines = files
  .filter(({ file }) => file.startsWith('src/') && !file.endsWith('.test.ts'))
  .flatMap(({ file, text }) => text.split('\n').map((line, i) => ({ place: `${file}:${i + 1}`, line })));

const asserts = (line: string): boolean =>
  /[\w)\]}>] as (?!const\b)(?:[A-Z]\w*[<[;,.)|& ]|[A-Z]\w*$|\(|\{|\[|unknown\b|readonly\b|typeof\b|keyof\b|string\b|number\b|boolean\b|object\b|never\b|any\b)/.test(
    withoutText(line),
  );

/** Without strings and comments, and nothing of a line that imports or exports under another name. */
const withoutText = (line: string): string =>
  /^\s*(?:\*|\/\/|\/\*|import\b|export \{)/.test(line)
    ? ''
    : line.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g, "''").replace(/\/\/.*$/, '');

const owed: Readonly<Record<keyof typeof DEBT, readonly { readonly place: string }[]>> = {
  'lint rules switched off': lines.filter(({ line }) => /\b(?:ox|es)lint-disable/.test(line)),
  'type assertions': lines.filter(({ line }) => asserts(line)),
};

describe('the debt of the code', () => {
  it.each(Object.entries(DEBT))('has not changed without a word: %s, %i', (kind, known) => {
    const found = Object.entries(owed).find(([name]) => name === kind)?.[1] ?? [];
    const advice =
      found.length > known
        ? `${kind} went up from ${known} to ${found.length}; do without, one of these is new`
        : `${kind} went down from ${known} to ${found.length}: write ${found.length} into src/debt.test.ts, so that it stays`;
    expect(found.length === known ? [] : [advice, ...found.map(({ place }) => place)]).toEqual([]);
  });

  it.each([
    ['return x as Facts;', true],
    ['const a = (b as unknown) as readonly Sighting[];', true],
    ['f(present as Facts)', true],
    ["const a = { kind: 'x' } as const;", false],
    ["summary: 'the same as Areas; and so on',", false],
    ["import { a as B } from './a.ts';", false],
    ['   * counts as used. As SLUB does', false],
    ['type A = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] };', false],
  ])('counts what it should: %s', (line, counts) => {
    expect(asserts(line)).toBe(counts);
  });
});

describe('every file', () => {
  it('has at most 400 lines', () => {
    const long = files.filter(({ text }) => text.split('\n').length - 1 > 400);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it('is named for what it holds, in kebab-case', () => {
    expect(files.length).toBeGreaterThan(200);
    const vague = /^(?:utils?|helpers?|common|misc|manager|types|shared)$/;
    const names = files.flatMap(({ file }) =>
      file
        .replace(/\.ts$/, '')
        .split('/')
        .map((name) => ({ file, name })),
    );
    expect(names.filter(({ name }) => vague.test(basename(name, '.test')))).toEqual([]);
    expect(names.filter(({ name }) => !/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name)).map(({ file }) => file)).toEqual([]);
  });

  it('that is a test runs whole: nothing in it is left out, put off or run alone', () => {
    const tests = files.filter(({ file }) => file.endsWith('.test.ts'));
    const held = /\b(?:it|describe|test)\.(?:only|todo|skip)\(/;
    expect(tests.filter(({ text }) => held.test(text)).map(({ file }) => file)).toEqual([]);
  });
});
