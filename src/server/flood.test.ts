import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';

const CONNECTIONS = 10_000;
/** Each attacker holds so many. */
const PART = 2500;
const MIB = 2 ** 20;
const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0);

/** The server as it is started by its user, in a process of its own: what it may open is its own too. */
async function startKleak(data: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const main = join(ROOT, 'src/cli/main.ts');
  const args = [main, 'serve', '--listen', '127.0.0.1:0', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const found = /http:\/\/\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error('kleak serve ended')));
  });
  return { child, url };
}

const residentOf = (pid: number): number =>
  1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

describe('10,000 connections', { timeout: 240_000 }, () => {
  let data = '';
  const children: ChildProcess[] = [];
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'kleak-flood-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(data, { recursive: true, force: true });
  });

  it.skipIf(limit < 2 * PART).each(['silent', 'slow'])(
    'that are %s leave the server answering, in bounded memory (needs 5,000 open files a process)',
    async (manner) => {
      const { child, url } = await startKleak(data);
      children.push(child);
      const pid = child.pid ?? 0;
      expect((await fetch(`${url}/known?q=i40e`)).status).toBe(200);
      const before = residentOf(pid);
      let opened = 0;
      for (let i = 0; i < CONNECTIONS / PART; i++) {
        const attacker = fork(join(ROOT, 'testkit/connection-flood.ts'), [new URL(url).port, String(PART), manner]);
        children.push(attacker);
        const [word] = (await once(attacker, 'message')) as readonly unknown[];
        if (typeof word === 'object' && word !== null && 'opened' in word) opened += Number(word.opened);
        for (const path of ['/health', '/', '/known?q=i40e'])
          expect((await fetch(url + path, { signal: AbortSignal.timeout(30_000) })).status).toBe(200);
      }
      expect(opened).toBe(CONNECTIONS);
      expect(readdirSync(`/proc/${pid}/fd`).length).toBeLessThan(2200);
      expect(residentOf(pid) - before).toBeLessThan(256 * MIB);
      expect(child.exitCode).toBe(null);
    },
  );
});
