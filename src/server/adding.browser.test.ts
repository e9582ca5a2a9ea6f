import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../../testkit/browser.ts';
import { ROOT } from '../../testkit/manifest.ts';
import { startServer, type RunningServer } from './start-server.ts';

const CAPTURE = join(ROOT, 'fixtures/captures/page-allocator-leak');
const FILES = ['meminfo', 'slabinfo', 'vmstat'];
const ATTACK = '<img src=x onerror="document.title=`taken`">.txt';

describe.skipIf(chromiumPath === undefined)(
  'adding in a browser (skipped without Chromium: set CHROMIUM)',
  { timeout: 240_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kleak-adding-browser-'));
    const contexts: BrowserContext[] = [];
    const complaints: string[] = [];
    let browser: Browser | undefined;
    let server: RunningServer | undefined;

    beforeAll(async () => {
      for (const moment of ['start', 'end'])
        cpSync(join(CAPTURE, moment), join(folder, `shelf/db-9/${moment}/proc`), { recursive: true });
      writeFileSync(join(folder, 'shelf', ATTACK), 'nothing of a kernel\n');
      for (let i = 0; i < 20; i++) writeFileSync(join(folder, `shelf/log-${i}.txt`), 'x');
      const files = [join(folder, 'shelf')];
      server = await startServer({ address: '127.0.0.1', port: 0, data: join(folder, 'data'), files });
      browser = await launchChromium(chromiumPath ?? '');
    }, 60_000);
    afterEach(async () => {
      for (const context of contexts.splice(0)) await context.close();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      if (!browser) throw new Error('no browser');
      const context = await browser.newContext(options);
      contexts.push(context);
      const page = await context.newPage();
      page.on('console', (message) => complaints.push(`${path}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(`${path}: ${error.message}`));
      await page.goto((server?.url ?? '') + path);
      return page;
    }

    /** Sends what was chosen, and gives the name of the diagnosis. */
    async function sent(page: Page): Promise<string> {
      await page.locator('#upload').getByRole('button', { name: 'Diagnose' }).click();
      await page.waitForURL('**/document/*', { timeout: 60_000 });
      return (await page.locator('.second .what').textContent()) ?? '';
    }

    it('several files are chosen and diagnosed together', async () => {
      const page = await open('/add');
      await page.getByLabel(/^Files, up to/).setInputFiles(FILES.map((name) => join(CAPTURE, 'end', name)));
      expect(await sent(page)).toBe('meminfo and 2 more');
    });

    it('files are dropped anywhere on the page', async () => {
      const page = await open('/add');
      const files = FILES.map((name) => [name, readFileSync(join(CAPTURE, 'end', name), 'utf8')]);
      await page.evaluate(`(() => {
        const moved = new DataTransfer();
        for (const [name, text] of ${JSON.stringify(files)}) moved.items.add(new File([text], name));
        for (const event of ['dragover', 'drop'])
          document.querySelector('h1').dispatchEvent(
            new DragEvent(event, { dataTransfer: moved, bubbles: true, cancelable: true }));
      })()`);
      expect(await sent(page)).toBe('meminfo and 2 more');
    });

    it('what lies on the server is searched, ticked and diagnosed there', async () => {
      const page = await open('/add');
      await page.getByLabel('Name').fill('db-9 start');
      expect(await page.locator('#files tbody tr:visible').count()).toBe(1);
      await page.getByLabel('Name').fill('');
      await page.getByLabel('shelf/db-9/start/').check();
      await page.getByLabel('shelf/db-9/end/').check();
      await page.locator('.offered').getByRole('button', { name: 'Diagnose' }).click();
      await page.waitForURL('**/document/*', { timeout: 60_000 });
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('/h');
    });

    it('what lies on the server is ticked and diagnosed without JavaScript', async () => {
      const page = await open('/add', { javaScriptEnabled: false });
      await page.getByLabel('shelf/db-9/', { exact: true }).check();
      await page.locator('.offered').getByRole('button', { name: 'Diagnose' }).click();
      await page.waitForURL('**/jobs/*');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('shelf/db-9');
    });

    it('a diagnosis is deleted in two steps, without JavaScript', async () => {
      const sender = await open('/add');
      await sender.getByLabel(/^Files, up to/).setInputFiles(join(CAPTURE, 'end/meminfo'));
      await sent(sender);
      const path = new URL(sender.url()).pathname;
      const page = await open(path, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
      await page.getByRole('link', { name: 'Delete' }).click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Delete this diagnosis?');
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.waitForURL('**/documents');
      expect(await page.locator(`a[href="${path}"]`).count()).toBe(0);
    });

    it('fits 360 pixels, and a file’s name is text', async () => {
      const page = await open('/add', { viewport: { width: 360, height: 740 } });
      expect(await page.getByText(ATTACK).count()).toBe(1);
      expect(await page.title()).not.toBe('taken');
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    });

    it('nobody complained meanwhile', () => {
      expect(complaints).toEqual([]);
    });
  },
);
