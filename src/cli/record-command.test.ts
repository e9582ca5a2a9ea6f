import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { scratch } from '../../testkit/read-input.ts';
import { runCommand } from '../../testkit/run-command.ts';
import { SampleStore } from '../sources/store/sample-store.ts';

const folder = scratch();
const KLEAK = new URL('../../bin/kleak', import.meta.url).pathname;

/** Starts a recorder of this host; `lines` is what it acknowledged. */
function start(...args: readonly string[]): {
  child: ChildProcess;
  lines: string[];
  acknowledged: (n: number) => Promise<void>;
} {
  const child = spawn(KLEAK, ['record', '--verbose', '--interval', '50ms', ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const acknowledged = async (n: number): Promise<void> => {
    while (lines.length < n) await once(reader, 'line');
  };
  return { child, lines, acknowledged };
}

const times = (lines: readonly string[]): readonly number[] =>
  lines.flatMap((line) => /^sample (\d+) written$/.exec(line)?.slice(1).map(Number) ?? []);

function recorded(file: string): { at: readonly number[]; kinds: readonly string[] } {
  const store = new SampleStore(file, 'read');
  try {
    return { at: [...store.samples()].map((s) => s.at), kinds: store.events().map((e) => e.kind) };
  } finally {
    store.close();
  }
}

describe('kleak record', () => {
  it('killed at any moment has lost no sample that it acknowledged, and goes on in the same file', async () => {
    const file = join(folder, 'new/folder/samples.db');
    const known: number[] = [];
    for (const samples of [1, 7, 12]) {
      const { child, lines, acknowledged } = start('--db', file);
      await acknowledged(samples);
      child.kill('SIGKILL');
      await once(child, 'close');
      known.push(...times(lines));
      expect(known.filter((at) => !recorded(file).at.includes(at))).toEqual([]);
    }
    expect(known.length).toBeGreaterThanOrEqual(20);
    expect(recorded(file).kinds.filter((kind) => kind === 'recording-started')).toHaveLength(3);
  }, 180_000);

  it('asked to stop, says so in the recording and leaves one file and its lock', async () => {
    const file = join(folder, 'stopped.db');
    const { child, acknowledged } = start('--db', file);
    await acknowledged(2);
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
    expect(recorded(file).kinds.at(-1)).toBe('recording-stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped.db'))).toEqual([
      'stopped.db',
      'stopped.db.lock',
    ]);
  }, 180_000);

  it('--once takes one sample; a second recorder meanwhile is refused in one line', async () => {
    const file = join(folder, 'twice.db');
    const { child, acknowledged } = start('--db', file);
    await acknowledged(1);
    const second = await runCommand(KLEAK, ['record', '--once', '--db', file]);
    expect([second.status, second.stdout]).toEqual([2, '']);
    expect(second.stderr).toMatch(
      /^kleak: \S+: another kleak record writes to it; stop that one, or give another --db\n$/,
    );
    child.kill('SIGTERM');
    await once(child, 'close');
    const before = recorded(file).at.length;
    expect((await runCommand(KLEAK, ['record', '--once', '--db', file])).status).toBe(0);
    expect(recorded(file).at).toHaveLength(before + 1);
  }, 180_000);

  it('refuses what it cannot use in one line', async () => {
    const unwritable = await runCommand(KLEAK, ['record', '--once', '--db', '/proc/kleak/samples.db']);
    expect(unwritable.status).toBe(2);
    expect(unwritable.stderr).toMatch(
      /^kleak: \/proc\/kleak\/samples\.db: its folder cannot be made: [^\n]+; run as root, or give another --db\n$/,
    );
    const interval = await runCommand(KLEAK, ['record', '--interval', 'soon', '--db', join(folder, 'x.db')]);
    expect([interval.status, interval.stderr.split('\n')[0]]).toEqual([2, expect.stringContaining('--interval')]);
    const nothing = await runCommand(KLEAK, ['trend', join(folder, 'none.db')]);
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toMatch(/^kleak: \S+none\.db: no such database; kleak record makes one[^\n]*\n$/);
  }, 180_000);
});
