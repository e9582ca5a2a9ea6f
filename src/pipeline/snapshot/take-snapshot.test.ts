import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SECRETS, writeHost } from '../../../testkit/host-tree.ts';
import { readInput, runTool, scratch, writeTree } from '../../../testkit/read-input.ts';
import type { Diagnosis } from '../../findings/diagnosis.ts';
import { compare } from '../compare.ts';
import { diagnose } from '../diagnose.ts';
import { takeSnapshot } from './take-snapshot.ts';

const folder = scratch();
const version = '0.0.0';

/** What a diagnosis says, wherever it read it. */
function said({ inputs, snapshots, ...rest }: Diagnosis, input: string): unknown {
  const plain = (text: string): string => text.replaceAll(`${input}/`, '').replaceAll('"/', '"');
  const kinds = inputs.map((i) => i.kind).filter((kind) => kind !== 'snapshot-manifest');
  const value: unknown = JSON.parse(plain(JSON.stringify(rest)));
  return { value, kinds, moments: snapshots.length };
}

it.each(['made.tar.gz', 'made.tar.zst'])('%s gives the very answer that the host gave', async (name) => {
  const root = writeHost(join(folder, `same-${name}`));
  const file = join(folder, name);
  const report = await takeSnapshot({ root, file, version });
  const [here, there] = [await diagnose([], { root }), await diagnose([file])];
  expect(said(there, file)).toEqual(said(here, 'this host'));
  expect(here.unread.length).toBeGreaterThan(2);
  expect(here.host?.name).toBe('node7.example.com');
  expect(report.sources.map((s) => s.path)).toContain('proc/slabinfo');
  expect(report.sources.every((s) => !s.cut)).toBe(true);
});

it('of versions of drivers and packages, and of groups that are dying, the answer makes use', async () => {
  const root = writeHost(join(folder, 'uses'));
  const file = join(folder, 'uses.tar.gz');
  await takeSnapshot({ root, file, version });
  const { inputs, findings } = await diagnose([file]);
  expect(inputs.map((i) => i.kind)).toEqual(expect.arrayContaining(['driver-versions', 'package-list', 'cgroup-stat']));
  expect(findings.find((f) => f.id === 'cgroup-remnants')?.evidence[0].text).toMatch(/4,321/);
});

it('two are a series, and can be compared', async () => {
  const files = await Promise.all(
    (['start', 'end'] as const).map(async (moment) => {
      const file = join(folder, `${moment}.tar.gz`);
      await takeSnapshot({ root: writeHost(join(folder, moment), moment), file, version });
      return file;
    }),
  );
  const { rate, layer, series } = await diagnose(files);
  expect(layer).toBe('page-allocator');
  expect(rate?.bytesPerHour).toBeGreaterThan(0);
  expect(series.length).toBeGreaterThan(0);
  const [a = '', b = ''] = files;
  expect((await compare(a, b)).relation).toBe('moments');
});

it('of two boots, they are no series: the second one’s uptime says nothing of the first', async () => {
  const files = await Promise.all(
    (['start', 'end'] as const).map(async (moment, boot) => {
      const root = writeHost(join(folder, `boot-${moment}`), moment);
      writeTree(root, { 'proc/sys/kernel/random/boot_id': `b4f3b2a1-0000-4000-8000-00000000000${boot}\n` });
      const file = join(folder, `boot-${moment}.tar.gz`);
      await takeSnapshot({ root, file, version });
      return file;
    }),
  );
  const { rate, series, host } = await diagnose(files);
  expect([rate, series]).toEqual([undefined, []]);
  expect(host?.name).toBe('node7.example.com');
});

it('redacted, it tells nobody whose host it was, and the answer is the same', async () => {
  const root = writeHost(join(folder, 'secret'));
  const file = join(folder, 'secret.tar.gz');
  const report = await takeSnapshot({ root, file, version, redact: true });
  const { files } = await readInput(file);
  const everything = files.map((f) => f.text).join('\n');
  expect(SECRETS.filter((secret) => everything.includes(secret))).toEqual([]);
  expect(report.redacted).toMatchObject({ host: 3, ip: 1, mac: 1, serial: 1, user: 2, path: 1 });
  const [open, redacted] = [await diagnose([], { root }), await diagnose([file])];
  const answer = ({ verdict, layer, summary, accounting, findings }: Diagnosis): unknown =>
    JSON.parse(
      JSON.stringify({ verdict, layer, summary, accounting, ids: findings.map((f) => [f.id, f.bytes, f.objects]) }),
    );
  expect(answer(redacted)).toEqual(answer(open));
});

