import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../../testkit/browser.ts';
import { pageAllocatorGrowth, sampleDiagnoses, slabLeak, withTexts } from '../../testkit/sample-diagnosis.ts';
import type { Diagnosis } from '../findings/diagnosis.ts';
import { renderHtml } from './html.ts';

const ADDRESS = 'http://report.test/';

describe.skipIf(chromiumPath === undefined)('the page in a browser (skipped without Chromium: set CHROMIUM)', () => {
  let browser: Browser | undefined;

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? '');
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  /** Opens a rendering; notes what it complains of and whatever else than itself it asks for. */
  async function open(
    diagnosis: Diagnosis,
    options: BrowserContextOptions = {},
  ): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    if (browser === undefined) throw new Error('no browser');
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route('**/*', async (route) => {
      const url = route.request().url();
      if (url !== ADDRESS) complaints.push(`asked for ${url}`);
      await route.fulfill({ contentType: 'text/html; charset=utf-8', body: renderHtml(diagnosis) });
    });
    await page.goto(ADDRESS);
    return { page, complaints };
  }

  it('loads without a complaint and without a request', async () => {
    for (const diagnosis of sampleDiagnoses) expect((await open(diagnosis)).complaints).toEqual([]);
  }, 60_000);

  it('shows verdict, evidence and commands with JavaScript off, and no button that would do nothing', async () => {
    const { page } = await open(pageAllocatorGrowth, { javaScriptEnabled: false });
    expect(await page.getByText('SUSPECTED LEAK').first().isVisible()).toBe(true);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(pageAllocatorGrowth.summary);
    expect(await page.getByText('kleak known i40e').isVisible()).toBe(true);
    expect(await page.getByText('meminfo:1-44').isVisible()).toBe(true);
    expect(await page.locator('button:visible').count()).toBe(0);
  }, 60_000);

  it('copies a command', async () => {
    const { page } = await open(pageAllocatorGrowth, { permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('button', { name: 'Copy the command' }).nth(1).click();
    await page.getByText('Copied').or(page.getByText('Selected')).waitFor();
    const text = await page.evaluate<string>('getSelection().toString()');
    expect(['', 'kleak snapshot -o node7-later.tar.zst']).toContain(text);
  }, 60_000);

  it('enlarges an area of the treemap and goes back', async () => {
    const { page } = await open(slabLeak);
    const map = page.locator('.treemap svg.wide');
    const whole = await map.getAttribute('viewBox');
    await map.locator('.area').first().press('Enter');
    expect(await map.getAttribute('viewBox')).not.toBe(whole);
    await map.locator('.area').first().press('Enter');
    expect(await map.getAttribute('viewBox')).toBe(whole);
  }, 60_000);

  it('needs no horizontal scrolling at 360 pixels, also with words that have no end', async () => {
    const endless = withTexts(slabLeak, (was) => (was.length > 20 ? was : `${was}${'x'.repeat(200)}`));
    for (const diagnosis of [...sampleDiagnoses, endless]) {
      const { page } = await open(diagnosis, { viewport: { width: 360, height: 740 } });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    }
  }, 60_000);

  it('runs nothing that data brings', async () => {
    const attack = '</script><script>document.title="taken"</script><img src=x onerror=alert(1)>';
    const { page, complaints } = await open(withTexts(slabLeak, () => attack));
    expect(await page.title()).not.toBe('taken');
    expect(complaints).toEqual([]);
  }, 60_000);
});
