import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, describe, it } from 'vitest';
import { bytes, seconds } from '../../base/units.ts';
import type { Sample } from '../../model/sample.ts';
import { startServer } from '../../server/start-server.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { Pusher } from './pusher.ts';

const folder = mkdtempSync(join(tmpdir(), 'kleak-push-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = (n: number): Sample => ({
  at: 1_700_000_000_000 + n * 1000,
  boot: 'boot',
  uptime: seconds(n),
  totalBytes: bytes(2 ** 30),
  buckets: new Map([['free', bytes(2 ** 20 * n)]]),
  unexplained: bytes(5000),
  caches: [{ name: 'dentry', bytes: bytes(8192) }],
  processes: [],
});

describe('samples on their way to a server', () => {
  it('wait while it is away, and come whole and once when it is back', { timeout: 60_000 }, async () => {
    const file = join(folder, 'samples.db');
    const store = new SampleStore(file, 'record');
    store.appendAll(Array.from({ length: 700 }, (_, n) => sample(n)));
    const first = await startServer({ address: '127.0.0.1', port: 0, data: join(folder, 'server') });
    await first.close();
    const told: string[] = [];
    const pusher = new Pusher({ file, address: first.url, host: 'db-1', tell: (line) => told.push(line) });
    await pusher.turn();
    expect(told.join()).toContain('samples are kept and sent later');

    const port = Number(new URL(first.url).port);
    const server = await startServer({ address: '127.0.0.1', port, data: join(folder, 'server') });
    for (let turn = 0; turn < 4; turn++) await pusher.turn();
    store.append(sample(700));
    await pusher.turn();
    // The clock of the host is set back by an hour.
    store.append({ ...sample(701), at: sample(0).at - 3_600_000 });
    await pusher.turn();
    const page = await (await fetch(`${server.url}/host/db-1`)).text();
    expect(page).toContain('702 samples');
    expect(told.at(-1)).toContain('takes samples again');
    await pusher.close();
    store.close();
    await server.close();
  });

  it('of hosts with many caches go in pushes that the server takes', { timeout: 60_000 }, async () => {
    const file = join(folder, 'many.db');
    const store = new SampleStore(file, 'record');
    const caches = Array.from({ length: 200 }, (_, i) => ({
      name: `kmalloc-rnd-05-${i}k-of-a-long-name`,
      bytes: bytes(123_456_789 * 4096),
    }));
    store.appendAll(Array.from({ length: 300 }, (_, n) => ({ ...sample(n), caches })));
    const server = await startServer({ address: '127.0.0.1', port: 0, data: join(folder, 'many') });
    const told: string[] = [];
    const pusher = new Pusher({ file, address: server.url, host: 'db-1', tell: (line) => told.push(line) });
    await pusher.turn();
    expect(told).toEqual([]);
    expect(await (await fetch(`${server.url}/host/db-1`)).text()).toContain('300 samples');
    await pusher.close();
    store.close();
    await server.close();
  });

  it('with events longer than a server takes are cut, so that what comes after them is sent', async () => {
    const file = join(folder, 'long.db');
    const store = new SampleStore(file, 'record');
    store.addEvent({ at: sample(0).at, boot: 'boot', kind: 'mark', name: 'n'.repeat(300), detail: 'd'.repeat(5000) });
    store.append(sample(1));
    const server = await startServer({ address: '127.0.0.1', port: 0, data: join(folder, 'long') });
    const told: string[] = [];
    const pusher = new Pusher({ file, address: server.url, host: 'db-1', tell: (line) => told.push(line) });
    await pusher.turn();
    expect(told).toEqual([]);
    expect(await (await fetch(`${server.url}/host/db-1`)).text()).toContain('1 sample');
    await pusher.close();
    store.close();
    await server.close();
  });

  it('an address that is none is refused before anything is recorded', () => {
    const file = join(folder, 'samples.db');
    expect(() => new Pusher({ file, address: 'nowhere', tell: () => undefined })).toThrow(/not the address of a kleak/);
  });
});
