import { copyFileSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  offered,
  openPlace,
  srv,
  start,
  url,
} from '../../testkit/adding-server.ts';

beforeEach(openPlace);
afterEach(closePlace);

describe('what leads out of the folders that are offered', { timeout: 60_000 }, () => {
  const SECRET = 'MemTotal: 77777 kB\n';

  it('is not listed, and is no key', async () => {
    writeFileSync(join(folder(), 'secret'), SECRET);
    mkdirSync(join(folder(), 'outside'));
    writeFileSync(join(folder(), 'outside/meminfo'), SECRET);
    symlinkSync(join(folder(), 'secret'), srv('link'));
    symlinkSync(join(folder(), 'outside'), srv('linked-folder'));
    symlinkSync('/', srv('root'));
    writeFileSync(srv('here.txt'), 'x');
    await start({ files: [srv()] });
    expect([...(await offered()).keys()]).toEqual(['srv/here.txt']);
    for (const key of [
      '../secret',
      join(folder(), 'secret'),
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
    writeFileSync(join(folder(), 'secret'), SECRET);
    mkdirSync(srv('host/proc'), { recursive: true });
    mkdirSync(join(folder(), 'outside/proc'), { recursive: true });
    for (const place of [srv('host/proc/meminfo'), join(folder(), 'outside/proc/meminfo'), srv('file')])
      writeFileSync(place, SECRET);
    await start({ files: [srv()] });
    const items = await offered();
    rmSync(srv('file'));
    symlinkSync(join(folder(), 'secret'), srv('file'));
    renameSync(srv('host'), srv('was'));
    symlinkSync(join(folder(), 'outside'), srv('host'));
    for (const name of ['srv/file', 'srv/host/']) {
      expect(items.has(name)).toBe(true);
      expect((await choose(items.get(name) ?? '')).status).toBe(404);
    }
  });

  it('is not read by links within a folder that is diagnosed as a whole', async () => {
    writeFileSync(join(folder(), 'secret'), SECRET);
    cpSync(CAPTURE, srv('db/proc'), { recursive: true });
    rmSync(srv('db/proc/meminfo'));
    symlinkSync(join(folder(), 'secret'), srv('db/proc/meminfo'));
    await start({ files: [srv()] });
    await diagnoseHere('srv/db/');
    expect(await document(1)).not.toContain(String(77_777 * 1024));
  });

  it('is not entered when the dump of a diagnosis became a link', async () => {
    copyFileSync(dump, srv('vmcore'));
    await start({ files: [srv()] });
    await diagnoseHere('srv/vmcore');
    renameSync(srv('vmcore'), join(folder(), 'elsewhere'));
    symlinkSync(join(folder(), 'elsewhere'), srv('vmcore'));
    expect((await fetch(`${url()}/dump/1/view?address=init_task`)).status).toBe(404);
  });

  it('ends the start where it is no folder', async () => {
    writeFileSync(srv('file'), 'x');
    await expect(start({ files: [srv('file')] })).rejects.toThrow('file: is no folder, or all there is; give folders');
    await expect(start({ files: [srv('nowhere')] })).rejects.toThrow('nowhere: is not there; give folders');
  });
});
