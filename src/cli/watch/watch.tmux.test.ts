import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../../testkit/run-command.ts';
import { scratch } from '../../../testkit/read-input.ts';
import { bytes, seconds } from '../../base/units.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';

const ROOT = new URL('../../../', import.meta.url).pathname;
const MAIN = join(ROOT, 'src/cli/main.ts');
const KLEAK = `${process.execPath} ${MAIN}`;
const folder = scratch();
const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** Servers of our own, one for each start, so that nobody's sessions are touched and none waits for another's end. */
let servers = 0;
const socketOf = (n: number): string => `kleak-test-${process.pid}-${n}`;
const tmux = (...args: readonly string[]): string =>
  execFileSync('tmux', ['-L', socketOf(servers), '-f', '/dev/null', ...args], { encoding: 'utf8' });
const stop = (): void => void spawnSync('tmux', ['-L', socketOf(servers), 'kill-server']);
const screen = (): string => tmux('capture-pane', '-p', '-t', 'w');
const press = (...keys: readonly string[]): void => void tmux('send-keys', '-t', 'w', ...keys);

/** Waits until the screen shows it; the time limit is for a machine that is busy, and no measure. */
async function shows(what: RegExp): Promise<string> {
  const end = Date.now() + 60_000;
  for (;;) {
    const text = screen();
    if (what.test(text) || Date.now() > end) return text;
    await sleep(150);
  }
}

function start(command: string, columns = 80, rows = 24): void {
  stop();
  servers++;
  tmux('new-session', '-d', '-s', 'w', '-x', String(columns), '-y', String(rows), 'env PS1="$ " sh');
  press('echo before the view', 'Enter', command, 'Enter');
}

/** The state of the terminal that a program leaves behind. */
const leftBehind = (): string => tmux('display-message', '-p', '-t', 'w', '#{alternate_on} #{cursor_flag}').trim();

describe('kleak watch without a terminal', () => {
  test('refuses with one line that says what to use in its place', async () => {
    const { status, stdout, stderr } = await runCommand(process.execPath, [MAIN, 'watch']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/needs a terminal .*; kleak diagnose .* kleak record/);
  });

  test('a time that is none is refused', async () => {
    const { status, stderr } = await runCommand(process.execPath, [MAIN, 'watch', '--interval', 'soon']);
    expect(status).toBe(2);
    expect(stderr).toContain('give a time as 500ms, 2s, 10m, 3h or 7d');
  });
});

