import fc from 'fast-check';
import { expect, it } from 'vitest';
import { columnsOf, escapeHtml, escapeTerminal } from './escape.ts';

it('shows control characters, overrides and what cannot be seen', () => {
  expect(escapeTerminal('a\u001B[31mb')).toBe(String.raw`a\x1b[31mb`);
  expect(escapeTerminal('a\u009B2Jb\r\n')).toBe(String.raw`a\x9b2Jb\x0d\x0a`);
  expect(escapeTerminal('x\u202Etxt.exe')).toBe(String.raw`x\u{202e}txt.exe`);
  expect(escapeTerminal('a\u200Bb\uFEFF\u2028\u00AD')).toBe(String.raw`a\u{200b}b\u{feff}\u{2028}\xad`);
  expect(escapeTerminal('\uD800')).toBe(String.raw`\u{d800}`);
});

it('leaves what people write', () => {
  const text = 'kmalloc-128, Größe 92.7 GiB − 漢字 é';
  expect(escapeTerminal(text)).toBe(text);
});

it('leaves nothing that a terminal acts on, in any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeTerminal(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }),
  );
});

it('escapes what HTML reads, in text and in attributes', () => {
  expect(escapeHtml(`<a href="x" title='y'>&amp;`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;');
});

it('counts columns as a terminal does', () => {
  expect(columnsOf('kmalloc')).toBe(7);
  expect(columnsOf('漢字')).toBe(4);
  expect(columnsOf('e\u0301')).toBe(1);
});
