import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeHost } from '../../testkit/host-tree.ts';
import { scratch } from '../../testkit/read-input.ts';

const folder = scratch();
const main = join(import.meta.dirname, 'main.ts');
const root = writeHost(join(folder, 'host'));

function kleak(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder });
  return { status, stdout, stderr: stderr.toString() };
}

it('Ctrl-C leaves nothing, and ends kleak as a signal does', async () => {
  const out = join(folder, 'stopped');
  mkdirSync(out);
  const begun = new Promise<void>((resolve) => {
    const watcher = watch(out, () => {
      watcher.close();
      resolve();
    });
  });
  const child = spawn(process.execPath, [main, 'snapshot', '--root', root, '-o', join(out, 'x.tar.gz')]);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)));
  await begun;
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect(readdirSync(out)).toEqual([]);
}, 60_000);

it('says what it wrote, as text and as one document, and writes to standard output where asked', () => {
  const text = kleak(['snapshot', '--root', root, '-o', 'a b.tar.gz']);
  expect(text.status).toBe(0);
  expect(text.stdout.toString()).toMatch(
    /^a b\.tar\.gz: \d.* files of this host, read in .*\n[^]*next {6}kleak diagnose 'a b\.tar\.gz'\n$/,
  );
  const json = kleak(['snapshot', '--root', root, '-o', 'c.tar.gz', '--redact', '--json']);
  expect(JSON.parse(json.stdout.toString())).toMatchObject({ schema: 'kleak.snapshot/1', file: 'c.tar.gz' });
  const piped = kleak(['snapshot', '--root', root, '-o', '-']);
  expect(piped.stdout.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect(piped.stderr).toMatch(/^standard output: /);
}, 60_000);

it('names the archive after the host and the time; a redacted one not after the host', () => {
  const name = /kleak-snapshot-\d{8}T\d{6}Z\.tar\.gz/;
  expect(kleak(['snapshot', '--root', root]).stdout.toString()).toMatch(name);
  expect(kleak(['snapshot', '--redact']).stdout.toString()).toMatch(name);
}, 60_000);

it('kleak export refuses in one line', () => {
  const wrong = kleak(['export', '--listen', 'nowhere']);
  expect([wrong.status, wrong.stderr.split('\n')[0]]).toEqual([2, expect.stringContaining('give HOST:PORT')]);
  const nowhere = kleak(['export', '--once', '--root', join(folder, 'none')]);
  expect([nowhere.status, nowhere.stderr.trim().split('\n').at(-1)]).toEqual([
    2,
    'kleak: this host: gave no account of its memory; mount /proc',
  ]);
}, 60_000);