describe.skipIf(!hasTmux)('kleak watch in a terminal (needs tmux)', () => {
  afterAll(stop);

  test('shows this host, answers to its keys, and leaves the terminal as it was', async () => {
    start(`${KLEAK} watch --interval 1s; echo ended with $?`);
    const first = await shows(/caches, by growth/);
    expect(first).toMatch(/TOO EARLY .* of at least 10 min watched/);
    expect(first).toMatch(/where the memory is \(.*available\)/);
    expect(first).toMatch(/^ free +.* [KMG]iB/m);
    press('?');
    expect(await shows(/any key: back/)).toContain('pause the view');
    press('x');
    press('s');
    expect(await shows(/caches, by size/)).toContain('sorted by size');
    press('p');
    expect(await shows(/PAUSED/)).toContain('PAUSED');
    press('Space', 'm');
    await shows(/mark this moment as/);
    press('-l', 'after lunch');
    await shows(/after lunch/);
    press('Enter');
    expect(await shows(/marked; kept until you quit/)).toContain('--db FILE');
    press('q');
    const last = await shows(/^ended with \d/m);
    expect(last).toContain('before the view');
    expect(last).toMatch(/TOO EARLY {2}/);
    expect(last).toContain('ended with 3');
    expect(leftBehind()).toBe('0 1');
  }, 300_000);

  test('adapts when the terminal changes its size', async () => {
    start(`${KLEAK} watch --interval 1s`);
    await shows(/caches, by growth/);
    tmux('resize-window', '-t', 'w', '-x', '120', '-y', '40');
    expect(await shows(/objects/)).toMatch(/objects/);
    tmux('resize-window', '-t', 'w', '-x', '40', '-y', '15');
    const small = await shows(/^(?![^]*objects)[^]*caches/);
    expect(small).toMatch(/TOO EARLY/);
    expect(small.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    press('q');
    await shows(/\$ $/);
  }, 300_000);

  test.each([
    ['Ctrl-C', (): void => press('C-c'), /^ended with 3/m],
    ['SIGTERM', (): void => void process.kill(childOfShell(), 'SIGTERM'), /^ended with 143/m],
  ])(
    'leaves the terminal as it was on %s',
    async (_, end, status) => {
      start(`${KLEAK} watch --interval 1s; echo ended with $?`);
      await shows(/caches, by growth/);
      end();
      const last = await shows(status);
      expect(last).toMatch(status);
      expect(last).toContain('before the view');
      expect(leftBehind()).toBe('0 1');
      press('stty -a | tr " " "\\n" | grep -x -e echo -e -echo', 'Enter');
      expect(await shows(/^-?echo$/m)).toMatch(/^echo$/m);
    },
    120_000,
  );

  test('leaves the terminal as it was when it crashes', async () => {
    const script = `import { showWatch } from "${ROOT}src/cli/watch/watch-app.ts"; const watch = { start: async (tell, fail) => { setTimeout(() => fail(new Error("boom")), 500); }, close() {} }; await showWatch({ watch, colour: true, ascii: false, seen() {} }).catch((e) => console.log("told: " + e.message));`;
    start(`${process.execPath} --input-type=module -e '${script}'; echo ended with $?`);
    const last = await shows(/^ended with \d/m);
    expect(last).toContain('told: boom');
    expect(leftBehind()).toBe('0 1');
  }, 300_000);

  test('NO_COLOR means no colour', async () => {
    const styled = (): string => tmux('capture-pane', '-p', '-e', '-t', 'w');
    start(`NO_COLOR=1 ${KLEAK} watch --interval 1s`);
    await shows(/caches, by growth/);
    expect(styled()).not.toContain('\u001b[');
    press('q');
    start(`NO_COLOR= ${KLEAK} watch --interval 1s`);
    await shows(/caches, by growth/);
    expect(styled()).toContain('\u001b[');
    press('q');
  }, 300_000);

  test('begins with what was recorded, and keeps marks there', async () => {
    const file = join(folder, 'samples.db');
    const store = new SampleStore(file, 'record');
    store.append({
      at: Date.now() - 60_000,
      boot: 'another boot',
      uptime: seconds(10),
      totalBytes: bytes(2 ** 30),
      buckets: new Map([['free', bytes(2 ** 20)]]),
      caches: [],
      processes: [],
    });
    store.close();
    start(`${KLEAK} watch --interval 1s --db ${file}`);
    await shows(/caches, by growth/);
    press('m');
    await shows(/mark this moment as/);
    press('-l', 'fixed');
    await shows(/as: fixed/);
    press('Enter');
    await shows(/marked in/);
    press('q');
    await shows(/TOO EARLY {2}.*\n[^]*\$ $/);
    const reading = new SampleStore(file, 'read');
    expect(reading.events()).toMatchObject([{ kind: 'mark', name: 'fixed' }]);
    reading.close();
  }, 300_000);

  test('a recording that is none is refused before anything is drawn', async () => {
    start(`${KLEAK} watch --db ${folder}/no-such.db; echo ended with $?`);
    const text = await shows(/^ended with \d/m);
    expect(text).toMatch(/kleak: .*no-such.db: no such database; /);
    expect(text).toContain('ended with 2');
  }, 60_000);
});

/** What the shell of the window runs. */
function childOfShell(): number {
  const shell = tmux('display-message', '-p', '-t', 'w', '#{pane_pid}').trim();
  return Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0]);
}
