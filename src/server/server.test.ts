import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { startServer, type RunningServer, type ServerOptions } from './start-server.ts';

const TOKEN = 'a-token-of-twenty-four-c';
const open: { server: RunningServer; data: string }[] = [];

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer & { readonly data: string }> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'kleak-serve-'));
  const server = await startServer({ address: '127.0.0.1', port: 0, data, ...options });
  open.push({ server, data });
  return { ...server, data };
}

afterEach(async () => {
  for (const { server, data } of open.splice(0)) {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  }
});

const push = (host: string, more: object = {}): { method: string; body: string } => ({
  method: 'POST',
  body: JSON.stringify({
    schema: 'kleak.push/1',
    host,
    attributes: { kernel: '6.1.0' },
    samples: [
      { at: 1_700_000_000_000, boot: 'b', totalBytes: 1e9, unexplained: 5e6, buckets: { free: 5e8 }, caches: [] },
    ],
    ...more,
  }),
});

async function untilDone(url: string, job: string): Promise<string> {
  for (let i = 0; i < 600; i++) {
    const text = await (await fetch(`${url}/jobs/${job}`)).text();
    const state = /<b>(\w+)<\/b>/.exec(text.slice(text.indexOf('id="job"')))?.[1] ?? '';
    if (state !== 'waiting' && state !== 'running') return state;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 'never';
}

async function upload(url: string, name: string, body: Uint8Array<ArrayBuffer>): Promise<{ job: string }> {
  const answer = await fetch(`${url}/api/v1/upload?name=${encodeURIComponent(name)}`, { method: 'POST', body });
  expect(answer.status).toBe(202);
  const json: unknown = await answer.json();
  return { job: typeof json === 'object' && json !== null && 'job' in json ? String(json.job) : '' };
}

describe('kleak serve', { timeout: 120_000 }, () => {
  it('takes a crash dump and shows its diagnosis', async () => {
    const { url } = await start();
    const dump = zstdDecompressSync(await readFile(join(ROOT, 'fixtures/dumps/x86-64-slub/vmcore.zst')));
    const { job } = await upload(url, 'vmcore', new Uint8Array(dump));
    expect(await untilDone(url, job)).toBe('done');
    const page = await (await fetch(`${url}/document/1`)).text();
    expect(page).toContain('<b>kleak</b> diagnosis');
    const json: unknown = await (await fetch(`${url}/api/v1/documents/1`)).json();
    expect(json).toMatchObject({ schema: 'kleak.diagnosis/1' });
  });

  it('cancels what is at work, and leaves nothing of it', async () => {
    const { url } = await start();
    const { job } = await upload(url, 'long', new Uint8Array(Buffer.alloc(64 * 2 ** 20, 'MemTotal: 1 kB\n')));
    await fetch(`${url}/jobs/${job}/cancel`, { method: 'POST', redirect: 'manual' });
    expect(await untilDone(url, job)).toBe('cancelled');
    expect(await (await fetch(`${url}/documents`)).text()).toContain('Nothing was diagnosed yet');
  });

  it('gives a diagnosis away without names: where the address asks for it, and where all are to be so', async () => {
    const meminfo = readFileSync(join(ROOT, 'fixtures/captures/page-allocator-leak/end/meminfo'));
    for (const redact of [false, true]) {
      const { url } = await start({ redact });
      const { job } = await upload(url, 'acme-db17.txt', new Uint8Array(meminfo));
      expect(await untilDone(url, job)).toBe('done');
      const get = async (path: string): Promise<string> => (await fetch(url + path)).text();
      expect((await get('/api/v1/documents/1')).includes('acme')).toBe(!redact);
      for (const path of ['/api/v1/documents/1?redact=1', '/document/1?as=file&redact=1']) {
        const text = await get(path);
        expect(text).toContain('unexplained');
        expect(text).not.toContain('acme');
      }
      expect((await fetch(`${url}/dump/1/map`)).status).toBe(redact ? 403 : 404);
    }
  });

  it('says what is wrong with a file that nothing can be made of', async () => {
    const { url } = await start();
    const { job } = await upload(url, 'noise', new Uint8Array(Buffer.from('nothing of a kernel\n')));
    expect(await untilDone(url, job)).toBe('failed');
  });

  it('shows hosts that push, and what they pushed is there after a restart', async () => {
    const data = mkdtempSync(join(tmpdir(), 'kleak-serve-'));
    const first = await start({ data });
    expect(await (await fetch(`${first.url}/api/v1/push`, push('db-1'))).json()).toEqual({ kept: 1 });
    await open.pop()?.server.close();
    const { url } = await start({ data });
    expect(await (await fetch(url)).text()).toContain('/host/db-1');
    expect(await (await fetch(`${url}/host/db-1`)).text()).toContain('6.1.0');
  });

  it('counts a sample that is sent twice once', async () => {
    const { url } = await start();
    for (let i = 0; i < 2; i++) await fetch(`${url}/api/v1/push`, push('db-1'));
    expect(await (await fetch(`${url}/host/db-1`)).text()).toContain('1 sample<');
  });

  it.each([
    ['no JSON', 'hello', /no JSON/],
    ['another document', '{"schema":"kleak.diagnosis/1"}', /schema/],
    ['a host name with a path', push('../../etc').body, /host: letters/],
    ['numbers that are none', push('a', { samples: [{ at: 'x' }] }).body, /samples\.0\.at/],
    ['more samples than are taken', push('a', { samples: Array.from({ length: 1001 }, () => ({})) }).body, /samples/],
  ])('refuses a push of %s, with the place', async (_, body, problem) => {
    const { url } = await start();
    const answer = await fetch(`${url}/api/v1/push`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(problem);
  });

  it('refuses a push that is too large before it has read it', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/api/v1/push`, { method: 'POST', body: 'x'.repeat(3 * 2 ** 20) });
    expect(answer.status).toBe(413);
  });
});

describe('attacks', { timeout: 120_000 }, () => {
  it('a name with a path names nothing on the disk', async () => {
    const { url, data } = await start();
    const { job } = await upload(url, '../../../../tmp/evil', new Uint8Array(Buffer.from('MemTotal: 1 kB\n')));
    await untilDone(url, job);
    expect(readdirSync(data).toSorted()).toEqual(expect.arrayContaining(['server.db', 'uploads']));
    expect(readdirSync(join(data, 'uploads')).every((name) => /^[\da-f-]{36}$/.test(name))).toBe(true);
  });

  it('a bomb of zeros is given up, and the server goes on', async () => {
    const { url } = await start();
    const bomb = gzipSync(gzipSync(Buffer.alloc(512 * 2 ** 20), { level: 9 }), { level: 9 });
    const { job } = await upload(url, 'bomb.gz', new Uint8Array(bomb));
    expect(['failed', 'done']).toContain(await untilDone(url, job));
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it('markup and escape sequences in what a host sends are text', async () => {
    const { url } = await start();
    const evil = '<script>alert(1)</script>\u001b[31m"onload=';
    const body = push('db-1', {
      attributes: { [evil]: evil },
      samples: [1, 2].map((at) => ({
        at,
        boot: evil,
        totalBytes: 1e9,
        buckets: { [evil]: at },
        caches: [{ name: evil, bytes: 5 }],
      })),
      events: [{ at: 1, kind: evil, name: evil, detail: evil }],
    });
    expect((await fetch(`${url}/api/v1/push`, body)).status).toBe(200);
    for (const path of ['/', '/host/db-1', '/compare?a=db-1&b=db-1', '/known?q=%3Cscript%3E']) {
      const answer = await fetch(url + path);
      const page = await answer.text();
      expect(page).not.toContain('<script>alert');
      expect(page).not.toContain('\u001b');
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  it('another site’s host name, and another site’s form, are refused', async () => {
    const { url } = await start();
    const status = await new Promise((resolve) =>
      request(url, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode)).end(),
    );
    expect(status).toBe(421);
    const form = await fetch(`${url}/paste`, {
      method: 'POST',
      body: 'text=x',
      headers: { origin: 'http://evil.example' },
    });
    expect(form.status).toBe(403);
  });

  it('nobody without the token sees or sends anything', async () => {
    const { url } = await start({ token: TOKEN });
    for (const path of ['/api/v1/documents/1', '/api/v1/live']) expect((await fetch(url + path)).status).toBe(401);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302);
    expect((await fetch(`${url}/api/v1/push`, push('a'))).status).toBe(401);
    const wrong = { authorization: `Bearer ${TOKEN}x` };
    expect((await fetch(`${url}/api/v1/push`, { ...push('a'), headers: wrong })).status).toBe(401);
    const right = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${url}/api/v1/push`, { ...push('a'), headers: right })).status).toBe(200);
    const login = await fetch(`${url}/login`, { method: 'POST', body: `token=${TOKEN}`, redirect: 'manual' });
    const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(cookie).not.toContain(TOKEN);
    expect((await fetch(url, { headers: { cookie } })).status).toBe(200);
  });

  it('who asks too much waits', async () => {
    const { url } = await start({ perMinute: 20 });
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await fetch(`${url}/health`)).status));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
  });

  it('an upload beyond the limit is cut off and leaves nothing', async () => {
    const { url, data } = await start({ mostUpload: 1000 });
    const answer = await fetch(`${url}/api/v1/upload?name=x`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(answer.status).toBe(413);
    expect(readdirSync(join(data, 'uploads'))).toEqual([]);
  });

  it('thousands of connections that say nothing do not keep others out', async () => {
    const { url } = await start();
    const port = Number(new URL(url).port);
    const sockets = Array.from({ length: 1500 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect((await fetch(`${url}/health`)).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
