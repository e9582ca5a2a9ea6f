import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../testkit/manifest.ts';
import { realDumps } from '../../testkit/real-dumps.ts';
import { parseDiagnosis } from '../report/read-diagnosis.ts';
import { startServer, type RunningServer, type ServerOptions } from './start-server.ts';

const CAPTURE = join(ROOT, 'fixtures/captures/page-allocator-leak/end');
const dump = realDumps().find(({ name }) => name === 'x86-64-slub')?.path ?? '';

let folder = '';
let url = '';
let running: RunningServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-adding-'));
  mkdirSync(join(folder, 'srv'));
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const srv = (...parts: readonly string[]): string => join(folder, 'srv', ...parts);
const uploads = (): readonly string[] =>
  existsSync(join(folder, 'data/uploads')) ? readdirSync(join(folder, 'data/uploads')) : [];

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  await running?.close();
  running = await startServer({ address: '127.0.0.1', port: 0, data: join(folder, 'data'), ...options });
  url = running.url;
}

const get = async (path: string): Promise<string> => (await fetch(url + path)).text();

/** The page of a job once it is at its end. */
async function jobPage(path: string): Promise<string> {
  for (;;) {
    const page = await get(path);
    if (!page.includes('<progress')) return page;
    await sleep(50);
  }
}

/** What is offered, by name: the keys. */
async function offered(): Promise<ReadonlyMap<string, string>> {
  const page = await get('/add');
  const rows = [...page.matchAll(/name="file" value="([^"]+)" \/>\s*([^<]*?)\s*<\/label/g)];
  return new Map(rows.map(([, key = '', name = '']) => [name, key]));
}

const choose = async (...keys: readonly string[]): Promise<Response> =>
  fetch(`${url}/files`, {
    method: 'POST',
    body: new URLSearchParams(keys.map((key): [string, string] => ['file', key])),
    redirect: 'manual',
  });

async function diagnoseHere(...names: readonly string[]): Promise<string> {
  const items = await offered();
  const answer = await choose(...names.map((name) => items.get(name) ?? 'unknown'));
  expect(answer.status).toBe(303);
  return jobPage(answer.headers.get('location') ?? '');
}

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

async function send(parts: readonly Part[]): Promise<Response> {
  const query = new URLSearchParams(
    parts.flatMap(({ name, bytes }): [string, string][] => [
      ['name', name],
      ['size', String(bytes.length)],
    ]),
  );
  return fetch(`${url}/api/v1/upload?${query.toString()}`, {
    method: 'POST',
    body: new Blob(parts.map(({ bytes }) => bytes)),
  });
}

async function sendAndWait(parts: readonly Part[]): Promise<string> {
  const answer = await send(parts);
  const job: unknown = await answer.json();
  return jobPage(`/jobs/${typeof job === 'object' && job !== null && 'job' in job ? String(job.job) : ''}`);
}

const proc = (name: string, as = name): Part => ({
  name: as,
  bytes: new Uint8Array(readFileSync(join(CAPTURE, name))),
});

async function document(id: number): Promise<string> {
  return get(`/api/v1/documents/${id}`);
}

async function inputs(id: number): Promise<readonly { readonly kind: string; readonly file: string }[]> {
  return parseDiagnosis(await document(id)).inputs;
}

/** What is not kept is removed once the answer is given. */
const untilGone = async (): Promise<void> => expect.poll(uploads, { timeout: 10_000 }).toEqual([]);

