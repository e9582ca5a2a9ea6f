import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { has, runTool, scratch, writeTree } from '../../testkit/read-input.ts';
import type { Diagnosis } from '../findings/diagnosis.ts';
import { diagnose } from './diagnose.ts';
import { InputError } from './errors.ts';

const CAPTURE = new URL('../../fixtures/captures/sequence-file-6.12/', import.meta.url).pathname;
const ROOT = scratch();
const answer = ({ verdict, layer, findings }: Diagnosis): readonly unknown[] => [
  verdict,
  layer,
  findings[0]?.subject?.cache,
];
const LEAK = ['growth', 'slab-unreclaimable', 'kmalloc-cg-32'];
const file = (moment: string, name: string): string => readFileSync(join(CAPTURE, moment, name), 'utf8');

test('single files with names that say nothing belong together; their kind is told from content', async () => {
  const folder = writeTree(join(ROOT, 'nameless'), {
    a1: file('end', 'meminfo'),
    b2: file('end', 'slabinfo'),
    c3: file('end', 'zoneinfo'),
  });
  const d = await diagnose(['a1', 'b2', 'c3'].map((name) => join(folder, name)));
  expect(d.snapshots).toHaveLength(1);
  expect(d.inputs.map((i) => i.kind).toSorted()).toEqual(['meminfo', 'slabinfo', 'zoneinfo']);
  expect(d.accounting?.unaccountedBytes).toBeGreaterThan(0);
});

test('captures in subfolders of an archive are a series', async () => {
  const archive = join(ROOT, 'host.tar.gz');
  runTool('tar', ['-czf', archive, '-C', CAPTURE, 'start', 'end']);
  const d = await diagnose([archive]);
  expect(answer(d)).toEqual(LEAK);
  expect(d.snapshots).toHaveLength(2);
});

test.skipIf(!has('zstd'))('archives compressed with zstd as well', async () => {
  const archive = join(ROOT, 'host.bin');
  runTool('tar', ['--zstd', '-cf', archive, '-C', CAPTURE, 'start', 'end']);
  expect(answer(await diagnose([archive]))).toEqual(LEAK);
});

test('one text with everything pasted one after another, with prompts, is one moment', async () => {
  const text = ['meminfo', 'slabinfo', 'zoneinfo']
    .map((name) => `root@host:~# cat /proc/${name}\n${file('end', name)}`)
    .join('');
  const folder = writeTree(join(ROOT, 'pasted'), { 'notes.txt': text });
  const d = await diagnose([join(folder, 'notes.txt')]);
  expect(d.snapshots).toHaveLength(1);
  expect(d.accounting?.totalBytes).toBe(217_080 * 1024);
});

test('a text with the same tables twice is two moments', async () => {
  const text = ['start', 'end']
    .map((m) => `${file(m, 'uptime')}${file(m, 'meminfo')}${file(m, 'slabinfo')}`)
    .join('\n');
  const folder = writeTree(join(ROOT, 'twice'), { log: text });
  const d = await diagnose([join(folder, 'log')]);
  expect(d.snapshots).toHaveLength(2);
  expect(d.findings[0]?.subject?.cache).toBe('kmalloc-cg-32');
});

test('a directory tree that looks like a support archive is one host', async () => {
  const folder = join(ROOT, 'sosreport-host');
  for (const name of readdirSync(join(CAPTURE, 'end')))
    cpSync(join(CAPTURE, 'end', name), join(folder, 'proc', name), { recursive: true });
  writeTree(folder, {
    'etc/hostname': 'host\n',
    'sos_commands/kernel/uname_-a': 'Linux host 6.12.107 x86_64 GNU/Linux\n',
  });
  const d = await diagnose([folder]);
  expect(d.snapshots).toHaveLength(1);
  expect(d.accounting?.totalBytes).toBe(217_080 * 1024);
});

test('what cannot be read or is not known is one line that says what to do', async () => {
  const folder = writeTree(join(ROOT, 'odd'), { 'diary.txt': 'dear diary\nnothing leaks today\n', 'empty/.keep': '' });
  for (const [input, words] of [
    [join(folder, 'diary.txt'), /nothing is recognised.*formats/],
    [join(folder, 'empty'), /nothing could be read.*give/],
    [join(folder, 'missing'), /no such file.*check/],
  ] as const) {
    const failure = await diagnose([input]).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(failure).toBeInstanceOf(InputError);
    const message = failure instanceof Error ? failure.message : '';
    expect(message).toMatch(words);
    expect(message).not.toContain('\n');
  }
});

test('one good file among unknown ones is used, the others are listed', async () => {
  const folder = writeTree(join(ROOT, 'mixed'), { meminfo: file('end', 'meminfo'), diary: 'dear diary\n' });
  const d = await diagnose([join(folder, 'meminfo'), join(folder, 'diary')]);
  expect(d.accounting).toBeDefined();
  expect(d.unread.map((u) => u.what).join()).toContain('diary');
});

test('a series cut off in the middle of a file keeps what could be read', async () => {
  const folder = writeTree(join(ROOT, 'torn'), {
    'start/meminfo': file('start', 'meminfo'),
    'start/slabinfo': file('start', 'slabinfo'),
    'start/uptime': file('start', 'uptime'),
    'end/meminfo': file('end', 'meminfo'),
    'end/uptime': file('end', 'uptime'),
    'end/slabinfo': file('end', 'slabinfo').slice(0, -700),
  });
  const d = await diagnose([join(folder, 'start'), join(folder, 'end')]);
  expect(d.snapshots).toHaveLength(2);
  expect(d.accounting).toBeDefined();
});
