import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { Hono } from 'hono';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { RequestCounter, same } from './access.ts';
import { limitedText } from './request-text.ts';
import { startServer, type RunningServer, type ServerOptions } from './start-server.ts';

let folder = '';
let running: RunningServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-attack-'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const data = (): string => join(folder, 'data');
async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  running = await startServer({ address: '127.0.0.1', port: 0, data: data(), ...options });
  return running.url;
}

/** Uploads, waits for the job's end, and gives its page. */
async function jobOf(url: string, name: string, body: Uint8Array<ArrayBuffer>): Promise<string> {
  const answer = await fetch(`${url}/api/v1/upload?name=${encodeURIComponent(name)}`, { method: 'POST', body });
  const job: unknown = await answer.json();
  const id = typeof job === 'object' && job !== null && 'job' in job ? String(job.job) : '';
  for (;;) {
    const page = await (await fetch(`${url}/jobs/${id}`)).text();
    if (!/<b>(?:waiting|running)<\/b>/.test(page.slice(page.indexOf('id="job"')))) return page;
    await sleep(100);
  }
}

const meminfo = readFileSync(join(ROOT, 'fixtures/captures/page-allocator-leak/end/meminfo'));

/** A zip of one file: 256 MiB of zeros in a quarter of a megabyte. */
function zipBomb(): Uint8Array<ArrayBuffer> {
  const size = 2 ** 28;
  const body = deflateRawSync(Buffer.alloc(size), { level: 9 });
  const header = Buffer.alloc(30);
  header.write('PK\u0003\u0004', 'latin1');
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(body.length, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(7, 26);
  return new Uint8Array(Buffer.concat([header, Buffer.from('meminfo'), body]));
}

describe('archives that mean harm', { timeout: 120_000 }, () => {
  it('a zip bomb is refused by its kind, and not unpacked', async () => {
    const url = await start();
    const page = await jobOf(url, 'bomb.zip', zipBomb());
    expect(page).toContain('<b>failed</b>');
    expect(page).toMatch(/zip/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('an archive whose names and links lead out of it writes nothing and reads nothing there', async () => {
    const url = await start();
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'MemTotal: 77777 kB\n');
    const archive = pack();
    archive.entry({ name: `../../../../../../${folder}/planted` }, 'planted');
    archive.entry({ name: `${folder}/absolute` }, 'planted');
    archive.entry({ name: 'proc', type: 'symlink', linkname: folder });
    archive.entry({ name: 'proc/through-link' }, 'planted');
    archive.entry({ name: 'link/meminfo', type: 'symlink', linkname: secret });
    archive.entry({ name: 'host/proc/meminfo' }, meminfo);
    archive.finalize();
    const parts: Uint8Array[] = [];
    for await (const part of archive) if (part instanceof Uint8Array) parts.push(part);
    expect(await jobOf(url, '../../evil.tar', new Uint8Array(Buffer.concat(parts)))).not.toContain('<b>failed</b>');
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'secret']);
    const document = await (await fetch(`${url}/api/v1/documents/1`)).text();
    expect(document).not.toContain(String(77_777 * 1024));
    expect(document).toContain('227717120');
    expect(existsSync('/planted')).toBe(false);
  });

  it('a path in an address leads to no file', async () => {
    const url = await start();
    for (const path of ['/document/', '/api/v1/documents/', '/assets/', '/host/', '/jobs/'])
      for (const file of ['..%2f..%2fserver.db', '%2fetc%2fpasswd', '..%5c..%5cserver.db'])
        expect((await fetch(url + path + file)).status).toBe(404);
  });
});

describe('who is slow', { timeout: 60_000 }, () => {
  /** Sends a byte now and then for as long as the server lets it; gives the status of the answer. */
  async function trickle(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(address, { method: 'POST', headers: { 'content-length': '100000' } }, (response) => {
        clearInterval(timer);
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      const timer = setInterval(() => sent.write('x'), 20);
      sent.once('error', (cause) => {
        clearInterval(timer);
        reject(cause);
      });
    });
  }

  it('with an upload is given up, leaves nothing, and keeps nobody from theirs', async () => {
    const url = await start({ patience: 500 });
    const slow = Promise.all(Array.from({ length: 7 }, () => trickle(`${url}/api/v1/upload?name=slow`)));
    expect(await jobOf(url, 'meminfo', new Uint8Array(meminfo))).not.toContain('<b>failed</b>');
    expect(new Set(await slow)).toEqual(new Set([408]));
    await expect.poll(() => readdirSync(join(data(), 'uploads'))).toEqual([]);
  });

  it('with a text is given up', async () => {
    const app = new Hono().post('/', async (c) => c.text((await limitedText(c, 100, 200)) ?? 'given up'));
    const never = new ReadableStream({
      async pull(controller) {
        await sleep(50);
        controller.enqueue(new Uint8Array([120]));
      },
    });
    const asked = new Request('http://localhost/', { method: 'POST', body: never, duplex: 'half' });
    expect(await (await app.request(asked)).text()).toBe('given up');
  });
});

describe('who pretends', { timeout: 60_000 }, () => {
  it('to come from elsewhere is counted as who it is', async () => {
    const url = await start({ perMinute: 10 });
    const ask = async (i: number): Promise<number> =>
      (await fetch(`${url}/health`, { headers: { 'x-forwarded-for': `10.0.0.${i}` } })).status;
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
  });

  it('behind a proxy to be another by a longer list is counted as whom the proxy saw', async () => {
    const url = await start({ perMinute: 10, behindProxy: true });
    const ask = async (list: string): Promise<number> =>
      (await fetch(`${url}/health`, { headers: { 'x-forwarded-for': list } })).status;
    const forged = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(`10.0.0.${i}, 192.0.2.1`)));
    expect(forged.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
    expect(await ask('192.0.2.2')).toBe(200);
  });

  it('to be a page of no site is refused', async () => {
    const url = await start();
    const answer = await fetch(`${url}/paste`, { method: 'POST', body: 'text=x', headers: { origin: 'null' } });
    expect(answer.status).toBe(403);
  });

  it('to have the token is told nothing by length or time of comparison, and may guess a few times a minute', async () => {
    // Comparing in constant time throws where lengths differ: what is compared are digests.
    expect(['', 'a', 'secreT', 'secret ', 'secret'].map((guess) => same(guess, 'secret'))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(readFileSync(join(ROOT, 'src/server/access.ts'), 'utf8')).toContain('timingSafeEqual(digest(a), digest(b))');
    const url = await start({ token: 'a-token-of-twenty-four-c', perMinute: 10 });
    const guess = async (i: number): Promise<number> =>
      (await fetch(`${url}/login`, { method: 'POST', body: `token=guess-${i}` })).status;
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(i)));
    expect(statuses.filter((status) => status === 403).length).toBeLessThanOrEqual(20);
    expect(statuses).not.toContain(303);
  });

  it('to be many addresses fills no memory', () => {
    const counter = new RequestCounter(5);
    for (let i = 0; i < 30_000; i++) counter.allows(`10.${i}`, 0);
    expect(counter.allows('one more', 0)).toBe(false);
    expect(counter.allows('one more', 60_000)).toBe(true);
  });
});

