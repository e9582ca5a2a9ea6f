import fc from 'fast-check';
import { lexer, walkTokens, type Token } from 'marked';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../testkit/hostile-text.ts';
import { pageAllocatorGrowth, sampleDiagnoses, slabLeak, withTexts } from '../../testkit/sample-diagnosis.ts';
import { isWebAddress, markdownCell, markdownCode, markdownText } from './markdown-escape.ts';
import { renderMarkdown } from './markdown.ts';

function tokensOf(markdown: string): readonly Token[] {
  const tokens: Token[] = [];
  void walkTokens(lexer(markdown), (token) => {
    tokens.push(token);
  });
  return tokens;
}
const count = (tokens: readonly Token[], type: string): number => tokens.filter((token) => token.type === type).length;

describe('markdownText', () => {
  it('leaves sentences as they are and makes code of names with markup in them', () => {
    expect(markdownText('kmalloc-128 grew by 92.7 GiB (74 %), at 16:00')).toBe(
      'kmalloc-128 grew by 92.7 GiB (74 %), at 16:00',
    );
    expect(markdownText('a struct seq_operations, of (seq_open)')).toBe('a struct `seq_operations`, of (`seq_open`)');
    expect(markdownText('calls kmem_cache_alloc()')).toBe('calls `kmem_cache_alloc()`');
  });

  it('starts no block', () => {
    expect(['# h', '- l', '1. n', '> q', '---', '===', '+ p'].map(markdownText)).toEqual([
      '`#` h',
      '`-` l',
      '`1`. n',
      '`>` q',
      '`---`',
      '`===`',
      '`+` p',
    ]);
  });

  it('keeps backticks inside of code', () => {
    expect(markdownCode('a`b')).toBe('``a`b``');
    expect(markdownCode('`')).toBe('`` ` ``');
  });

  it('ends no cell of a table', () => {
    expect(markdownCell('a|b')).toBe(String.raw`a\|b`);
    expect(markdownCell(String.raw`a\|b`)).toBe(String.raw`a\\x7cb`);
  });

  it('knows a web address', () => {
    expect(isWebAddress('https://lore.kernel.org/lkml/2023@x/?q=1#a')).toBe(true);
    expect(isWebAddress('javascript:alert(1)')).toBe(false);
    expect(isWebAddress('https://a.example/<b>')).toBe(false);
    expect(isWebAddress('https://a.example/ b')).toBe(false);
  });
});

describe('renderMarkdown', () => {
  it('has the verdict in the headline, the memory as a table and the steps as blocks', () => {
    const tokens = tokensOf(renderMarkdown(pageAllocatorGrowth));
    expect(tokens[0]).toMatchObject({ type: 'heading', depth: 2 });
    expect(tokens[0]?.raw).toMatch(/^## SUSPECTED LEAK: 92\.7 GiB/);
    expect(tokens.find(({ type }) => type === 'table')).toMatchObject({ rows: { length: 7 } });
    const blocks = tokens.filter(({ type }) => type === 'code');
    expect(blocks.map((block) => ('text' in block ? block.text : ''))).toEqual(
      pageAllocatorGrowth.findings[0]?.next.map(({ command }) => command),
    );
  });

  it('folds the evidence of all but the first finding', () => {
    expect(renderMarkdown(slabLeak)).toContain('<details>\n<summary>Why: 1 piece of evidence</summary>');
  });

  it('gains no heading, link, picture, table cell or HTML from data, whatever stands in it', () => {
    const counted = ['heading', 'image', 'link', 'html', 'table', 'code', 'blockquote', 'hr', 'list', 'list_item', 'strong', 'em', 'del', 'def', 'br']; // prettier-ignore
    fc.assert(
      fc.property(hostileText, (hostile) => {
        for (const diagnosis of sampleDiagnoses) {
          const found = tokensOf(renderMarkdown(withTexts(diagnosis, () => (hostile.trim() === '' ? 'x' : hostile))));
          const expected = tokensOf(renderMarkdown(withTexts(diagnosis, () => 'x y')));
          for (const type of counted.filter((t) => t !== 'link')) expect([type, count(found, type)]).toEqual([type, count(expected, type)]); // prettier-ignore
          expect(count(found, 'link')).toBeLessThanOrEqual(diagnosis.findings.length * 2);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps a table whole whatever a name holds', () => {
    fc.assert(
      fc.property(hostileText, (hostile) => {
        const table = tokensOf(renderMarkdown(withTexts(pageAllocatorGrowth, () => hostile))).find(
          ({ type }) => type === 'table',
        );
        if (table?.type !== 'table' || !('rows' in table)) throw new Error('no table');
        expect(table.rows).toHaveLength(7);
      }),
    );
  });
});
