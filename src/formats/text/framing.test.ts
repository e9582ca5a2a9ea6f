import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { meminfo } from '../proc/meminfo.ts';
import { framingOf } from './framing.ts';
import { cleanLines } from './line.ts';

const CAPTURES = new URL('../../../fixtures/captures', import.meta.url).pathname;
const TEXT = readFileSync(join(CAPTURES, 'page-allocator-leak/end/meminfo'), 'utf8').trimEnd();
const ROWS = TEXT.split('\n');

/** The amounts that are read, by name, whatever stands around them. */
function amounts(text: string): ReadonlyMap<string, number> {
  const lines = cleanLines(text);
  const bare = framingOf(lines)?.(lines) ?? lines;
  const at = bare.findIndex((_, i) => meminfo.claim(bare, i) > 0);
  if (at < 0) return new Map();
  const { value } = meminfo.parse(bare.slice(at, at + meminfo.claim(bare, at)), 'f');
  return new Map([...value].map(([name, f]) => [name, f.kind === 'amount' ? f.bytes : f.count]));
}

const marked = (mark: string): string =>
  ROWS.map((row) => row.replace(/\d+(?= kB)/, (n) => n.replaceAll(/(?=(?:\d{3})+$)(?!^)/g, mark))).join('\n');
const words = TEXT.split(/\s+/);
const wrapped = words.reduce((all, word, i) => all + (i === 0 ? '' : i % 9 === 0 ? '\n' : ' ') + word, '');

describe('meminfo is read alike', () => {
  test.each([
    ['with the numbers of grep -n', ROWS.map((row, i) => `${i + 1}:${row}`).join('\n')],
    ['with those that grep left over from a longer text', ROWS.map((row, i) => `${3 * i + 7}:${row}`).join('\n')],
    ['with the numbers of cat -n', ROWS.map((row, i) => `${String(i + 1).padStart(6)}\t${row}`).join('\n')],
    ['with the file names of grep -H', ROWS.map((row) => `/proc/meminfo:${row}`).join('\n')],
    ['with names and numbers', ROWS.map((row, i) => `meminfo:${i + 1}:${row}`).join('\n')],
    [
      'with a prompt around numbered lines',
      `$ grep -n '' meminfo\n${ROWS.map((r, i) => `${i + 1}:${r}`).join('\n')}\n$`,
    ],
    ['with commas between thousands', marked(',')],
    ['with points between thousands', marked('.')],
    ['with narrow spaces between thousands', marked('\u202f')],
    ['in one line', words.join(' ')],
    ['in lines that break anywhere between words', wrapped],
  ])('%s', (_, text) => {
    expect(amounts(text)).toEqual(amounts(TEXT));
    expect(amounts(text).size).toBeGreaterThan(40);
  });
});

it('takes nothing off captures as they are', () => {
  const files = readdirSync(CAPTURES, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const framed = files.filter((file) => framingOf(cleanLines(readFileSync(join(file.parentPath, file.name), 'utf8'))));
  expect(framed.map(({ name }) => name)).toEqual([]);
  expect(files.length).toBeGreaterThan(20);
});

test.each([
  ['processes by number', '  1 systemd\n  2 kthreadd\n  3 rcu_gp\n'],
  ['times', '12:00:01 1\n12:00:02 2\n12:00:03 3\n12:00:04 3\n'],
  ['a log that tells of meminfo', 'meminfo: a\nmeminfo: b\nmeminfo: c\n'],
])('%s are no frame', (_, text) => {
  expect(framingOf(cleanLines(text))).toBeUndefined();
});
