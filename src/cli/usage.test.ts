import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runCommand } from '../../testkit/run-command.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const KLEAK = join(ROOT, 'bin/kleak');
const HEALTHY = join(ROOT, 'fixtures/captures/healthy/end/meminfo');

test.each([
  [['diagnos'], /^kleak: unknown command 'diagnos'; did you mean diagnose\? kleak --help lists the commands$/],
  [['diagnose', '--jsn'], /did you mean --json\? kleak diagnose --help shows how it is called$/],
  [['--josn'], /did you mean --json\? kleak diagnose --help shows how it is called$/],
  [['core', 'slab', 'x'], /did you mean slabs\? kleak core --help lists the commands$/],
  [['compare', 'one'], /^kleak: missing required argument 'b'; kleak compare --help shows how it is called$/],
  [
    ['diagnose', '--format', 'htm'],
    /is invalid: Allowed choices are text, markdown, html, json; kleak diagnose --help/,
  ],
  [[HEALTHY], /^kleak: \S+meminfo: is no command; for a file or folder: kleak diagnose \S+meminfo$/],
  [['core', HEALTHY], /for a file or folder: kleak core info \S+meminfo$/],
])('%j is answered by one line that says what to type', async (args, line) => {
  const { stdout, stderr, status } = await runCommand(KLEAK, args);
  expect(stderr.trimEnd()).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect([stdout, status]).toEqual(['', 2]);
});

test.each([[[]], [['core']], [['diagnose']], [['compare']], [['verify-fix']], [['experiment']], [['fleet']]])(
  'the help of kleak %j fits 80 columns and says what it does',
  async (args) => {
    const { stdout, status } = await runCommand(KLEAK, [...args, '--help']);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.split('\n')[2]).toMatch(/^[A-Z]/);
    expect(status).toBe(0);
  },
);

test('what is fed to a look at this host is not taken for it silently', () => {
  const fed = openSync(HEALTHY, 'r');
  try {
    const { stderr } = spawnSync(KLEAK, ['--json'], { stdio: [fed, 'ignore', 'pipe'], encoding: 'utf8' });
    expect(stderr).toContain('kleak: this host is looked at; what comes in by < or | is read by: kleak diagnose -');
  } finally {
    closeSync(fed);
  }
});