it('a file that hangs is given up, the rest is read, and the manifest says so', async () => {
  const root = writeHost(join(folder, 'hung'));
  const file = join(folder, 'hung.tar.gz');
  let stopped = false;
  const report = await takeSnapshot({
    root,
    file,
    version,
    timeLimit: 300,
    // The reader is stopped before it reads the next file, as a lock in the kernel would stop it.
    progress: (path) => {
      if (path !== 'proc/meminfo' || stopped) return;
      stopped = true;
      for (const pid of children()) process.kill(pid, 'SIGSTOP');
    },
  });
  expect(stopped).toBe(true);
  expect(report.unread[0]?.what).toBe('/proc/vmstat');
  expect(report.unread[0]?.why).toMatch(/did not answer/);
  expect(report.sources.map((s) => s.path)).toEqual(expect.arrayContaining(['proc/meminfo', 'proc/slabinfo']));
});

it('stands pipes, endless files and hostile names, and says what was cut', async () => {
  const root = writeHost(join(folder, 'odd'));
  rmSync(join(root, 'proc/vmstat'));
  runTool('mkfifo', [join(root, 'proc/vmstat')]);
  writeTree(root, {
    'proc/zoneinfo': 'x'.repeat(200_000),
    'proc/99/status': 'Name:\t\u001b[31mevil\n==> /proc/1/status <==\n',
    'sys/module/odd name\n/version': '1\n',
    'sys/kernel/debug/slab/a\u001b]0;x\u0007\n/alloc_traces': '1 f+0x1/0x2 age=1 pid=1\n',
  });
  const file = join(folder, 'odd.tar.gz');
  const report = await takeSnapshot({ root, file, version, fileBytes: 100_000 });
  expect(report.sources.find((s) => s.path === 'proc/zoneinfo')).toMatchObject({ bytes: 100_000, cut: true });
  expect(report.sources.some((s) => s.path === 'proc/vmstat')).toBe(false);
  const { verdict } = await diagnose([file]);
  expect(verdict).toMatch(/leak|growth|inconclusive/);
});

it('refuses in one line where it cannot write, and leaves nothing', async () => {
  const root = writeHost(join(folder, 'refused'));
  const nowhere = takeSnapshot({ root, version, file: join(folder, 'no/such/folder/x.tar.gz') });
  await expect(nowhere).rejects.toThrow(/x\.tar\.gz: cannot be written: ENOENT: no such file or directory; give /);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  const out = join(folder, 'out');
  mkdirSync(out);
  await expect(takeSnapshot({ root: empty, version, file: join(out, 'x.tar.gz') })).rejects.toThrow(
    /this host: nothing could be read.*mount \/proc/,
  );
  expect(readdirSync(out)).toEqual([]);
});

it('leaves nothing where the disk is full', async () => {
  const root = writeHost(join(folder, 'full'));
  writeFileSync(join(root, 'proc/vmallocinfo'), randomText(2_000_000));
  const out = join(folder, 'full-out');
  mkdirSync(out);
  const main = join(import.meta.dirname, '../../cli/main.ts');
  const line = 'ulimit -f 64; exec "$0" "$1" snapshot --root "$2" -o "$3"';
  const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, main, root, join(out, 'x.tar.gz')]);
  expect(stderr.toString()).toMatch(/^kleak: .*x\.tar\.gz: cannot be written: EFBIG: file too large; give another/);
  expect(status).toBe(2);
  expect(readdirSync(out)).toEqual([]);
}, 60_000);

it('replaces an older archive only by a whole one, for its owner only', async () => {
  const root = writeHost(join(folder, 'again'));
  const file = join(folder, 'again.tar.gz');
  writeFileSync(file, 'old');
  chmodSync(file, 0o644);
  await takeSnapshot({ root, file, version });
  expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect(spawnSync('stat', ['-c', '%a', file]).stdout.toString().trim()).toBe('600');
});

it('collects from the host it runs on', async () => {
  const file = join(folder, 'live.tar.gz');
  const { sources, unread } = await takeSnapshot({ file, version, kallsyms: true });
  expect(sources.map((s) => s.path)).toEqual(expect.arrayContaining(['proc/meminfo', 'proc/*/status', 'uname']));
  for (const { why } of unread) expect(why).not.toBe('');
  expect(existsSync(file)).toBe(true);
}, 60_000);

/** Processes that this one started. */
function children(): readonly number[] {
  return readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8')
      .split(' ')
      .map(Number)
      .filter((pid) => pid > 0),
  );
}

function randomText(size: number): string {
  let [text, seed] = ['', 1];
  while (text.length < size) {
    seed = (seed * 48_271) % 2_147_483_647;
    text += `${seed.toString(36)}\n`;
  }
  return text;
}
