import fc from 'fast-check';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { describe, expect, it } from 'vitest';
import { hostileText } from '../../../../testkit/hostile-text.ts';
import type { CoreGroups } from '../../../findings/core/core-groups.ts';
import type { CoreLeaks } from '../../../findings/core/core-leaks.ts';
import type { CoreMap } from '../../../findings/core/core-map.ts';
import type { CoreRefs, CoreReferrer } from '../../../findings/core/core-refs.ts';
import type { CoreView } from '../../../findings/core/core-view.ts';
import { cachePage } from './cache-page.ts';
import { lostPage } from './lost-page.ts';
import { mapPage } from './map-page.ts';
import { refsPage } from './refs-page.ts';
import { viewPage } from './view-page.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const elementsOf = (node: Node): readonly Element[] => [
  ...('attrs' in node ? [node] : []),
  ...('childNodes' in node ? node.childNodes.flatMap(elementsOf) : []),
];
const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((one) => one.name === name)?.value;

const MIB = 2 ** 20;
const AT = 'ffff888101000000';

/** Every page about a dump whose kernel calls all of its things `text`. */
function pagesWith(text: string): readonly string[] {
  const dump = { id: 7, title: text };
  const inObject = { cache: text, type: text, object: AT, offset: 8 };
  const referrers: readonly CoreReferrer[] = [
    { address: AT, inObject },
    { address: AT, symbol: text },
    { place: text },
    ...Array.from({ length: 14 }, (_, i) => ({ address: AT, inObject: { ...inObject, offset: i * 8 + 16 } })),
  ];
  const map: CoreMap = {
    release: text,
    machine: text,
    totalBytes: 100 * MIB,
    unreachable: { objects: 5, bytes: MIB },
    unlooked: 2,
    problems: [text],
    areas: [
      { name: 'free', label: 'free', layer: 'none', bytes: 40 * MIB, from: text, parts: [] },
      {
        name: 'slab-unreclaimable',
        label: 'slab, unreclaimable',
        layer: 'slab-unreclaimable',
        bytes: 60 * MIB,
        from: text,
        parts: [
          {
            kind: 'cache',
            name: text,
            bytes: 40 * MIB,
            count: 9,
            aliases: [text],
            types: [
              { type: text, objects: 8, bytes: 20 * MIB, unreachable: 6 },
              { objects: 1, bytes: MIB, unreachable: 0 },
            ],
          },
          { kind: 'caller', name: text, bytes: 4 * MIB, count: 2, sample: AT, types: [] },
        ],
      },
    ],
  };
  const groups: CoreGroups = {
    cache: text,
    objects: 10,
    small: { groups: 1, objects: 1 },
    unread: 1,
    groups: [
      {
        objects: 10,
        bytes: MIB,
        reachable: 0,
        unreachable: 10,
        typeConfidence: 'ambiguous',
        candidates: [
          { type: text, score: 1, evidence: [text] },
          { type: text, score: 1, evidence: [] },
        ],
        embedded: [{ offset: 0, type: text }],
        samples: [AT],
        owner: { kind: 'gone', unloaded: [text] },
        fields: [
          { offset: 0, kind: 'x', symbol: text, value: AT, member: text },
          { offset: 8, kind: 'x', text },
          { offset: 16, kind: 'x', leadsTo: text },
        ],
      },
    ],
  };
  const leaks: CoreLeaks = {
    scanned: { bytes: MIB, words: 1, seconds: 1 },
    objects: 100,
    unreachable: { objects: 20, bytes: MIB },
    missing: { bytes: MIB, references: 1 },
    groups: [
      {
        cache: text,
        type: text,
        units: 20,
        objects: 20,
        bytes: MIB,
        referrers: 'each other',
        certain: false,
        owner: { function: text, module: text },
        with: [{ cache: text, objects: 1 }],
        fields: [],
        samples: [AT],
      },
    ],
    memory: [
      { kind: 'pages', pages: 2, blocks: 3, bytes: MIB, reachableAlike: 1, samples: [AT], holder: { symbol: text } },
    ],
    percpu: [
      {
        size: 8,
        areas: 1,
        cpus: 2,
        bytes: 16,
        referencedAlike: 0,
        samples: [AT],
        owner: { function: text, module: text },
      },
    ],
  };
  const refs: CoreRefs = {
    address: AT,
    target: { inObject },
    referrers,
    count: 99,
    reachable: true,
    chain: [{ address: AT, symbol: text }, ...referrers.slice(0, 5), { inObject }],
    keptBy: [{ symbol: text, objects: 1, bytes: 8 }],
  };
  const view: CoreView = {
    at: { address: AT, symbol: text, slab: { cache: text, aliases: [text], objectSize: 64, slab: AT, object: AT } },
    from: AT,
    bytes: 48,
    rows: [
      {
        address: AT,
        offset: 0,
        bytes: '3c7363726970743e22276f6e6c6f6164',
        words: [
          { address: AT, value: AT, leads: { kind: 'symbol', symbol: text } },
          { address: AT, value: AT, leads: { kind: 'object', cache: text, object: AT, offset: 8, state: 'free' } },
        ],
      },
      { address: AT, offset: 16, missing: text, words: [] },
    ],
    struct: {
      type: text,
      address: AT,
      size: 16,
      members: [
        { name: text, type: text, offset: 0, value: { kind: 'text', text } },
        { name: text, type: text, offset: 8, value: { kind: 'pointer', value: AT, symbol: text, text } },
      ],
    },
    structProblem: text,
  };
  return [
    mapPage(dump, map, undefined),
    mapPage(dump, map, 'slab-unreclaimable'),
    cachePage(dump, groups),
    lostPage(dump, leaks),
    refsPage(dump, refs),
    viewPage(dump, view, text),
  ];
}

describe('pages about a dump', { timeout: 120_000 }, () => {
  it('are free of errors of syntax, with each id once, one heading of the first level, and a name for every picture', () => {
    for (const page of pagesWith('kmalloc-32')) {
      const errors: string[] = [];
      const elements = elementsOf(parse(page, { onParseError: (error) => errors.push(error.code) }));
      expect(errors).toEqual([]);
      const ids = elements.flatMap((element) => attribute(element, 'id') ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      expect(elements.filter(({ tagName }) => tagName === 'h1')).toHaveLength(1);
      const pictures = elements.filter((element) => /img|group/.test(attribute(element, 'role') ?? ''));
      expect(pictures.every((picture) => (attribute(picture, 'aria-label') ?? '') !== '')).toBe(true);
    }
  });

  it('gain no element, attribute or address from what a kernel calls its things', () => {
    const shape = (text: string): readonly string[] =>
      pagesWith(text).map((page) =>
        elementsOf(parse(page))
          .map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(' ')}`)
          .join('\n'),
      );
    const harmless = new Set(shape('kmalloc-32').join('\n').split('\n'));
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(
          shape(text)
            .join('\n')
            .split('\n')
            .filter((one) => !harmless.has(one)),
        ).toEqual([]);
        for (const page of pagesWith(text)) {
          const links = elementsOf(parse(page)).flatMap((element) => attribute(element, 'href') ?? []);
          expect(links.filter((link) => !/^(?:\/(?!\/)|#main$|data:,$)/.test(link))).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
