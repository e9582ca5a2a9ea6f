import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Accounting } from '../findings/diagnosis.ts';
import { diagnose } from './diagnose.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PAGE = readFileSync(`${ROOT}docs/accounting.md`, 'utf8');

async function accountOf(moment: string): Promise<Accounting> {
  const { accounting } = await diagnose([`${ROOT}fixtures/captures/page-allocator-leak/${moment}`]);
  if (!accounting) throw new Error('no equation');
  return accounting;
}

test('the worked example in docs/accounting.md is what kleak computes', async () => {
  const { buckets, totalBytes, unaccountedBytes = NaN } = await accountOf('end');
  const written = [...PAGE.matchAll(/^\| ([\w-]+) +\| +([\d,]+) \|$/gm)].map(([, name, kib]) => [
    name,
    Number(kib?.replaceAll(',', '')),
  ]);
  expect(written).toEqual([
    ...buckets.map((b) => [b.name, b.bytes / 1024]),
    ['unexplained', unaccountedBytes / 1024],
    ['MemTotal', totalBytes / 1024],
  ]);
  const rows = written.slice(0, -1).map(([, kib]) => Number(kib));
  expect(rows.reduce((a, b) => a + b, 0)).toBe(totalBytes / 1024);
});

test('so is what it says of the growth', async () => {
  const [start, end] = [await accountOf('start'), await accountOf('end')];
  const grown = (end.unaccountedBytes ?? NaN) - (start.unaccountedBytes ?? NaN);
  expect(PAGE).toContain(`${((start.unaccountedBytes ?? NaN) / 1024).toLocaleString('en')} KiB were unexplained`);
  expect(PAGE).toContain(
    `${(grown / 1024).toLocaleString('en')} KiB more: ${(grown / 4096).toLocaleString('en')} pages`,
  );
});

test('every bucket of the equation has its row', () => {
  const source = readFileSync(`${ROOT}src/findings/buckets.ts`, 'utf8');
  const names = [...source.matchAll(/^ {2}'?([a-z-]+)'?: \{ label/gm)].map((m) => m[1]);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !PAGE.includes(`| \`${name ?? ''}\``))).toEqual([]);
});
