import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLedger, type Ledger } from '../pipeline/serve/ledger.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { parseTarget, ScrapeTargets } from './scrape-targets.ts';
import { Scraper } from './scraper.ts';
import { startServer } from './start-server.ts';
import { StoreTrouble } from './store-trouble.ts';

let folder = '';
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-scrape-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function until<T>(what: () => T | Promise<T>): Promise<NonNullable<T>> {
  for (;;) {
    const found = await what();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A real `kleak export` of this machine. */
async function startExport(): Promise<string> {
  const args = [join(ROOT, 'src/cli/main.ts'), 'export', '--listen', '127.0.0.1:0', '--interval', '1s'];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  closing.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const found = /http:\/\/\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error('kleak export ended')));
  });
}

interface Exporter {
  readonly url: string;
  says: string | undefined;
}

/** A host whose exporter says what a test wants; nothing at all where that is undefined. */
async function startFake(says: string | undefined): Promise<Exporter> {
  const exporter = { url: '', says };
  const server: Server = createServer((_, response) => {
    if (exporter.says !== undefined) response.end(exporter.says);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  exporter.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/metrics`;
  return exporter;
}

const metrics = (at: number, { boot = 1000, i40e = '2.3.6' } = {}): string =>
  [
    'kleak_build_info{version="0.1.0",kernel="6.1.0"} 1',
    `kleak_sample_timestamp_seconds ${at}`,
    'kleak_memory_total_bytes 1073741824',
    'kleak_memory_unexplained_bytes -4096',
    'kleak_memory_bucket_bytes{bucket="free"} 1048576',
    'kleak_slab_cache_bytes{cache="kmalloc-64"} 8192',
    `kleak_driver_info{driver="i40e",version="${i40e}"} 1`,
    `node_boot_time_seconds ${boot}`,
  ].join('\n');

function startScraper(targets: readonly string[]): { readonly ledger: Ledger; readonly told: string[] } {
  const ledger = openLedger(join(folder, 'server.db'));
  const told: string[] = [];
  const tell = (line: string): void => void told.push(line);
  const options = { every: 100, timeLimit: 300, tell, changed: () => undefined, trouble: new StoreTrouble(tell) };
  const scraper = new Scraper(new ScrapeTargets(targets), ledger, options);
  closing.push(async () => {
    await scraper.close();
    ledger.close();
  });
  return { ledger, told };
}

describe('hosts that are read', { timeout: 60_000 }, () => {
  it('a real kleak export appears among the hosts, and its samples over time', async () => {
    const exporter = await startExport();
    const server = await startServer({
      address: '127.0.0.1',
      port: 0,
      data: folder,
      scrape: { targets: new ScrapeTargets([`db-1=${exporter}`]), every: 1000 },
    });
    closing.push(() => server.close());
    const page = (path: string): Promise<string> => fetch(server.url + path).then((answer) => answer.text());
    await until(async () => (await page('/')).includes('/host/db-1'));
    await until(async () => Number(/(\d+) samples/.exec(await page('/host/db-1'))?.[1]) >= 3);
    const host = await page('/host/db-1');
    expect(host).toMatch(/page[- ]cache/);
    expect(host).toMatch(/<dt>kernel<\/dt>\s*<dd>\d/);
  });

  it('keeps layers and caches, counts what was not sampled anew once, and sees what changed', async () => {
    const fake = await startFake(metrics(1_700_000_000));
    const { ledger } = startScraper([`db-1=${fake.url}`]);
    await until(() => ledger.host('db-1'));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(ledger.samples('db-1', 10)).toEqual([
      {
        at: 1_700_000_000_000,
        boot: 'since 1000',
        totalBytes: 2 ** 30,
        unexplained: -4096,
        buckets: { free: 2 ** 20 },
        caches: [{ name: 'kmalloc-64', bytes: 8192 }],
      },
    ]);
    fake.says = metrics(1_700_000_010, { boot: 1003, i40e: '2.4.10' });
    await until(() => ledger.host('db-1')?.samples === 2);
    fake.says = metrics(1_700_000_400, { boot: 1_700_000_300, i40e: '2.4.10' });
    await until(() => ledger.host('db-1')?.samples === 3);
    expect(ledger.samples('db-1', 10).map(({ boot }) => boot)).toEqual([
      'since 1000',
      'since 1000',
      'since 1700000300',
    ]);
    expect(ledger.events('db-1', 10).map(({ kind, name, detail }) => [kind, name, detail])).toEqual([
      ['boot', 'booted', undefined],
      ['driver-changed', 'i40e', '2.3.6 → 2.4.10'],
    ]);
  });

  it('one that does not answer, or is something else, holds up nobody and is told of once', async () => {
    const [dead, other, huge, good] = [
      await startFake(undefined),
      await startFake('<html>log in</html>'),
      await startFake('x'.repeat(5 * 2 ** 20)),
      await startFake(metrics(1_700_000_000)),
    ];
    const { ledger, told } = startScraper(
      Object.entries({ dead, other, huge, good, away: { url: 'http://127.0.0.1:9/metrics' } }).map(
        ([name, { url }]) => `${name}=${url}`,
      ),
    );
    await until(() => told.length === 4 && ledger.host('good'));
    good.says = metrics(1_700_000_010);
    await until(() => ledger.host('good')?.samples === 2);
    expect(told.join('\n')).toMatch(/no answer within 0\.3 s/);
    expect(told.join('\n')).toMatch(/an answer above 4194304 bytes/);
    expect(told.join('\n')).toMatch(/no metrics of kleak export/);
    expect(told.join('\n')).toMatch(/cannot be reached: /);
    const [event] = ledger.events('dead', 10);
    expect(event?.kind).toBe('not-read');
    expect(event?.detail).toContain('no answer');
    dead.says = metrics(1_700_000_000);
    await until(() => told.includes('dead: answers again'));
    expect(ledger.events('dead', 10).map(({ kind }) => kind)).toContain('read-again');
  });

  it('one whose figures make no sense is told of, and ends nothing', async () => {
    const [odd, good] = [await startFake(metrics(1e297)), await startFake(metrics(1_700_000_000))];
    const { ledger, told } = startScraper([`odd=${odd.url}`, `good=${good.url}`]);
    await until(() => told.some((line) => line.includes('makes no sense')) && ledger.host('good'));
    expect(told.join()).toMatch(/what it says makes no sense \(samples\.0\.at: /);
    expect(ledger.samples('odd', 10)).toEqual([]);
  });

  it('addresses come one by one or from a file, which may change', () => {
    expect(parseTarget('db-1')).toEqual({ name: 'db-1', url: 'http://db-1:9999/metrics' });
    expect(parseTarget('db-1:9998')).toEqual({ name: 'db-1:9998', url: 'http://db-1:9998/metrics' });
    expect(parseTarget('a=https://10.0.0.1/kleak/metrics')).toEqual({
      name: 'a',
      url: 'https://10.0.0.1/kleak/metrics',
    });
    expect(parseTarget('http://[::1]:9999')).toEqual({ name: '::1', url: 'http://[::1]:9999/metrics' });
    for (const bad of ['', 'a b', 'file:///etc/passwd', 'http://user:pass@db-1/', 'a=', '/../x=db'])
      expect(() => parseTarget(bad)).toThrow(/not the address of kleak export/);
    const file = join(folder, 'targets');
    writeFileSync(file, '# hosts\ndb-1\n\ndb-2:9998 # the other\n');
    const targets = new ScrapeTargets(['db-3'], file);
    expect(targets.list().map(({ name }) => name)).toEqual(['db-1', 'db-2:9998', 'db-3']);
    writeFileSync(file, 'db-1\nwhat is this\n');
    expect(() => targets.list()).toThrow(/targets:2.*not the address/);
    expect(targets.last.map(({ name }) => name)).toEqual(['db-1', 'db-2:9998', 'db-3']);
  });
});
