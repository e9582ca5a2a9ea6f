import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scratch } from '../../testkit/read-input.ts';
import { runCommand, type Ran } from '../../testkit/run-command.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const MAIN = join(ROOT, 'src/cli/main.ts');
const folder = scratch();
const kleak = (...args: readonly string[]): Promise<Ran> => runCommand(process.execPath, [MAIN, ...args]);

// The time limits are for a machine that is busy.
describe('what proves a suspicion', { timeout: 120_000 }, () => {
  test.each([
    [
      ['experiment'],
      /it is not said what is tried; for instance: kleak experiment "stop nginx" -- systemctl stop nginx/,
    ],
    [['experiment', 'stop it'], /no command was given; give a command after --, or --manual/],
    [['experiment', 'stop it', '--manual', '--', 'true'], /a command and --manual exclude each other/],
    [['experiment', 'stop it', '--manual'], /--manual: needs a terminal to ask on; give a command after -- instead/],
    [['experiment', 'stop it', '--settle', '1s', '--', 'true'], /give 5 to 86400 seconds/],
    [
      ['experiment', '--list', '--series', '/no/such/series'],
      /no such series; kleak experiment NAME -- COMMAND begins one/,
    ],
    [['experiment', 'one', '--list'], /takes no experiment; leave the name and command out/],
    [['verify-fix', '--before', 'a'], /required option '--after <input...>' not specified/],
    [['verify-fix', '--before', 'a', '--after', 'b', '--remaining', 'much'], /give 1 to 90, in per cent/],
    [['verify-fix', '--before', '/no/such/folder', '--after', '/no/such/folder'], /no such file/],
    [
      ['verify-fix', '--db', '/no/such.db', '--before', '..x', '--after', 'x..'],
      /no such database; kleak record makes one/,
    ],
    [
      ['experiment', 'x', '--series', '/proc/no/such', '--', 'true'],
      /\/proc\/no\/such: cannot be written: .*; give another --series/,
    ],
    [['reclaim-test', '--for', '1s'], /give 5 to 3600 seconds/],
  ])('%j is refused with a line that says what to do', async (args, says) => {
    const { status, stdout, stderr } = await kleak(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('reclaim-test changes nothing without --yes: it says what it would do, and the risk', async () => {
    const [text, json] = await Promise.all([kleak('reclaim-test'), kleak('reclaim-test', '--json')]);
    expect(text.status).toBe(3);
    expect(text.stdout).toMatch(/^NOT DONE {2}Nothing was done: dropping caches changes this host, and takes --yes\./);
    expect(text.stdout).toMatch(/would {4}run sync/);
    expect(text.stdout).toContain('risk');
    expect(JSON.parse(json.stdout)).toMatchObject({ schema: 'kleak.reclaim-test/1', performed: false, rows: [] });
  });

  test('an experiment on this host: its output and its result apart, one document, a line in the series', async () => {
    const series = join(folder, 'state/series.jsonl');
    const options = ['--settle', '6s', '--for', '6s', '--interval', '500ms', '--series', series, '--json'];
    const { status, stdout, stderr } = await kleak('experiment', 'say it', ...options, '--', 'echo', '$(hello)');
    expect([0, 1, 3]).toContain(status);
    expect(stderr).toContain('kleak: running echo $(hello)\n$(hello)\n');
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      schema: 'kleak.experiment/1',
      label: 'say it',
      act: { kind: 'command', command: ['echo', '$(hello)'], exitStatus: 0 },
    });
    expect(JSON.parse(readFileSync(series, 'utf8'))).toEqual(document);
    const listed = await kleak('experiment', '--list', '--series', series, '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ schema: 'kleak.experiments/1', experiments: 1 });
  });

  test('a program that is not there is status 2, and no experiment', async () => {
    const series = join(folder, 'none.jsonl');
    const options = ['--settle', '5s', '--for', '5s', '--series', series];
    const { status, stdout } = await kleak('experiment', 'x', ...options, '--', '/no/such/program');
    expect(status).toBe(2);
    expect(stdout).toContain('/no/such/program: no such program');
    expect(readFileSync(series, 'utf8')).toBe('');
  });

  test('Ctrl-C after the act leaves the result so far, whole', async () => {
    const series = join(folder, 'interrupted.jsonl');
    const options = ['--settle', '5s', '--for', '10m', '--interval', '300ms', '--series', series, '--json'];
    const child = spawn(
      process.execPath,
      [MAIN, 'experiment', 'long', ...options, '--', 'sh', '-c', 'while :; do :; done'],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    const { pid = 0 } = child;
    let [out, told] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (told += data.toString()));
    const ended = once(child, 'close').then(() => child.exitCode);
    while (!told.includes('running')) await sleep(100);
    // As a terminal does it: to all of the group.
    process.kill(-pid, 'SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ interrupted: true, act: { signal: 'SIGINT' } });
    expect(readFileSync(series, 'utf8').trimEnd().split('\n')).toHaveLength(1);
  });
});
