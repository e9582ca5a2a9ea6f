import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../../testkit/read-input.ts';
import { runCommand, type Ran } from '../../testkit/run-command.ts';

const folder = scratch();
const KLEAK = new URL('../../bin/kleak', import.meta.url).pathname;
const [main, own, other] = ['main-token-of-everyone', 'token-of-host-db-1-only', 'token-of-host-db-2-only'];
const tokenFile = (name: string, token: string): string => {
  writeFileSync(join(folder, name), `${token}\n`);
  return join(folder, name);
};
let server: ChildProcess;
let url = '';

beforeAll(async () => {
  writeFileSync(join(folder, 'push-tokens'), `db-1 ${own}\ndb-2 ${other}\n`);
  const args = ['--listen', '127.0.0.1:0', '--data', join(folder, 'data'), '--token-file', tokenFile('main', main)];
  server = spawn(KLEAK, ['serve', ...args, '--push-tokens', join(folder, 'push-tokens')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines = server.stderr ? createInterface({ input: server.stderr }) : undefined;
  while (lines && url === '') url = /http:\S+/.exec(String((await once(lines, 'line'))[0]))?.[0] ?? '';
}, 60_000);
afterAll(async () => {
  server.kill('SIGTERM');
  await once(server, 'close');
});

let files = 0;
const record = async (...args: readonly string[]): Promise<Ran> =>
  runCommand(KLEAK, ['record', '--once', '--db', join(folder, `${files++}.db`), '--push', url, ...args]);
const hosts = async (): Promise<string> => (await fetch(url, { headers: { authorization: `Bearer ${main}` } })).text();

describe('kleak record that pushes to kleak serve', { timeout: 120_000 }, () => {
  it('is taken with the token of its host, under the name that it has there', async () => {
    const { status, stderr } = await record('--push-token-file', tokenFile('own', own), '--push-name', 'db-1');
    expect([status, stderr]).toEqual([0, '']);
    expect(await hosts()).toContain('db-1');
  });

  it.each([
    ['the token of another host', other, /does not take this host’s samples: this token is for another host; give/],
    [
      'the token of all, for a host that has its own',
      main,
      /that host has a token of its own.*; give --push-token-file/,
    ],
    ['no token that is known', 'a-token-that-was-made-up', /the server wants its token; give --push-token-file/],
  ])('says in a line why it is not taken with %s, and samples all the same', async (_, token, problem) => {
    const { status, stderr } = await record('--push-token-file', tokenFile('wrong', token), '--push-name', 'db-1');
    expect(status).toBe(0);
    expect(stderr).toMatch(problem);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it.each([
    ['that is not there', () => join(folder, 'none'), /none: cannot be read \(ENOENT\); give --push-token-file a file/],
    ['that is a folder', () => folder, /cannot be read \(EISDIR\)/],
    ['that is empty', () => tokenFile('empty', ''), /empty: holds no token/],
    ['of two lines', () => tokenFile('two', `${own}\n${other}`), /two: holds no token: one line without spaces/],
  ])('refuses in a line a token file %s', async (_, file, problem) => {
    const { status, stderr } = await record('--push-token-file', file());
    expect(status).toBe(2);
    expect(stderr).toMatch(problem);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('goes on sampling while a server does not answer, and ends at once when it is asked to', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const at = silent.address();
    const address = `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`;
    const asked = once(silent, 'request');
    const child = spawn(
      KLEAK,
      ['record', '--verbose', '--interval', '50ms', '--db', join(folder, 'silent.db'), '--push', address],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: child.stdout });
    await asked;
    for (let i = 0; i < 5; i++) await once(lines, 'line');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(child.exitCode).toBe(0);
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });
});
