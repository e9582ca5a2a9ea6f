import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { startServer, type RunningServer, type ServerOptions } from './start-server.ts';

let folder = '';
const running: RunningServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-fault-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of running.splice(0)) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const data = (): string => join(folder, 'data');
async function start(options: Partial<ServerOptions> = {}): Promise<string> {
  const server = await startServer({ address: '127.0.0.1', port: 0, data: data(), ...options });
  running.push(server);
  return server.url;
}
const stop = async (): Promise<void> => running.pop()?.close();

async function push(url: string, host: string, at: number): Promise<string> {
  const samples = [{ at, boot: 'b', totalBytes: 1e9, unexplained: 5e6, buckets: {}, caches: [] }];
  const answer = await fetch(`${url}/api/v1/push`, {
    method: 'POST',
    body: JSON.stringify({ schema: 'kleak.push/1', host, samples }),
  });
  return `${answer.status} ${(await answer.text()).trim()}`;
}

/** Hears an answer that comes before all is sent, as browsers do and `fetch` does not. */
const upload = async (url: string, body: Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/upload?name=large`, { method: 'POST' }, (response) => {
      let said = `${response.statusCode} `;
      response.setEncoding('utf8').on('data', (part: string) => (said += part));
      response.once('end', () => resolve(said));
    });
    sent.once('error', reject);
    sent.end(body);
  });

/** What the server writes into its log from now on. */
function log(): string[] {
  const lines: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  return lines;
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const canMount = process.getuid?.() === 0 && mounted(mkdtempSync(join(tmpdir(), 'kleak-mount-')), '64k');

describe('a folder that cannot be used is refused in a line:', { timeout: 60_000 }, () => {
  const why = async (at: string): Promise<string> =>
    start({ data: at }).then(
      () => 'started',
      (cause: unknown) => String(cause),
    );

  it('another server has it; and it is free again when that one has ended', async () => {
    await start();
    expect(await why(data())).toMatch(
      /data: another kleak serve uses it; stop that one, or give another --data folder$/,
    );
    await stop();
    expect(await why(data())).toBe('started');
  });

  it('a file is there, or on the way, or none can be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await why(join(folder, 'file'))).toMatch(/file: is no folder; give another --data folder$/);
    expect(await why(join(folder, 'file/data'))).toMatch(/cannot be written: what it lies in is no folder; give/);
    expect(await why('/proc/kleak/data')).toMatch(/cannot be written: the kernel makes no folder there; give/);
  });

  it('its database is damaged, of another program, or newer', async () => {
    await start();
    await stop();
    const file = join(data(), 'server.db');
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 77');
    expect(await why(data())).toMatch(/server\.db: written by a newer kleak; use that, or another --data folder$/);
    database.exec('PRAGMA application_id = 5');
    database.close();
    expect(await why(data())).toMatch(/server\.db: a database of another program/);
    for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
    writeFileSync(file, 'this is no database at all, whatever its name says'.repeat(100));
    expect(await why(data())).toMatch(
      /server\.db: the database cannot be used: it is damaged, or no database; bring it back/,
    );
  });

  it.skipIf(!canMount)('its file system is read-only (needs root that may mount)', async () => {
    mounted(folder, '1m,ro');
    try {
      expect(await why(data())).toMatch(/data: cannot be written: its file system is read-only; give a --data folder/);
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('its database is locked by another program', async () => {
    await start();
    await stop();
    const other = new DatabaseSync(join(data(), 'server.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(await why(data())).toMatch(/cannot be written: another program holds it locked; give/);
    other.close();
    expect(await why(data())).toBe('started');
  });

  it('the address: another program listens there, or it is none of this host; the folder is free then', async () => {
    const url = await start();
    const port = Number(new URL(url).port);
    await expect(start({ data: join(folder, 'two'), port })).rejects.toThrow(
      `127.0.0.1:${port}: another program listens there; give another --listen HOST:PORT`,
    );
    await expect(start({ data: join(folder, 'two'), address: '192.0.2.7' })).rejects.toThrow(
      '192.0.2.7:0: this host has no such address; give another --listen HOST:PORT',
    );
    expect(await why(join(folder, 'two'))).toBe('started');
  });
});

describe('a database that cannot be written while the server runs', () => {
  it('keeps no page from being shown, is told once, and loses nothing: a push is answered so that it is sent again', async () => {
    const url = await start();
    expect(await push(url, 'db-1', Date.now())).toBe('200 {"kept":1}');
    const lines = log();
    const other = new DatabaseSync(join(data(), 'server.db'));
    other.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 5; i++)
      expect(await push(url, 'db-1', Date.now() + i)).toMatch(
        /^503 .*another program holds it locked; keep the samples/,
      );
    expect(await (await fetch(url)).text()).toContain('db-1');
    other.close();
    while (!(await push(url, 'db-1', Date.now() + 10)).startsWith('200')) await sleep(250);
    expect(lines).toEqual([
      'kleak serve: the database cannot be used: another program holds it locked\n',
      'kleak serve: the database can be used again\n',
    ]);
  }, 30_000);

  it.skipIf(!canMount)(
    'for want of room: pushes, pastes and uploads are refused in a line, and pages go on (needs root that may mount)',
    async () => {
      mounted(folder, '1m');
      try {
        const url = await start();
        expect(await push(url, 'db-1', Date.now())).toBe('200 {"kept":1}');
        const lines = log();
        expect(await upload(url, Buffer.alloc(2 * 2 ** 20, 'A'))).toBe('507 no room on the server’s disk\n');
        expect(readdirSync(join(data(), 'uploads'))).toEqual([]);
        fill(join(folder, 'filler'));
        expect(await push(url, 'db-2', Date.now())).toMatch(/^503 the server’s database: no room on the disk; keep/);
        const paste = await fetch(`${url}/paste`, { method: 'POST', body: 'text=MemTotal' });
        expect([paste.status, await paste.text()]).toEqual([507, expect.stringContaining('no room')]);
        expect(await (await fetch(url)).text()).toContain('db-1');
        rmSync(join(folder, 'filler'));
        expect(await push(url, 'db-2', Date.now())).toBe('200 {"kept":1}');
        expect(lines.join('')).not.toContain('a bug');
      } finally {
        await stop();
        execFileSync('umount', ['-l', folder]);
      }
    },
    60_000,
  );
});

/** Whether a file system of that size could be put there; one for a try is taken away again. */
function mounted(at: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'kleak', at], { stdio: 'ignore' });
    if (size === '64k') execFileSync('umount', [at]);
    return true;
  } catch {
    return false;
  } finally {
    if (size === '64k') rmSync(at, { recursive: true, force: true });
  }
}

function fill(file: string): void {
  try {
    writeFileSync(file, Buffer.alloc(4 * 2 ** 20));
  } catch {
    // What could be written stays.
  }
}

describe('a server that is stopped', { timeout: 30_000 }, () => {
  it('in the middle of uploads, of pushes, and of those who say nothing ends at once and leaves nothing half', async () => {
    const url = await start();
    const { port } = new URL(url);
    const silent = connect(Number(port), '127.0.0.1');
    silent.on('error', () => undefined);
    const sent = ['/api/v1/upload?name=x', '/api/v1/push'].map((path) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n{"schema":`);
      return socket;
    });
    while (readdirSync(data()).includes('uploads') === false || readdirSync(join(data(), 'uploads')).length === 0)
      await sleep(20);
    const closed = Promise.all(
      [silent, ...sent].map(async (socket) => new Promise((done) => socket.once('close', done))),
    );
    await stop();
    await closed;
    while (readdirSync(join(data(), 'uploads')).length > 0) await sleep(20);
    expect(await (await fetch(await start())).text()).toContain('No host');
  });

  it.skipIf(!hasOpenssl)('while somebody has not agreed on TLS yet (needs openssl)', async () => {
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-days', '2'];
    const [cert, key] = [join(folder, 'cert'), join(folder, 'key')];
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const url = await start({ tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise((done) => socket.once('connect', done));
    await stop();
    expect(running).toEqual([]);
  });

  it('by a kill leaves uploads, which the next one clears away; a dump that a diagnosis leads to stays', async () => {
    const url = await start();
    const text = readFileSync(join(ROOT, 'fixtures/captures/page-allocator-leak/end/meminfo'));
    await fetch(`${url}/api/v1/upload?name=meminfo`, { method: 'POST', body: new Uint8Array(text) });
    while ((await fetch(`${url}/document/1`)).status !== 200) await sleep(100);
    await stop();
    const uploads = join(data(), 'uploads');
    for (const name of ['left', 'dump']) writeFileSync(join(uploads, name), 'x');
    const database = new DatabaseSync(join(data(), 'server.db'));
    database.prepare('UPDATE documents SET dump = ?').run(join(uploads, 'dump'));
    database.close();
    await start();
    expect(readdirSync(uploads)).toEqual(['dump']);
  });
});

