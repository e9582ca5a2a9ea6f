import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PushTokens } from './push-tokens.ts';

const [main, own, other] = ['main-token-of-everyone', 'token-of-host-db-1-only', 'token-of-host-db-2-only'];
let folder = '';
const file = (): string => join(folder, 'push-tokens');
const fill = (...lines: readonly string[]): void => writeFileSync(file(), `${lines.join('\n')}\n`);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleak-tokens-'));
  fill(`db-1 ${own}`, `db-2 ${other}`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file of tokens', () => {
  it('holds on where the file becomes damaged or goes, which is told once, by its line and without its tokens', () => {
    const told: string[] = [];
    const tokens = new PushTokens(file(), { main, tell: (line) => told.push(line) });
    fill(`db-9 ${'x'.repeat(20)}`, 'db-1 short-one');
    expect([tokens.hostOf(own), tokens.hostOf(other), tokens.hostOf('x'.repeat(20))]).toEqual([
      'db-1',
      'db-2',
      undefined,
    ]);
    expect(told).toEqual([
      expect.stringMatching(/push-tokens:2: a token of fewer than 16 characters.*; what it held before still holds$/),
    ]);
    rmSync(file());
    expect([tokens.hostOf(own), tokens.has('db-2'), tokens.has('db-9')]).toEqual(['db-1', true, false]);
    expect(told.slice(1)).toEqual([expect.stringMatching(/push-tokens: cannot be read \(ENOENT\)/)]);
    fill(`db-9 ${'x'.repeat(20)}`);
    expect([tokens.hostOf(own), tokens.hostOf('x'.repeat(20))]).toEqual([undefined, 'db-9']);
    expect(told.join()).not.toMatch(/short-one|xxxx/);
  });

  it.each([
    [':1: not a host and its token', ['db-1']],
    [':2: not a host and its token', ['', `db-1 ${own} ${other}`]],
    [':1: not a host and its token', [`../db-1 ${own}`]],
    [':1: a token of fewer than 16 characters', ['db-1 short']],
    [':1: the token of --token-file', [`db-1 ${main}`]],
    [':2: the token of another host', [`db-1 ${own}`, `db-2 ${own}`]],
  ])('is refused at the start with %s', (problem, lines) => {
    fill(...lines);
    expect(() => new PushTokens(file(), { main })).toThrow(`push-tokens${problem}`);
  });
});