describe('files that lie on the server', { timeout: 120_000 }, () => {
  it('are not spoken of where none are offered', async () => {
    await start();
    expect(await get('/add')).not.toContain('On the server');
    expect((await choose('x')).status).toBe(404);
  });

  it('are listed with those of folders below; copies of /proc and crashes as wholes, and nothing hidden', async () => {
    cpSync(CAPTURE, srv('db-1/proc'), { recursive: true });
    mkdirSync(srv('crash/2026'), { recursive: true });
    writeFileSync(srv('crash/2026/vmcore'), 'x');
    writeFileSync(srv('crash/2026/vmcore-dmesg.txt'), 'x');
    writeFileSync(srv('notes.txt'), 'x');
    writeFileSync(srv('.hidden'), 'x');
    await start({ files: [srv()] });
    expect([...(await offered()).keys()].toSorted()).toEqual(
      [
        'srv/crash/2026/',
        'srv/crash/2026/vmcore',
        'srv/crash/2026/vmcore-dmesg.txt',
        'srv/db-1/',
        'srv/notes.txt',
      ].toSorted(),
    );
  });

  it('are diagnosed where they lie: a dump is entered, and stays when its document is forgotten', async () => {
    copyFileSync(dump, srv('db-7.vmcore'));
    await start({ files: [srv()] });
    expect(await diagnoseHere('srv/db-7.vmcore')).toContain('/document/1');
    await untilGone();
    expect(await document(1)).toContain('srv/db-7.vmcore');
    expect(await document(1)).not.toContain(folder);
    expect(await get('/document/1')).toContain('/dump/1/map');
    const answer = await fetch(`${url}/dump/1/view?address=init_task`);
    expect(answer.status).toBe(200);
    await start();
    expect((await fetch(`${url}/dump/1/view?address=init_task`)).status).toBe(404);
    expect(existsSync(srv('db-7.vmcore'))).toBe(true);
  });

  it('are diagnosed together, a series oldest first, and a folder as a whole', async () => {
    cpSync(join(CAPTURE, '..'), srv('db'), { recursive: true });
    await start({ files: [srv()] });
    await diagnoseHere('srv/db/');
    expect(JSON.parse(await document(1))).toMatchObject({ layer: 'page-allocator', snapshots: [{}, {}, {}] });
    await diagnoseHere('srv/db/start/', 'srv/db/end/');
    expect(JSON.parse(await document(2))).toMatchObject({ layer: 'page-allocator', snapshots: [{}, {}] });
  });

  it('have no names where names are hidden', async () => {
    cpSync(CAPTURE, srv('acme-db17/proc'), { recursive: true });
    writeFileSync(srv('acme-db18.txt'), 'nothing of a kernel\n');
    await start({ files: [srv()], redact: true });
    const [folderKey, fileKey] = await Promise.all(
      ['folder', 'file'].map(async (kind) => [...(await offered())].find(([name]) => name.startsWith(kind))?.[1] ?? ''),
    );
    const pages = [await get('/add')];
    for (const key of [folderKey, fileKey])
      pages.push(await jobPage((await choose(key ?? '')).headers.get('location') ?? ''));
    expect(pages[2]).toContain('nothing is recognised');
    pages.push(await get('/documents'), await get('/document/1'), await document(1));
    for (const page of pages) expect(page).not.toContain('acme');
  });
});

describe('what leads out of the folders that are offered', { timeout: 60_000 }, () => {
  const SECRET = 'MemTotal: 77777 kB\n';

  it('is not listed, and is no key', async () => {
    writeFileSync(join(folder, 'secret'), SECRET);
    mkdirSync(join(folder, 'outside'));
    writeFileSync(join(folder, 'outside/meminfo'), SECRET);
    symlinkSync(join(folder, 'secret'), srv('link'));
    symlinkSync(join(folder, 'outside'), srv('linked-folder'));
    symlinkSync('/', srv('root'));
    writeFileSync(srv('here.txt'), 'x');
    await start({ files: [srv()] });
    expect([...(await offered()).keys()]).toEqual(['srv/here.txt']);
    for (const key of [
      '../secret',
      join(folder, 'secret'),
      '/etc/passwd',
      'srv/link',
      'srv/../../secret',
      '',
      '%2e%2e/secret',
    ])
      expect([key, (await choose(key)).status]).toEqual([key, 404]);
    expect(await get('/documents')).toContain('Nothing was diagnosed yet');
  });

  it('is refused where a file or a folder became a link after it was listed', async () => {
    writeFileSync(join(folder, 'secret'), SECRET);
    mkdirSync(srv('host/proc'), { recursive: true });
    mkdirSync(join(folder, 'outside/proc'), { recursive: true });
    for (const place of [srv('host/proc/meminfo'), join(folder, 'outside/proc/meminfo'), srv('file')])
      writeFileSync(place, SECRET);
    await start({ files: [srv()] });
    const items = await offered();
    rmSync(srv('file'));
    symlinkSync(join(folder, 'secret'), srv('file'));
    renameSync(srv('host'), srv('was'));
    symlinkSync(join(folder, 'outside'), srv('host'));
    for (const name of ['srv/file', 'srv/host/']) {
      expect(items.has(name)).toBe(true);
      expect((await choose(items.get(name) ?? '')).status).toBe(404);
    }
  });

  it('is not read by links within a folder that is diagnosed as a whole', async () => {
    writeFileSync(join(folder, 'secret'), SECRET);
    cpSync(CAPTURE, srv('db/proc'), { recursive: true });
    rmSync(srv('db/proc/meminfo'));
    symlinkSync(join(folder, 'secret'), srv('db/proc/meminfo'));
    await start({ files: [srv()] });
    await diagnoseHere('srv/db/');
    expect(await document(1)).not.toContain(String(77_777 * 1024));
  });

  it('is not entered when the dump of a diagnosis became a link', async () => {
    copyFileSync(dump, srv('vmcore'));
    await start({ files: [srv()] });
    await diagnoseHere('srv/vmcore');
    renameSync(srv('vmcore'), join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), srv('vmcore'));
    expect((await fetch(`${url}/dump/1/view?address=init_task`)).status).toBe(404);
  });

  it('ends the start where it is no folder', async () => {
    writeFileSync(srv('file'), 'x');
    await expect(start({ files: [srv('file')] })).rejects.toThrow('file: is no folder, or all there is; give folders');
    await expect(start({ files: [srv('nowhere')] })).rejects.toThrow('nowhere: is not there; give folders');
  });
});