describe('a host whose clock is years ahead', () => {
  it('is told so on its page, and what it sent before is seen as ever', { timeout: 60_000 }, async () => {
    const url = await start();
    const now = Date.now();
    for (let i = 0; i < 20; i++) await push(url, 'db-1', now - i * 60_000);
    expect(await push(url, 'db-1', now + 3 * 365 * 86_400_000)).toMatch(/^200/);
    let page = '';
    while (!page.includes('ahead of the server')) {
      await sleep(100);
      page = await (await fetch(`${url}/host/db-1`)).text();
    }
    expect(page).toContain('clock is 26280 h ahead of the server’s: such samples are not kept; set one of the two');
  });
});

describe('a diagnosis that fails or is cancelled', () => {
  it('leaves nothing of its upload', async () => {
    const url = await start();
    await fetch(`${url}/api/v1/upload?name=x.zip`, { method: 'POST', body: 'PK\u0003\u0004 nothing' });
    const long = await fetch(`${url}/api/v1/upload?name=long`, {
      method: 'POST',
      body: new Uint8Array(32 * 2 ** 20).fill(65),
    });
    const job: unknown = await long.json();
    const id = typeof job === 'object' && job !== null && 'job' in job ? String(job.job) : '';
    await fetch(`${url}/jobs/${id}/cancel`, { method: 'POST', redirect: 'manual' });
    while (readdirSync(join(data(), 'uploads')).length > 0) await sleep(50);
    expect(await (await fetch(`${url}/documents`)).text()).toContain('Nothing was diagnosed yet');
  }, 60_000);
});

