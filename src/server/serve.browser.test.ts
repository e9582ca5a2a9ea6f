import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../../testkit/browser.ts';
import { kleakMetrics, stockMetrics } from '../../testkit/fleet-metrics.ts';
import { makeFleet } from '../../testkit/fleet-simulator.ts';
import { madePush, type MadePush } from '../../testkit/made-push.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { serveFleet, type QueryApi } from '../../testkit/query-api.ts';
import { startServer, type RunningServer } from './start-server.ts';

const ATTACK = '<img src=x onerror="document.title=`taken`"><script>document.title="taken"</script>';
const NOW = Date.now();
const DAY = 86_400_000;
/** In the bundled dump: an object of the cache that leaked, and a socket that is in use. */
const LOST_TYPE = 'struct seq_operations';
const LEAKED_CACHE = 'kmalloc-cg-32';

describe.skipIf(chromiumPath === undefined)(
  'the web interface in a browser (skipped without Chromium: set CHROMIUM)',
  { timeout: 240_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kleak-browser-'));
    const dump = join(folder, 'db-7.vmcore');
    const contexts: BrowserContext[] = [];
    let browser: Browser | undefined;
    let server: RunningServer | undefined;
    let metrics: QueryApi | undefined;
    /** Of the diagnosis of the dump, once it was uploaded. */
    let report = '';
    let base = '';

    const push = async (host: string, made: Partial<MadePush> = {}): Promise<void> => {
      const body = madePush(host, { hours: 96, until: NOW, ...made });
      expect((await fetch(`${base}/api/v1/push`, { method: 'POST', body })).status).toBe(200);
    };

    beforeAll(async () => {
      writeFileSync(dump, zstdDecompressSync(readFileSync(join(ROOT, 'fixtures/dumps/x86-64-slub/vmcore.zst'))));
      metrics = await serveMadeFleet();
      server = await startServer({
        address: '127.0.0.1',
        port: 0,
        data: join(folder, 'data'),
        metrics: metrics.url,
        perMinute: 100_000,
      });
      base = server.url;
      browser = await launchChromium(chromiumPath ?? '');
      await push('db-7', {
        kmalloc: (hour) => 120 + Math.max(0, hour - 40) * 30,
        events: [{ hour: 39.9, kind: 'module-loaded', name: 'tty_audit', detail: '1.4.2' }],
      });
      for (const host of ['web-1', 'web-2', 'web-3']) await push(host);
      await push('hostile', {
        cache: ATTACK,
        attributes: { [ATTACK]: ATTACK },
        events: [{ hour: 5, kind: ATTACK, name: ATTACK, detail: ATTACK }],
      });
      const { page } = await open('/add');
      await page.getByLabel(/^Files, up to/).setInputFiles(dump);
      await page.locator('#upload').getByRole('button', { name: 'Diagnose' }).click();
      await page.waitForURL('**/document/*', { timeout: 120_000 });
      report = new URL(page.url()).pathname;
    }, 240_000);

    afterAll(async () => {
      for (const context of contexts) await context.close();
      await browser?.close();
      await server?.close();
      await metrics?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Opens a page; notes what it complains of, and every request that leaves its own server. */
    async function open(
      path: string,
      options: BrowserContextOptions = {},
      { isWait = false } = {},
    ): Promise<{ readonly page: Page; readonly complaints: string[] }> {
      if (!browser) throw new Error('no browser');
      const context = await browser.newContext(options);
      contexts.push(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${path}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== base) complaints.push(`${path}: asked for ${request.url()}`);
      });
      await page.goto(base + path);
      if (!isWait) await untilRead(page);
      return { page, complaints };
    }

    const dumpPath = (rest: string): string => `${report.replace('/document/', '/dump/')}/${rest}`;

    /** An address of an object that leaked, by the pages alone. */
    async function lostAddress(): Promise<string> {
      const { page } = await open(dumpPath('lost'));
      const address = await page
        .locator('#lost-table code')
        .filter({ hasText: /^f{4}[0-9a-f]{12}$/ })
        .first()
        .textContent();
      return address ?? '';
    }

    const everyPage = async (): Promise<readonly string[]> => {
      const lost = await lostAddress();
      const dayBefore = new Date(NOW - DAY).toISOString().slice(0, 16);
      return [
        '/',
        '/host/db-7',
        '/host/web-1',
        '/host/hostile',
        '/host/nobody',
        '/fleet',
        '/compare?a=web-1&b=db-7',
        `/compare?a=db-7&at=${dayBefore}&b=db-7`,
        '/compare?a=db-7&b=hostile',
        '/documents',
        '/add',
        '/known?q=i40e',
        '/login',
        '/nowhere',
        report,
        `${report}?as=file`,
        dumpPath('map'),
        dumpPath('map?area=slab-unreclaimable'),
        dumpPath('lost'),
        dumpPath(`cache?name=${LEAKED_CACHE}`),
        dumpPath(`refs?address=${lost}`),
        dumpPath('refs?address=init_task'),
        dumpPath(`view?address=${lost}&type=seq_operations`),
        dumpPath('view?address=init_task&bytes=4096'),
        dumpPath('view?address=0'),
        dumpPath(`cache?name=${encodeURIComponent(ATTACK)}`),
        dumpPath(`view?address=${encodeURIComponent(ATTACK)}`),
      ];
    };

    it('every page loads in both colour schemes, at 1280 and 360 pixels, without a complaint, a request elsewhere, or sideways scrolling', async () => {
      for (const path of await everyPage())
        for (const [width, colorScheme] of [
          [1280, 'light'],
          [360, 'dark'],
        ] as const) {
          const { page, complaints } = await open(path, { viewport: { width, height: 740 }, colorScheme });
          // What is refused is said so by the browser, too.
          const refused = complaints.filter((line) => !/status of 4\d\d/.test(line));
          expect(refused).toEqual([]);
          expect([path, (await page.evaluate<number>('document.documentElement.scrollWidth')) <= width]).toEqual([
            path,
            true,
          ]);
          expect([path, await page.locator('h1').count()]).toEqual([path, 1]);
          expect([path, await disorder(page)]).toEqual([path, []]);
          expect(await page.title()).not.toBe('taken');
          expect([path, await unnamed(page)]).toEqual([path, []]);
          await page.context().close();
        }
    });

    it('tables fit a phone and a tablet', async () => {
      for (const width of [360, 768])
        for (const path of ['/', '/fleet', '/host/db-7', '/compare?a=web-1&b=db-7', '/documents', dumpPath('map')]) {
          const { page } = await open(path, { viewport: { width, height: 740 } });
          expect([path, width, await cut(page)]).toEqual([path, width, []]);
          await page.context().close();
        }
    });

    it('says of what is at work what is read, how far, and for how long; it can be cancelled', async () => {
      const text = Buffer.alloc(96 * 2 ** 20, 'Nov 26 10:00:00 db-7 kernel: eth0: link is up\n');
      const sent = await fetch(`${base}/api/v1/upload?name=messages`, { method: 'POST', body: text });
      const { job } = v.parse(v.object({ job: v.string() }), await sent.json());
      const { page, complaints } = await open(
        `/jobs/${job}`,
        { viewport: { width: 360, height: 740 } },
        { isWait: true },
      );
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('messages');
      await page.locator('.spread').getByText('of 96.0 MiB').waitFor();
      await page
        .locator('.took')
        .getByText(/second/)
        .waitFor();
      expect(await page.getByRole('status').textContent()).toBe('running: reading');
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('cancelled', { exact: true }).waitFor();
      expect(await page.locator('progress').count()).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('follows the colour scheme', async () => {
      const background = async (colorScheme: 'dark' | 'light'): Promise<string> => {
        const { page } = await open('/', { colorScheme });
        return page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      };
      expect(await background('dark')).not.toBe(await background('light'));
    });

    it('an uploaded dump leads from the report to the map, a cache, an object, who points there, and its memory', async () => {
      const { page, complaints } = await open(report);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('seq_operations');
      await page.getByRole('link', { name: 'Memory map' }).click();
      await untilRead(page);
      await page.locator('svg.wide a').filter({ hasText: LEAKED_CACHE }).first().waitFor();
      await page.getByRole('link', { name: LEAKED_CACHE, exact: true }).first().click();
      await untilRead(page);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`Cache ${LEAKED_CACHE}`);
      await page.getByText('nothing leads to any of them').waitFor();
      await page.locator('.sample a').first().click();
      await untilRead(page);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`${LOST_TYPE} in ${LEAKED_CACHE}`);
      await page.locator('.hex').getByRole('link', { name: 'single_start' }).waitFor();
      await page.locator('.struct').getByText('show', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Who points here' }).click();
      await untilRead(page);
      await page.getByText('Nothing in the dump points there').waitFor();
      expect(complaints).toEqual([]);
    });

    it('goes on from box to box of the graph, by keyboard', async () => {
      const { page } = await open(dumpPath('cache?name=UNIX'));
      await page
        .getByRole('link', { name: /^who points to/ })
        .first()
        .click();
      await untilRead(page);
      const first = page.url();
      const boxes = page.locator('.graph svg.wide a');
      expect(await boxes.count()).toBeGreaterThan(1);
      await boxes.filter({ hasText: 'socket_alloc' }).first().focus();
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.href !== first);
      await untilRead(page);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Who points at struct socket_alloc');
    });

    it('refuses what is no address, and says so', async () => {
      const { page } = await open(dumpPath('map'));
      await page.getByLabel('Address or symbol').fill('../../etc/passwd');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'That is no address' }).waitFor();
      expect((await fetch(`${base}${dumpPath('view?address=0&bytes=99999999')}`)).status).toBe(400);
      expect((await fetch(`${base}${dumpPath('view?address=0&type=a;b')}`)).status).toBe(400);
    });

    it('reading a dump can be cancelled, and tried again', async () => {
      const { page } = await open('/add');
      await page.getByLabel(/^Files, up to/).setInputFiles(dump);
      await page.locator('#upload').getByRole('button', { name: 'Diagnose' }).click();
      await page.waitForURL('**/document/*', { timeout: 120_000 });
      await page.goto(`${base}${new URL(page.url()).pathname.replace('/document/', '/dump/')}/map`, {
        waitUntil: 'commit',
      });
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
      await page.getByRole('link', { name: 'Try again' }).click();
      await untilRead(page);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Memory map');
    });

    it('a host’s page says what grows, since when, and what happened then, with the event on its charts', async () => {
      const { page } = await open('/host/db-7');
      await page.getByRole('heading', { level: 1, name: /kmalloc-128 grows by/ }).waitFor({ timeout: 60_000 });
      const since = page.locator('.hero .stats div').filter({ hasText: 'Since' });
      expect(await since.textContent()).toContain('module loaded tty_audit');
      expect(await page.locator('.mark title').first().textContent()).toContain('tty_audit');
      expect(await page.locator('#growing-table').textContent()).toContain('kmalloc-128');
      expect(await page.locator('.evidence').first().isVisible()).toBe(true);
    });

    it('a push shows on the open list and on the open page of the host', async () => {
      const list = await open('/');
      const host = await open('/host/web-3');
      expect(await host.page.locator('.brand').textContent()).toContain('193 samples');
      await push('web-3', { hours: 1, until: NOW + 3_600_000 });
      await host.page.getByText('195 samples').waitFor({ timeout: 60_000 });
      await push('new-host', { hours: 2 });
      await list.page.getByRole('link', { name: 'new-host' }).waitFor({ timeout: 60_000 });
      // Nothing is pushed any more: what is judged last counts above the list too.
      await list.page.getByText('Being looked at').waitFor({ state: 'detached', timeout: 60_000 });
      expect([...list.complaints, ...host.complaints]).toEqual([]);
    });

    it('a host that a metrics server knows leads to its own page where it also pushes', async () => {
      const { page } = await open('/fleet');
      const first = page.locator('#leaks tbody th').first();
      expect(await first.locator('a').count()).toBe(0);
      const name = ((await first.textContent()) ?? '').trim().split(/\s/)[0] ?? '';
      await push(name, { hours: 2 });
      await page.reload();
      await page.locator('#leaks').getByRole('link', { name, exact: true }).click();
      await page.waitForURL(`**/host/${name}`);
    });

    it('tables are searched, filtered and sorted with the keyboard alone', async () => {
      const { page } = await open('/fleet');
      const rows = page.locator('#leaks tbody tr:visible');
      const all = await rows.count();
      expect(all).toBeGreaterThan(5);
      await page.getByRole('button', { name: 'Host' }).focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('th[aria-sort=ascending]').textContent()).toBe('Host');
      const names = await page.locator('#leaks tbody th a, #leaks tbody th').allTextContents();
      expect(names.map((name) => name.trim()).slice(0, 2)).toEqual(
        names
          .map((name) => name.trim())
          .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
          .slice(0, 2),
      );
      await page.getByLabel('Host, cache').fill('host-1');
      expect(await rows.count()).toBeLessThan(all);
      await page.getByLabel('Host, cache').fill('');
      await page.getByLabel('Show').selectOption({ index: 1 });
      expect(await rows.count()).toBeLessThanOrEqual(all);
      await page.reload();
      await page.keyboard.press('Tab');
      expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('To the content');
    });

    it('two moments of a host, and two hosts, stand beside each other', async () => {
      const at = new Date(NOW - DAY).toISOString().slice(0, 16);
      const moments = await open(`/compare?a=db-7&at=${at}&b=db-7`);
      expect(await moments.page.locator('.answer').textContent()).toMatch(
        /^Slab, unreclaimable grew by 7\d\d MiB in 2[45] hours, 30\.0 MiB\/h, mostly in kmalloc-128/,
      );
      const hosts = await open('/compare?a=web-1&b=db-7');
      expect(await hosts.page.locator('.answer').textContent()).toMatch(
        /^db-7 loses 30\.0 MiB\/h in slab, unreclaimable, mostly in kmalloc-128; web-1 nothing\. It holds 1\.6 GiB more there\.$/,
      );
      expect(await hosts.page.locator('#caches-table tbody tr').first().textContent()).toContain('30.0 MiB/h');
      const back = await open('/compare?a=db-7&b=web-1');
      expect(await back.page.locator('.answer').textContent()).toMatch(
        /^db-7 loses .* It holds 1\.6 GiB more there\.$/,
      );
      const same = await open('/compare?a=db-7&b=db-7');
      await same.page.getByText('the same sample twice').waitFor();
      expect(await hosts.page.locator('.events').textContent()).toContain('tty_audit');
    });

    it('is whole without JavaScript', async () => {
      for (const path of ['/', '/host/db-7', '/compare?a=web-1&b=db-7', dumpPath('map'), dumpPath('lost')]) {
        const { page } = await open(path, { javaScriptEnabled: false });
        expect([path, (await page.locator('tbody tr:visible').count()) > 0]).toEqual([path, true]);
        expect([path, await page.locator('.tools.js:visible').count()]).toEqual([path, 0]);
      }
    });
  },
);