describe('several files in one upload', { timeout: 60_000 }, () => {
  it('are diagnosed together, by their own names, and nothing of them stays', async () => {
    await start();
    const page = await sendAndWait([proc('meminfo'), proc('slabinfo', 'slabinfo.2'), proc('vmstat')]);
    expect(page).toContain('meminfo and 2 more');
    expect(await inputs(1)).toEqual(
      expect.arrayContaining([
        { kind: 'meminfo', file: 'meminfo' },
        { kind: 'slabinfo', file: 'slabinfo.2' },
        { kind: 'vmstat', file: 'vmstat' },
      ]),
    );
    await untilGone();
  });

  it('of one name do not write over each other', async () => {
    await start();
    await sendAndWait([proc('meminfo'), proc('meminfo'), proc('slabinfo', 'MEMINFO')]);
    expect(await inputs(1)).toEqual(
      expect.arrayContaining([
        { kind: 'meminfo', file: 'meminfo' },
        { kind: 'meminfo', file: '#2/meminfo' },
        { kind: 'slabinfo', file: '#3/MEMINFO' },
      ]),
    );
  });

  it('leave nothing where nothing can be made of them', async () => {
    await start();
    expect(await sendAndWait([{ name: 'noise', bytes: new TextEncoder().encode('nothing of a kernel\n') }])).toContain(
      'noise: nothing is recognised',
    );
    await untilGone();
  });

  it.each([
    '../../../planted',
    '..',
    '/etc/passwd',
    String.raw`C:\x\meminfo`,
    '-rf',
    'a\u0000b',
    '$(touch x)\'"`',
    '.bashrc',
    'ü'.repeat(300),
  ])('whose name is %j lie in the folder of their upload, under a name without meaning', async (name) => {
    await start();
    const page = await sendAndWait([proc('meminfo', name), proc('vmstat')]);
    expect(page).toContain('/document/1');
    expect((await inputs(1)).every(({ file }) => /^[\p{L}\p{N}_][\p{L}\p{N}_.,:@%+=-]*$/u.test(file))).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(['data', 'srv']);
  });

  it('are refused where their sizes are not those of the body, are missing, or are too many', async () => {
    await start();
    const ask = async (query: string): Promise<number> =>
      (await fetch(`${url}/api/v1/upload?${query.toString()}`, { method: 'POST', body: 'x'.repeat(100) })).status;
    expect(await ask('name=a&size=60&name=b&size=60')).toBe(400);
    expect(await ask('name=a&size=60&name=b&size=30')).toBe(400);
    expect(await ask('name=a&name=b')).toBe(400);
    expect(await ask('name=a&size=-1&name=b&size=5')).toBe(400);
    expect(await ask('name=a&size=1e999')).toBe(400);
    expect(await ask(Array.from({ length: 65 }, (_, i) => `name=a${i}&size=1`).join('&'))).toBe(400);
    expect(await ask('name=a&size=100&name=empty&size=0')).toBe(202);
    expect(uploads().length).toBeLessThanOrEqual(1);
  });
});

describe('a dump that is packed', { timeout: 120_000 }, () => {
  const packed = (name: string): Part => ({ name, bytes: new Uint8Array(gzipSync(readFileSync(dump), { level: 1 })) });

  it('is diagnosed and entered; what was sent goes, what was unpacked stays', async () => {
    await start();
    expect(await sendAndWait([packed('vmcore.gz')])).toContain('/document/1');
    expect(await inputs(1)).toEqual([{ kind: 'vmcore', file: 'vmcore.gz' }]);
    expect(await document(1)).toContain('kleak core refs vmcore.gz ');
    expect(await get('/document/1')).toContain('/dump/1/map');
    expect((await fetch(`${url}/dump/1/view?address=init_task`)).status).toBe(200);
    const [room = ''] = uploads();
    await expect.poll(() => readdirSync(join(folder, 'data/uploads', room))).toEqual(['#unpacked']);
    await start();
    expect((await fetch(`${url}/dump/1/view?address=init_task`)).status).toBe(200);
  });

  it('in a folder of the server is unpacked into the server’s own', async () => {
    writeFileSync(srv('vmcore.gz'), packed('').bytes);
    await start({ files: [srv()] });
    await diagnoseHere('srv/vmcore.gz');
    expect((await fetch(`${url}/dump/1/view?address=init_task`)).status).toBe(200);
    expect(readdirSync(srv())).toEqual(['vmcore.gz']);
    expect(uploads().length).toBe(1);
  });

  it('larger than an upload may be is not unpacked, and says so', async () => {
    await start({ mostUpload: 8 * 2 ** 20 });
    expect(await sendAndWait([packed('vmcore.gz'), proc('meminfo')])).toContain('/document/1');
    expect(await document(1)).toContain('unpacks to more than 8.0 MiB');
    expect((await fetch(`${url}/dump/1/map`)).status).toBe(404);
    await untilGone();
  });
});