describe('a metrics server that is not what it should be', { timeout: 60_000 }, () => {
  const answers: Readonly<Record<string, readonly [number, Record<string, string>, string]>> = {
    'a log-in page': [200, { 'content-type': 'text/html' }, '<html><body>Log in'],
    'a page of errors': [500, { 'content-type': 'text/html' }, '<html><body>Oops'],
    'a loop of redirects': [302, { location: '/api/v1/query' }, ''],
    'half an answer': [200, {}, '{"status":"success","data":{"resu'],
    'no answer of the API': [200, {}, '{"hello":"there"}'],
    'nothing that is known': [200, {}, '{"status":"success","data":{"resultType":"vector","result":[]}}'],
  };
  const said: Readonly<Record<string, RegExp>> = {
    'a log-in page': /a web page, not an answer of the query API/,
    'a page of errors': /a web page, not an answer of the query API/,
    'a loop of redirects': /sends elsewhere/,
    'half an answer': /an answer that is cut or no JSON/,
    'no answer of the API': /JSON that is no answer of the query API/,
    'nothing that is known': /no host with node_memory_MemTotal_bytes/,
  };

  it.each(Object.keys(answers))('gives %s: the page of the fleet says so, and all others are as ever', async (kind) => {
    const [status, headers, body] = answers[kind] ?? [200, {}, ''];
    const server = createServer((_, response) => response.writeHead(status, headers).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    const url = await start({ metrics: `http://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}` });
    let page = '';
    while (!page.includes('role="alert"')) {
      page = await (await fetch(`${url}/fleet`)).text();
      await sleep(20);
    }
    expect(page).toMatch(said[kind] ?? /never/);
    expect((await fetch(url)).status).toBe(200);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
