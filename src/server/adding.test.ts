import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CAPTURE,
  choose,
  closePlace,
  diagnoseHere,
  document,
  dump,
  folder,
  get,
  inputs,
  jobPage,
  offered,
  openPlace,
  proc,
  sendAndWait,
  srv,
  start,
  untilGone,
  uploads,
  url,
} from '../../testkit/adding-server.ts';

beforeEach(openPlace);
afterEach(closePlace);

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
    expect(await document(1)).not.toContain(folder());
    expect(await get('/document/1')).toContain('/dump/1/map');
    const answer = await fetch(`${url()}/dump/1/view?address=init_task`);
    expect(answer.status).toBe(200);
    await start();
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(404);
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
    expect(readdirSync(folder()).toSorted()).toEqual(['data', 'srv']);
  });

  it('are refused where their sizes are not those of the body, are missing, or are too many', async () => {
    await start();
    const ask = async (query: string): Promise<number> =>
      (await fetch(`${url()}/api/v1/upload?${query.toString()}`, { method: 'POST', body: 'x'.repeat(100) })).status;
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
