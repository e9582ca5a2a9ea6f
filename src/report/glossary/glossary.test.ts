import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTerm, termsLike } from './find.ts';
import { glossary } from './registry.ts';
import { renderPicture } from './render-svg.ts';
import { renderTermHtml, renderTermText } from './render.ts';
import type { GlossaryTerm } from './term.ts';

const pictured = glossary.flatMap((term) =>
  term.picture === undefined ? [] : [{ id: term.id, picture: term.picture }],
);

/** Names of the tags that are open at the end; throws where one closes that was not open. Enough for what we write. */
function openTags(markup: string): readonly string[] {
  const open: string[] = [];
  for (const [, close, name = '', , self] of markup.matchAll(/<(\/?)([\w-]+)((?:\s[\w:-]+="[^"<>]*")*)\s*(\/?)>/g)) {
    if (close === '/' && open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    if (close === '' && self === '') open.push(name);
  }
  return open;
}

/** What is left of markup when tags and entities are taken away may hold none of XML's own characters. */
const bare = (markup: string): string =>
  markup.replaceAll(/<\/?[\w-]+(?:\s[\w:-]+="[^"<>]*")*\s*\/?>/g, '').replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '');

describe('the glossary', () => {
  it('has each term once, under names that mean one thing', () => {
    const ids = glossary.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z][a-z0-9-]*$/.test(id))).toEqual([]);
    const titles = glossary.map(({ title }) => title.toLowerCase());
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('points only to terms that it has, and never to the term itself', () => {
    const ids = new Set(glossary.map(({ id }) => id));
    const broken = glossary.flatMap((term) => term.see.filter((id) => !ids.has(id) || id === term.id));
    expect(broken).toEqual([]);
  });

  it('explains each term on one screen of 80 columns and 24 lines', () => {
    const long = glossary.filter((term) => renderTermText(term, 80).trimEnd().split('\n').length > 24);
    expect(long.map(({ id }) => id)).toEqual([]);
  });

  it('is one sentence first, then one to five short paragraphs, in calm words', () => {
    const odd = glossary.filter(
      ({ short, text }) =>
        !/^[^\n]{10,140}\.$/.test(short) ||
        text.length < 1 ||
        text.length > 5 ||
        /!|\bsimply\b|\bjust\b/i.test([short, ...text].join(' ').replace('just after', '').replace('just read', '')),
    );
    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it('explains what answers speak of', () => {
    const words = [
      'page allocator',
      'buddy allocator',
      'slab',
      'slab cache',
      'SUnreclaim',
      'SReclaimable',
      'kmalloc',
      'large kmalloc',
      'merged caches',
      'dentry',
      'negative dentry',
      'inode',
      'page cache',
      'shared memory',
      'tmpfs',
      'anonymous memory',
      'PSS',
      'RSS',
      'per-CPU lists',
      'per-CPU memory',
      'vmalloc',
      'page tables',
      'kernel stack',
      'huge pages',
      'balloon',
      'ZFS ARC',
      'SPL',
      'memory cgroup',
      'dying cgroup',
      'kmemleak',
      'page_owner',
      'allocinfo',
      'slab traces',
      'OOM killer',
      'unexplained memory',
      'memory equation',
      'growth rate',
      'Theil-Sen slope',
      'saw-tooth floor',
      'lockstep',
      'fragmentation',
      'reference count',
      'skb',
      'tty',
      'sock_inode_cache',
      'drop_caches',
      'slub_debug',
      'mlocked',
      'unevictable',
      'CMA',
      'swap cache',
      'zswap',
      'crash dump',
      'vmcore',
      'unreachable',
    ];
    expect(words.filter((word) => findTerm(word) === undefined)).toEqual([]);
  });
});

describe('finding a term', () => {
  it('takes any case, dashes, underlines, plurals and other names', () => {
    expect(findTerm('Per_CPU Lists')?.id).toBe('per-cpu-lists');
    expect(findTerm('PCP')?.id).toBe('per-cpu-lists');
    expect(findTerm('balloons')?.id).toBe('balloon');
    expect(findTerm('tmpfs')?.id).toBe('shared-memory');
    expect(findTerm('theil')?.id).toBe('theil-sen-slope');
    expect(findTerm('arc')?.id).toBe('zfs-arc');
  });

  it('finds every term by its id and its title', () => {
    expect(glossary.filter((term) => findTerm(term.id) !== term || findTerm(term.title) !== term)).toEqual([]);
  });

  it('gives nothing for nonsense', () => {
    expect(findTerm('')).toBeUndefined();
    expect(findTerm('--')).toBeUndefined();
    expect(findTerm('flux capacitor')).toBeUndefined();
  });
});

describe('rendering a term', () => {
  it('fills lines and never exceeds the width', () => {
    fc.assert(
      fc.property(fc.constantFrom(...glossary), fc.integer({ min: 45, max: 120 }), (term, width) => {
        const wide = renderTermText(term, width)
          .split('\n')
          .filter((line) => line.length > width);
        expect(wide).toEqual([]);
      }),
    );
  });

  it('shows title, sentence, text and where to read on', () => {
    const text = glossary
      .filter(({ id }) => id === 'slab')
      .map((term) => renderTermText(term, 80))
      .join('');
    expect(text).toMatch(/^Slab\n\nA few pages cut into objects/);
    expect(text).toMatch(/see also: Slab cache, SUnreclaim, Fragmentation\n$/);
  });

  it('makes well-formed markup of every term', () => {
    for (const term of glossary) {
      const html = renderTermHtml(term);
      expect(openTags(html)).toEqual([]);
      expect(bare(html)).not.toMatch(/[<>&]/);
    }
  });

  it('makes well-formed pictures that can be read aloud, in the colour of the text', () => {
    expect(pictured.length).toBeGreaterThanOrEqual(5);
    for (const { id, picture } of pictured) {
      const svg = renderPicture(picture, id);
      expect(openTags(svg)).toEqual([]);
      expect(bare(svg)).not.toMatch(/[<>&]/);
      expect(svg).toContain(`<title id="picture-${id}-title">`);
      expect(svg).toContain(`<desc id="picture-${id}-desc">`);
      expect(svg).toContain('currentColor');
      expect(svg).not.toMatch(/NaN|undefined|#[0-9a-f]{3,6}\b(?!;)/i);
    }
  });

  it('keeps what is drawn inside the picture', () => {
    const outside = pictured.flatMap(({ id, picture: { width, height, marks } }) =>
      marks
        .flatMap((mark) => {
          if (mark.kind === 'arrow') return [mark.from, mark.to];
          if (mark.kind === 'label') return [[mark.x, mark.y] as const];
          return [[mark.x, mark.y] as const, [mark.x + mark.width, mark.y + mark.height] as const];
        })
        .filter(([x, y]) => x < 0 || y < 0 || x > width || y > height)
        .map(([x, y]) => `${id} ${x},${y}`),
    );
    expect(outside).toEqual([]);
  });

  it('escapes whatever a term holds', () => {
    const hostile: GlossaryTerm = {
      id: 'x"><script>',
      title: '<b>&',
      also: [],
      short: '</p><script>alert(1)</script>',
      text: ['"\'<'],
      see: ['"><img>'],
      picture: {
        title: '<',
        description: '&',
        width: 10,
        height: 10,
        marks: [{ kind: 'label', x: 1, y: 1, text: '<' }],
      },
    };
    const html = renderTermHtml(hostile);
    expect(openTags(html)).toEqual([]);
    expect(bare(html)).not.toMatch(/[<>&]/);
    expect(html).not.toMatch(/<(?:script|img|b)\b/);
  });
});

it('guesses a term that is misspelt further on from how it begins', () => {
  expect(termsLike('slub_debg')).toContain('slub_debug');
  expect(termsLike('zz')).toEqual([]);
});
