import { join } from 'node:path';
import { parse } from 'parse5';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeRecording } from '../../../testkit/made-recording.ts';
import { scratch } from '../../../testkit/read-input.ts';
import type { TrendDocument } from '../../findings/trend.ts';
import { trend } from '../../pipeline/trend/trend.ts';
import { columnsOf } from '../escape.ts';
import { renderTrendHtml } from './html.ts';
import { renderTrendJson } from './json.ts';
import { renderTrendText } from './text.ts';

const folder = scratch();
const HOSTILE = '<script>alert(1)</script>\u001b[2J';
let document: TrendDocument;

beforeAll(async () => {
  const file = writeRecording(join(folder, 'leak.db'), 72, {
    kmalloc: (h) => 40 + Math.max(0, h - 24) * 30,
    unexplained: (h) => (h < 40 ? 60 : 400),
    dentry: (h) => 80 + (h % 6) * 100,
    events: [
      { hour: 24, kind: 'module-loaded', name: HOSTILE },
      { hour: 40, kind: 'package-changed', name: 'i40e', detail: '2.3.6 → 2.4.10' },
    ],
  });
  document = await trend([file]);
}, 60_000);

const text = (width: number, more: { ascii?: boolean; all?: boolean; colour?: boolean } = {}): string =>
  renderTrendText(document, { width, ascii: false, all: false, colour: false, ...more });

describe('the trends as text', () => {
  it('begins with the verdict, and has the rate, the change with its cause, and the end', () => {
    const told = text(80).replaceAll(/\s+/g, ' ');
    expect(text(80, { all: true })).toContain('a saw-tooth, ');
    expect(told).not.toContain('with the hour');
    expect(text(80).startsWith('SUSPECTED LEAK')).toBe(true);
    for (const part of [
      'kmalloc-128 (unreclaimable slab)',
      'grows by 30.',
      '95 % sure',
      'module loaded',
      'jumps by 340 MiB',
      'i40e (2.3.6 → 2.4.10)',
      'memory is used up in about',
    ])
      expect(told).toContain(part);
  });

  it.each([60, 80, 120])('fits %i columns, whether short or whole; only commands may be longer', (width) => {
    for (const all of [false, true]) {
      const long = text(width, { all })
        .split('\n')
        .filter((line) => columnsOf(line) > width);
      expect(long.filter((line) => !/echo scan|alloc_traces|drop_caches|show_stacks/.test(line))).toEqual([]);
    }
  });

  it('is ASCII where that is asked for, and never lets data act on the terminal', () => {
    // eslint-disable-next-line no-control-regex -- what is looked for are control characters
    expect(text(80, { ascii: true, all: true })).toMatch(/^[\n\x20-\x7e]*$/);
    // eslint-disable-next-line no-control-regex -- as above
    expect(text(80, { all: true })).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(text(80, { colour: true })).toContain('\u001b[1;33m');
  });
});

describe('the trends as a page', () => {
  it('have no errors of syntax, and show hostile names as text', () => {
    const page = renderTrendHtml(document);
    const errors: string[] = [];
    parse(page, { onParseError: (error) => errors.push(`${error.code} at ${error.startLine}`) });
    expect(errors).toEqual([]);
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page.match(/<figure/g)?.length).toBeGreaterThan(3);
  });
});

describe('the trends as JSON', () => {
  it('are one document with findings in the shape of the contract', () => {
    const parsed: unknown = JSON.parse(renderTrendJson(document));
    expect(parsed).toMatchObject({ schema: 'kleak.trend/1', verdict: 'growth', layer: 'slab-unreclaimable' });
    const source = { file: join(folder, 'leak.db') };
    expect(parsed).toMatchObject({ findings: [{ id: 'trend-cache', evidence: [{ source }, { source }] }] });
    expect(renderTrendJson(document)).not.toContain('\u001b');
  });
});
