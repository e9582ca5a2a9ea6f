import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMadeDump } from '../../../testkit/made-dump.ts';
import { ROOT } from '../../../testkit/manifest.ts';
import type { Ran } from '../../../testkit/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-shell-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { path, map } = writeMadeDump(folder, {
  caches: [
    { name: 'kmalloc-32', size: 32, slabs: ['AAAAffAA', 'AAAA'] },
    { name: 'dentry', size: 192, slabs: ['AAAf'] },
  ],
});
const MAIN = join(ROOT, 'src/cli/main.ts');
const SHELL = [MAIN, 'core', 'shell', '--symbols', map, path];
/** Each starts a process. */
const PATIENCE = 60_000;

/** Runs the shell with commands on its standard input. */
function run(input: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...SHELL, ...args]);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('close', (status) => resolve({ status: status ?? 1, stdout, stderr }));
    child.stdin.end(input);
  });
}

const CACHES = 'CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n';

describe('kleak core shell', { timeout: PATIENCE }, () => {
  it('runs what it is given on standard input, without a prompt, and ends well', async () => {
    const { status, stdout, stderr } = await run('kmem -s dentry\n\n# nothing\neval 6 * 7\n');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(CACHES)).toBe(true);
    expect(stdout).toMatch(/ dentry\nhexadecimal: 2a\n/);
  });

  it('goes on after what fails, which is one line on standard error', async () => {
    const { status, stdout, stderr } = await run(`rd nosuch\nnosuch\nrd ffffabcd00000000\nrd 'x\nps |\neval 1\n`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^hexadecimal: 1\n/);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'rd: no symbol nosuch; sym -q nosuch looks for names like it',
      'nosuch: is no word of the shell; help lists them',
      'rd: ffffabcd00000000 is not mapped',
      "': does not end; close the quotes",
      '|: nothing stands behind it; give a command, as in kmem -s | grep dentry',
    ]);
  });

  it('pipes to a real shell, and ends with a reader that has seen enough', async () => {
    const { stdout } = await run(
      `kmem -S kmalloc-32 | grep -c '^  \\['\nkmem -p | head -1 | tr a-z A-Z\neval 2 | grep '^ *dec'\n`,
    );
    expect(stdout).toBe('10\n      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS\n    decimal: 2\n');
  });

  it('writes to files, and adds to them', async () => {
    const file = join(folder, 'out file');
    const { stdout, stderr } = await run(`kmem -s dentry > '${file}'\neval 3 >> '${file}'\nps > /nosuch/folder/x\n`);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^\/nosuch\/folder\/x: cannot be written: ENOENT/);
    expect(readFileSync(file, 'utf8')).toMatch(/^CACHE[^]* dentry\nhexadecimal: 3\n/);
  });

  it('runs commands of -c in their order and ends, without reading its input', async () => {
    const { status, stdout } = await run(
      'eval 9\n',
      '-c',
      'eval 1 | head -1',
      '-c',
      'eval 2 | head -1',
      '-c',
      'q',
      '-c',
      'eval 3',
    );
    expect([status, stdout]).toEqual([0, 'hexadecimal: 1\nhexadecimal: 2\n']);
  });

  it('runs a file of commands first, and files within lines', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    writeFileSync(first, 'eval 1 | head -1\n');
    writeFileSync(second, 'eval 2 | head -1\nq\neval 3\n');
    const { stdout } = await run(`< ${second}\neval 4\n`, '-i', first);
    expect(stdout).toBe('hexadecimal: 1\nhexadecimal: 2\n');
    writeFileSync(first, `< ${first}\n`);
    expect((await run(`< ${first}\n< /nosuch\n`)).stderr).toMatch(/runs itself[^]*\n\/nosuch: cannot be read: ENOENT/);
  });

  it('runs commands of the system', async () => {
    expect((await run('!echo from the system\n')).stdout).toBe('from the system\n');
  });

  it('refuses a dump that cannot be opened with status 2', async () => {
    const child = await run('', '-i', '/nosuch');
    expect([child.status, child.stderr]).toEqual([
      2,
      expect.stringMatching(/^kleak: \/nosuch: cannot be read: ENOENT/),
    ]);
  });
});

const hasTmux = ((): boolean => {
  try {
    execFileSync('tmux', ['-V']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasTmux)('kleak core shell on a terminal (needs tmux)', { timeout: PATIENCE }, () => {
  const socket = `kleak-${process.pid}`;
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
  const screen = (): string => tmux('capture-pane', '-p').trimEnd();
  const type = (...keys: readonly string[]): string => tmux('send-keys', ...keys);

  /** Waits until the screen shows it. */
  async function shows(what: RegExp): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      const seen = screen();
      if (what.test(seen)) return seen;
      await wait(50);
    }
    throw new Error(`${what} did not come:\n${screen()}`);
  }

  const state = join(folder, 'state');
  const quoted = [process.execPath, ...SHELL].map((word) => `'${word}'`).join(' ');
  const start = (): string =>
    tmux(
      'new-session',
      '-d',
      '-x',
      '100',
      '-y',
      '20',
      '-e',
      `XDG_STATE_HOME=${state}`,
      '-e',
      'PAGER=less -RFX',
      `${quoted}; sleep 60`,
    );
  afterAll(() => {
    try {
      tmux('kill-server');
    } catch {
      // It ended by itself.
    }
  });

  it('has a prompt, completes, keeps a history, pages, and lets itself be stopped', async () => {
    start();
    await shows(/q ends\.\nkleak>$/);
    // Completion: the one cache that begins so.
    type('kmem -s den', 'Tab');
    await shows(/kleak> kmem -s dentry$/);
    type('Enter');
    await shows(/ dentry\nkleak>$/);
    // Ctrl-C clears the line.
    type('nothing of that', 'C-c');
    await shows(/nothing of that\^C\nkleak>$/);
    // The line before, by its history.
    type('Up', 'Enter');
    await shows(/\^C\nkleak> kmem -s dentry\nCACHE[^]* dentry\nkleak>$/);
    // What is longer than the screen goes to a pager, which q ends.
    type('help', 'Enter');
    await shows(/:$/);
    type('q');
    await shows(/kleak>$/);
    // Ctrl-C ends what runs, not the shell.
    type('set scroll off', 'Enter');
    await shows(/scroll: off\nkleak>$/);
    type('!sleep 50', 'Enter');
    await wait(300);
    type('C-c');
    await shows(/sleep 50\n[^]*kleak>$/);
    // Lines that are pasted are run one after another.
    type('eval 1 | head -1', 'Enter', 'eval 2 | head -1', 'Enter');
    await shows(/hexadecimal: 1\n[^]*hexadecimal: 2\nkleak>$/);
    type('C-d');
    await shows(/kleak>$/);
    const history = join(state, 'kleak/shell-history');
    expect(existsSync(history)).toBe(true);
    expect(statSync(history).mode & 0o777).toBe(0o600);
    const lines = readFileSync(history, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual([
      'kmem -s dentry',
      'help',
      'set scroll off',
      '!sleep 50',
      'eval 1 | head -1',
      'eval 2 | head -1',
    ]);
  });
});
