import { copyFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  closePlace,
  diagnoseHere,
  document,
  dump,
  folder,
  get,
  inputs,
  jobPage,
  openPlace,
  proc,
  sendAndWait,
  srv,
  start,
  untilGone,
  uploads,
  url,
  type Part,
} from '../../testkit/adding-server.ts';
import { writeMadeDump } from '../../testkit/made-dump.ts';

beforeEach(openPlace);
afterEach(closePlace);

describe('a dump that is packed', { timeout: 120_000 }, () => {
  const packed = (name: string): Part => ({ name, bytes: new Uint8Array(gzipSync(readFileSync(dump), { level: 1 })) });

  it('is diagnosed and entered; what was sent goes, what was unpacked stays', async () => {
    await start();
    expect(await sendAndWait([packed('vmcore.gz')])).toContain('/document/1');
    expect(await inputs(1)).toEqual([{ kind: 'vmcore', file: 'vmcore.gz' }]);
    expect(await document(1)).toContain('kleak core refs vmcore.gz ');
    expect(await get('/document/1')).toContain('/dump/1/map');
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(200);
    const [room = ''] = uploads();
    await expect.poll(() => readdirSync(join(folder(), 'data/uploads', room))).toEqual(['#unpacked']);
    await start();
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(200);
  });

  it('in a folder of the server is unpacked into the server’s own', async () => {
    writeFileSync(srv('vmcore.gz'), packed('').bytes);
    await start({ files: [srv()] });
    await diagnoseHere('srv/vmcore.gz');
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(200);
    expect(readdirSync(srv())).toEqual(['vmcore.gz']);
    expect(uploads().length).toBe(1);
  });

  it('larger than an upload may be is not unpacked, and says so', async () => {
    await start({ mostUpload: 8 * 2 ** 20 });
    expect(await sendAndWait([packed('vmcore.gz'), proc('meminfo')])).toContain('/document/1');
    expect(await document(1)).toContain('unpacks to more than 8.0 MiB');
    expect((await fetch(`${url()}/dump/1/map`)).status).toBe(404);
    await untilGone();
  });
});

describe('files with symbols', { timeout: 120_000 }, () => {
  const made = (): { readonly map: string; readonly stranger: string } => {
    const { path, map } = writeMadeDump(folder(), { caches: [{ name: 'kmalloc-32', size: 32, slabs: ['AAff11AA'] }] });
    renameSync(path, srv('vmcore'));
    const stranger = join(folder(), 'System.map-of-another');
    let line = 0;
    writeFileSync(
      stranger,
      readFileSync(map, 'utf8').replaceAll(/^[0-9a-f]{16}/gm, (at) =>
        (BigInt(`0x${at}`) + BigInt(4096 * ++line)).toString(16).padStart(16, '0'),
      ),
    );
    return { map, stranger };
  };

  it('serve diagnoses and pages of dumps that lack their own; those of another kernel are passed over', async () => {
    const { map, stranger } = made();
    await start({ files: [srv()], symbols: [stranger, map] });
    expect(await diagnoseHere('srv/vmcore')).toContain('/document/1');
    expect(await jobPage('/dump/1/cache?name=kmalloc-32')).toContain('Cache kmalloc-32');
  });

  it('of another kernel alone are told', async () => {
    const { stranger } = made();
    await start({ files: [srv()], symbols: [stranger] });
    expect(await diagnoseHere('srv/vmcore')).toContain('has symbols of another kernel than the dump');
  });

  it('that are none end the start', async () => {
    writeFileSync(srv('text'), 'nothing of a kernel');
    await expect(start({ symbols: [srv('text')] })).rejects.toThrow('text: is of no kind that has symbols or types');
  });
});

describe('a diagnosis', { timeout: 120_000 }, () => {
  const post = async (path: string): Promise<Response> => fetch(url() + path, { method: 'POST', redirect: 'manual' });
  const audit = (): readonly unknown[] => {
    const database = new DatabaseSync(join(folder(), 'data/server.db'), { readOnly: true });
    const lines = database.prepare('SELECT what FROM audit ORDER BY id').all();
    database.close();
    return lines.map(({ what }) => what);
  };

  it('is deleted with its dump, after a page that asks', async () => {
    await start();
    await sendAndWait([{ name: 'vmcore.gz', bytes: new Uint8Array(gzipSync(readFileSync(dump), { level: 1 })) }]);
    expect(await get('/documents')).toContain('/document/1/delete');
    expect(await get('/document/1')).toContain('/document/1/delete');
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(200);
    const question = await get('/document/1/delete');
    expect(question).toContain('is deleted with it');
    expect(question).toContain('method="post" action="/document/1/delete"');
    expect((await fetch(`${url()}/document/1`)).status).toBe(200);
    expect((await post('/document/1/delete')).headers.get('location')).toBe('/documents');
    for (const path of ['/document/1', '/document/1/delete', '/api/v1/documents/1', '/dump/1/view?address=init_task'])
      expect([path, (await fetch(url() + path)).status]).toEqual([path, 404]);
    expect((await post('/document/1/delete')).status).toBe(404);
    await untilGone();
    expect(audit()).toEqual(['diagnose vmcore.gz', 'delete diagnosis 1: vmcore.gz']);
  });

  it('of a file that lies on the server leaves that', async () => {
    copyFileSync(dump, srv('vmcore'));
    await start({ files: [srv()] });
    await diagnoseHere('srv/vmcore');
    expect(await get('/document/1/delete')).toContain('stays where it lies');
    await post('/document/1/delete');
    expect((await fetch(`${url()}/document/1`)).status).toBe(404);
    expect(readdirSync(srv())).toEqual(['vmcore']);
  });

  it('is not deleted by another site’s form', async () => {
    await start();
    await sendAndWait([proc('meminfo')]);
    const headers = { origin: 'http://evil.example' };
    expect((await fetch(`${url()}/document/1/delete`, { method: 'POST', headers })).status).toBe(403);
    expect((await fetch(`${url()}/document/1`)).status).toBe(200);
  });
});
