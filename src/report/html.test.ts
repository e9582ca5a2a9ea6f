import fc from 'fast-check';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../testkit/hostile-text.ts';
import { negativeDentries, pageAllocatorGrowth, sampleDiagnoses, slabLeak, withTexts } from '../../testkit/sample-diagnosis.ts'; // prettier-ignore
import { html, htmlSource } from './html-markup.ts';
import { renderHtml } from './html.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

function elementsOf(node: Node): readonly Element[] {
  const inside = 'childNodes' in node ? node.childNodes.flatMap(elementsOf) : [];
  return 'attrs' in node ? [node, ...inside] : inside;
}
function commentsOf(node: Node): number {
  if (node.nodeName === '#comment') return 1;
  return 'childNodes' in node ? node.childNodes.reduce((sum, child) => sum + commentsOf(child), 0) : 0;
}
function textOf(node: Node): string {
  if (node.nodeName === '#text' && 'value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}
const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((a) => a.name === name)?.value;

/** Elements and attributes of a page of the same shape with harmless texts; data may add none to these. */
const NAMES = new Set<string>();
for (const diagnosis of sampleDiagnoses.flatMap((d) => [withTexts(d, (was) => was || 'x'), withTexts(d, () => 'x')]))
  for (const element of elementsOf(parse(renderHtml(diagnosis))))
    for (const name of ['', ...element.attrs.map((a) => ` ${a.name}`)]) NAMES.add(element.tagName + name);

describe('html', () => {
  it('escapes what it is given, also what only looks like markup', () => {
    const forged: unknown = JSON.parse('{"source":"<b>"}');
    expect(htmlSource(html`<p title="${'"<'}">${'<b>'}${html`<i>${1}</i>`}${String(forged)}</p>`)).toBe(
      '<p title="&quot;&lt;">&lt;b&gt;<i>1</i>[object Object]</p>',
    );
  });
});

describe('renderHtml', () => {
  it.each(sampleDiagnoses)('is a page without errors of syntax: $verdict', (diagnosis) => {
    const errors: string[] = [];
    parse(renderHtml(diagnosis), { onParseError: (error) => errors.push(`${error.code} at ${error.startLine}`) });
    expect(errors).toEqual([]);
  });

  it('has the verdict, the sentence, the findings, the steps and the inputs as text', () => {
    const text = textOf(parse(renderHtml(pageAllocatorGrowth))).replaceAll(/\s+/g, ' ');
    for (const part of ['SUSPECTED LEAK', pageAllocatorGrowth.summary, 'Known issue K-0007', 'meminfo:1-44', 'needs a reboot', 'kleak snapshot -o node7-later.tar.zst', 'zoneinfo']) expect(text).toContain(part); // prettier-ignore
  });

  it('has headings in order and a name for every picture', () => {
    for (const diagnosis of sampleDiagnoses) {
      const elements = elementsOf(parse(renderHtml(diagnosis)));
      const levels = elements.flatMap(({ tagName }) => (/^h\d$/.test(tagName) ? [Number(tagName.charAt(1))] : []));
      expect(levels[0]).toBe(1);
      expect(levels.every((level, i) => level <= (levels[i - 1] ?? 1) + 1)).toBe(true);
      const pictures = elements.filter((element) => attribute(element, 'role') === 'img');
      expect(pictures.every((picture) => (attribute(picture, 'aria-label') ?? '') !== '')).toBe(true);
    }
  });

  it('uses each id once and points to none that is not there', () => {
    const page = renderHtml(slabLeak, {
      glossary: [{ term: 'sunreclaim', title: 'SUnreclaim', html: '<p>Slab.</p>' }],
    });
    const elements = elementsOf(parse(page));
    const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = elements
      .flatMap((element) => attribute(element, 'href') ?? [])
      .filter((href) => href.startsWith('#'));
    expect(targets).toEqual(['#term-sunreclaim']);
    expect(ids).toContain('term-sunreclaim');
  });

  it('loads nothing: no address but those of references', () => {
    const elements = elementsOf(parse(renderHtml(negativeDentries)));
    const loading = elements.filter(
      (element) => attribute(element, 'src') !== undefined || element.tagName === 'iframe',
    );
    expect(loading).toEqual([]);
    const hrefs = elements.flatMap((e) =>
      attribute(e, 'href') === undefined ? [] : [[e.tagName, attribute(e, 'href')]],
    );
    expect(hrefs).toEqual([['link', 'data:,'], ['a', 'https://example.org/bugs/956082']]); // prettier-ignore
  });

  it('gains no element, attribute, comment or address from data, whatever stands in it', () => {
    fc.assert(
      fc.property(hostileText, (hostile) => {
        for (const diagnosis of sampleDiagnoses) {
          const page = parse(renderHtml(withTexts(diagnosis, () => hostile)));
          const elements = elementsOf(page);
          const foreign = elements.flatMap((e) => ['', ...e.attrs.map((a) => ` ${a.name}`)].map((n) => e.tagName + n));
          expect(foreign.filter((name) => !NAMES.has(name))).toEqual([]);
          expect(commentsOf(page)).toBe(0);
          expect(elements.filter(({ tagName }) => tagName === 'script')).toHaveLength(1);
          const addresses = elements.flatMap((e) => (e.tagName === 'a' ? (attribute(e, 'href') ?? []) : []));
          expect(addresses.filter((address) => !/^https?:\/\/|^#term-/.test(address))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