/** Until a page that shows that it waits for a dump, or a fleet, has what it waits for. */
async function untilRead(page: Page): Promise<void> {
  await page.locator('#job progress').waitFor({ state: 'detached', timeout: 120_000 });
}

/** Fields and pictures that a screen reader has no name for. */
const unnamed = (page: Page): Promise<readonly string[]> =>
  page.evaluate<
    readonly string[]
  >(`[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a, svg[role]')]
    .filter((part) => part.getClientRects().length > 0)
    .filter((part) => !(part.getAttribute('aria-label') || part.textContent.trim() || part.labels?.length))
    .map((part) => part.outerHTML.slice(0, 100))`);

/** Headings that skip a level. */
const disorder = (page: Page): Promise<readonly string[]> =>
  page.evaluate<readonly string[]>(`[...document.querySelectorAll('h1,h2,h3,h4,h5')]
    .filter((head) => head.getClientRects().length > 0)
    .filter((head, i, all) => Number(head.tagName[1]) > Number(all[i - 1]?.tagName[1] ?? 0) + 1)
    .map((head) => head.outerHTML.slice(0, 100))`);

/** Tables of which a part can be seen by scrolling sideways alone. */
const cut = (page: Page): Promise<readonly string[]> =>
  page.evaluate<readonly string[]>(`[...document.querySelectorAll('.rows')]
    .filter((rows) => rows.scrollWidth > rows.clientWidth + 1)
    .map((rows) => rows.querySelector('table')?.id + ': ' + rows.scrollWidth + ' in ' + rows.clientWidth)`);

/** 60 hosts, a few of which leak with one version of a driver. */
async function serveMadeFleet(): Promise<QueryApi> {
  const step = 21_600;
  const few = { attribute: 'driver_i40e', value: '2.3.6', hosts: 10 };
  const fleet = makeFleet({ seed: 3, hosts: 60, days: 30, step, cause: 'none', few });
  const end = Math.floor(Date.now() / 1000 / step) * step;
  const grid = { ...fleet.grid, start: end - step * (fleet.grid.count - 1) };
  return serveFleet(
    [...fleet.hosts()].flatMap(({ host }) => [...stockMetrics(host, grid), ...kleakMetrics(host, grid)]),
    grid,
  );
}