describe('a token of a host', { timeout: 60_000 }, () => {
  const [main, own, other] = ['main-token-of-everyone', 'token-of-host-db-1-only', 'token-of-host-db-2-only'];
  const file = (): string => join(folder, 'push-tokens');
  const fill = (...lines: readonly string[]): void => writeFileSync(file(), `${lines.join('\n')}\n`);
  const sample = { at: Date.now(), boot: 'b', totalBytes: 1e9, buckets: {}, caches: [] };
  async function push(url: string, host: string, token?: string): Promise<string> {
    const answer = await fetch(`${url}/api/v1/push`, {
      method: 'POST',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: JSON.stringify({ schema: 'kleak.push/1', host, samples: [sample] }),
    });
    return `${answer.status} ${(await answer.text()).trim()}`;
  }
  beforeEach(() => fill('# hosts', '', `db-1 ${own}`, `db-2\t${other} # the second`));

  it('pushes for that host alone: a forged name is refused in the same words, whether such a host is listed or not', async () => {
    const url = await start({ token: main, pushTokens: file() });
    expect(await push(url, 'db-1', own)).toBe('200 {"kept":1}');
    const refused = await Promise.all(['db-2', 'db-3', 'DB-1', 'db-1.'].map(async (host) => push(url, host, own)));
    expect(new Set(refused)).toEqual(new Set(['403 this token is for another host']));
    const page = await (await fetch(url, { headers: { authorization: `Bearer ${main}` } })).text();
    expect(page).toContain('db-1');
    expect(page).not.toContain('db-2');
  });

  it('is the only one that pushes for it: the token of all does so for hosts that have none', async () => {
    const url = await start({ token: main, pushTokens: file() });
    expect(await push(url, 'db-1', main)).toMatch(/^403 that host has a token of its own/);
    expect(await push(url, 'db-3', main)).toBe('200 {"kept":1}');
    for (const token of [undefined, '', 'db-1', `${own}x`, own.slice(1), `db-1 ${own}`])
      expect(await push(url, 'db-1', token)).toMatch(/^401 a token is needed/);
  });

  it('reads nothing, adds nothing, and does not log in', async () => {
    const url = await start({ token: main, pushTokens: file() });
    const headers = { authorization: `Bearer ${own}` };
    const asked = [
      '/api/v1/documents/1',
      '/api/v1/live',
      '/api/v1/host/db-1/live',
      '/api/v1/push',
      '/api/v1/jobs/1/live',
    ];
    for (const path of asked) expect([path, (await fetch(url + path, { headers })).status]).toEqual([path, 401]);
    for (const path of ['/', '/host/db-1', '/documents', '/document/1', '/known', '/health', '/compare'])
      expect((await fetch(url + path, { headers, redirect: 'manual' })).headers.get('location')).toBe('/login');
    for (const path of ['/api/v1/upload', '/paste', '/jobs/1/cancel', '/api/v1/push/', '//api/v1/push'])
      expect((await fetch(url + path, { method: 'POST', headers, body: 'x' })).status).toBe(401);
    const login = await fetch(`${url}/login`, { method: 'POST', body: `token=${own}`, redirect: 'manual' });
    expect([login.status, login.headers.get('set-cookie')]).toEqual([403, null]);
    const cookie = `kleak_token=${createHash('sha256').update(`kleak cookie ${own}`).digest('hex')}`;
    expect((await fetch(url, { headers: { cookie }, redirect: 'manual' })).status).toBe(302);
  });

  it('is demanded on loopback too, where there is no token of all', async () => {
    const url = await start({ pushTokens: file() });
    expect(await push(url, 'db-3')).toMatch(/^401/);
    expect(await push(url, 'db-3', own)).toMatch(/^403/);
    expect(await push(url, 'db-1', own)).toMatch(/^200/);
    expect((await fetch(url)).status).toBe(200);
  });

  it('is withdrawn by a line that goes, and exchanged while two are there', async () => {
    const url = await start({ token: main, pushTokens: file() });
    fill(`db-1 ${own}`, 'db-1 the-new-token-of-db-1');
    expect(await push(url, 'db-1', own)).toMatch(/^200/);
    expect(await push(url, 'db-1', 'the-new-token-of-db-1')).toMatch(/^200/);
    fill('db-1 the-new-token-of-db-1');
    expect(await push(url, 'db-1', own)).toMatch(/^401/);
    expect(await push(url, 'db-2', other)).toMatch(/^401/);
    expect(await push(url, 'db-2', main)).toMatch(/^200/);
  });
});

describe('the audit', { timeout: 60_000 }, () => {
  it('has a line for each diagnosis: when, who, of what', async () => {
    const url = await start();
    const before = Date.now();
    await jobOf(url, 'dump of db-1', new Uint8Array(meminfo));
    await fetch(`${url}/paste`, { method: 'POST', body: 'text=MemTotal', redirect: 'manual' });
    await fetch(url);
    const database = new DatabaseSync(join(data(), 'server.db'), { readOnly: true });
    const lines = database.prepare('SELECT at, who, what FROM audit ORDER BY id').all();
    database.close();
    expect(lines.map(({ who, what }) => [who, what])).toEqual([
      ['127.0.0.1', 'diagnose dump of db-1'],
      ['127.0.0.1', 'diagnose pasted text'],
    ]);
    expect(Number(lines[0]?.['at'])).toBeGreaterThanOrEqual(before);
  });
});
