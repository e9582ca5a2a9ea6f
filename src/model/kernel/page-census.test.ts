import { describe, expect, it } from 'vitest';
import {
  buildKernel,
  type BuiltKernel,
  type KernelOptions,
  type PageBlock,
} from '../../../testkit/kernel/build-kernel.ts';
import { changed } from '../../../testkit/kernel/machine-note.ts';
import type { PageUse } from '../../../testkit/kernel/memmap.ts';
import type { PageOptions, PageStyle } from '../../../testkit/kernel/page-style.ts';
import { openPages, type Pages } from './open-heap.ts';
import { countKinds } from './page-census.ts';
import { PAGE_KINDS, type PageKind } from './page-kinds.ts';

const KINDS: Readonly<Record<PageUse, PageKind>> = {
  reserved: 'reserved',
  anonymous: 'anonymous',
  'page-cache': 'page-cache',
  shmem: 'shmem',
  hugetlb: 'hugetlb',
  poisoned: 'poisoned',
  owned: 'single',
  unused: 'uncounted',
  movable: 'single',
  buddy: 'free',
  offline: 'offline',
  kmemcg: 'single',
  table: 'page-table',
  guard: 'guard',
  slab: 'slab',
  zsmalloc: 'zsmalloc',
  unaccepted: 'unaccepted',
  large_kmalloc: 'large-kmalloc',
};

const kindOf = ({ use, order = 0 }: PageBlock): PageKind =>
  order > 0 && KINDS[use] === 'single' ? 'compound' : KINDS[use];

function read(options: KernelOptions, damage?: (built: BuiltKernel) => void): { built: BuiltKernel; pages: Pages } {
  const built = buildKernel(options);
  damage?.(built);
  const pages = openPages(built.open());
  if (!pages) throw new Error('no pages');
  return { built, pages };
}

/** Each block as a word: its kind, or all of its kinds where they differ. */
const kindsOf = (built: BuiltKernel, { census }: Pages, blocks: readonly PageBlock[]): readonly string[] =>
  blocks
    .flatMap(({ order = 0, count = 1 }) => Array.from({ length: count }, () => order))
    .map((order, i) => {
      const first = built.blocks[i] ?? 0;
      const kinds = Array.from(census.kinds.subarray(first, first + 2 ** order), (kind) => PAGE_KINDS[kind] ?? 'none');
      return [...new Set(kinds)].join(' ');
    });

const expected = (blocks: readonly PageBlock[]): readonly string[] =>
  blocks.flatMap((block) => Array.from({ length: block.count ?? 1 }, () => kindOf(block)));

const EVERYWHERE: readonly PageBlock[] = [
  { use: 'buddy' }, { use: 'buddy', order: 3 }, { use: 'buddy', order: 10 }, { use: 'anonymous' },
  { use: 'anonymous', order: 9 }, { use: 'page-cache', count: 3 }, { use: 'page-cache', order: 4 }, { use: 'shmem' },
  { use: 'shmem', order: 9 }, { use: 'hugetlb', order: 9 }, { use: 'hugetlb', order: 9, count: 2 }, { use: 'owned' },
  { use: 'owned', order: 2 }, { use: 'unused', order: 2 }, { use: 'movable' }, { use: 'poisoned' }, { use: 'slab' },
  { use: 'slab', order: 3 }, { use: 'reserved' }, { use: 'offline' },
]; // prettier-ignore
const TABLES: readonly PageBlock[] = [{ use: 'table' }, { use: 'guard' }, { use: 'table', order: 1 }];
const TYPED: readonly PageBlock[] = [...TABLES, { use: 'zsmalloc' }];
const NEWEST: readonly PageBlock[] = [
  ...TYPED, { use: 'large_kmalloc' }, { use: 'large_kmalloc', order: 5 }, { use: 'unaccepted', order: 10 },
  { use: 'zsmalloc', low: 0x123456 }, { use: 'zsmalloc', low: 0xffffff }, { use: 'table', low: 0x80 }, { use: 'buddy' },
]; // prettier-ignore

describe('the census of pages', () => {
  it.each<readonly [string, PageOptions, readonly PageBlock[]]>([
    ['values of _mapcount (4.4 to 4.17)', { style: 'mapcount' }, []],
    ['struct pages of 56 bytes', { style: 'mapcount', size: 56 }, []],
    [
      'types as cleared bits, one for kmemcg (4.18 to 5.10)',
      { style: 'kmemcg' },
      [...TABLES, { use: 'kmemcg', count: 2 }],
    ],
    ['types as cleared bits (5.11 to 6.2)', { style: 'cleared' }, TABLES],
    ['huge pages by the destructor of their folio (6.3 to 6.5)', { style: 'cleared', huge: 'folio-dtor' }, TABLES],
    ['huge pages by a flag of their second page (6.6 to 6.8)', { style: 'cleared', huge: 'flag' }, TABLES],
    ['huge pages by a type (6.9)', { style: 'cleared', huge: 'type' }, TABLES],
    ['slabs by a cleared bit (6.10)', { style: 'cleared-slab' }, TABLES],
    ['types as bits of an enum (6.11)', { style: 'enum-flags' }, TYPED],
    ['types in the top byte (6.12)', { style: 'byte' }, NEWEST],
    ['types in the top byte, struct pages of 56 bytes', { style: 'byte', size: 56 }, NEWEST],
    ['flags in a struct (6.18)', { style: 'byte', wrappedFlags: true }, NEWEST],
    [
      'compound_info in place of compound_head (7.1)',
      { style: 'byte', wrappedFlags: true, compoundInfo: true },
      NEWEST,
    ],
  ])('knows pages by %s', (_, pages, more) => {
    const blocks = [...EVERYWHERE, ...more];
    const { built, pages: read_ } = read({ pages, blocks });
    expect(kindsOf(built, read_, blocks)).toEqual(expected(blocks));
  });

  it('knows pages by flags for heads and tails (before 4.4)', () => {
    const blocks = EVERYWHERE.filter(({ use }) => use !== 'hugetlb');
    for (const types of [true, false]) {
      const some = types
        ? blocks
        : blocks.filter(({ use, order = 0 }) => use !== 'reserved' && (order === 0 || use === 'buddy'));
      const { built, pages } = read({ types, pages: { style: 'mapcount', tailFlag: true }, blocks: some });
      expect(kindsOf(built, pages, some)).toEqual(expected(some));
    }
  });

  it.each<readonly [PageStyle, NonNullable<PageOptions['huge']>, readonly PageBlock[]]>([
    ['mapcount', 'page-dtor', []],
    ['kmemcg', 'page-dtor', [{ use: 'kmemcg' }]],
    ['cleared', 'page-dtor', TABLES],
    ['cleared', 'folio-dtor', TABLES],
    ['cleared', 'flag', TABLES],
    ['cleared-slab', 'type', TABLES],
    ['byte', 'type', NEWEST],
  ])('knows most pages by VMCOREINFO alone: %s, huge pages by %s', (style, huge, more) => {
    const blocks = [...EVERYWHERE, ...more].filter(({ use }) => use !== 'reserved');
    const { built, pages } = read({ types: false, pages: { style, huge }, blocks }, (b) => {
      // The flags of reserved pages are in no note; what the note says of kernels before 5.11 tells the types apart.
      if (style === 'kmemcg' || style === 'mapcount') b.note = changed(b.note, 'OFFSET(uts_namespace.name)');
    });
    expect(kindsOf(built, pages, blocks)).toEqual(expected(blocks));
    expect(pages.problems).toEqual([
      'slabs cannot be told apart: the dump has no types, or they do not say how a slab looks',
    ]);
  });

  it('does not take typed pages for slabs, whose number is that of a flag of older kernels (6.12)', () => {
    // 7 was PG_slab once: a free block, whose low bits are clear, then looked like a slab to some readers.
    const blocks: readonly PageBlock[] = [
      { use: 'buddy', order: 4 },
      { use: 'table' },
      { use: 'offline' },
      { use: 'slab' },
    ];
    for (const types of [true, false]) {
      const { pages } = read({ types, pages: { style: 'byte' }, blocks });
      expect(countKinds(pages.census.kinds).get('slab')).toBe(1);
    }
  });

  it('counts huge pages whole that share their memory map: heads that are none (5.18)', () => {
    for (const types of [true, false])
      for (const style of ['cleared', 'byte'] as const) {
        const blocks: readonly PageBlock[] = [{ use: 'hugetlb', order: 9, count: 2 }, { use: 'anonymous' }];
        const { built, pages } = read({ types, pages: { style }, blocks }, ({ memmap, blocks: [first = 0] }) => {
          for (let i = 64; i < 512; i++) memmap.copy(first + (i % 64), first + i);
          memmap.flush();
        });
        expect(kindsOf(built, pages, blocks)).toEqual(['hugetlb', 'hugetlb', 'anonymous']);
      }
  });

  it('has a byte for each frame, absent where the machine has a hole between sections', () => {
    const { pages } = read({ machine: { moreRam: [{ start: 2 ** 29, size: 2 ** 24 }] } });
    const counts = countKinds(pages.census.kinds);
    expect(pages.census.kinds).toHaveLength((2 ** 29 + 2 ** 24) / 4096);
    expect(counts.get('absent')).toBe((2 ** 29 - 2 ** 27) / 4096);
    expect(counts.get('reserved')).toBe((2 ** 27 + 2 ** 24) / 4096);
  });

  it('has frames that are not described where pages of the memory map are not in the dump', () => {
    const blocks: readonly PageBlock[] = [{ use: 'anonymous', count: 256 }];
    const { built, pages } = read({ blocks }, ({ machine, memmap, blocks: [first = 0] }) =>
      machine.physical.take(memmap.physicalOf(first + 64), 4096),
    );
    const [first = 0] = built.blocks;
    const kinds = Array.from(pages.census.kinds.subarray(first, first + 256), (kind) => PAGE_KINDS[kind]);
    expect(kinds.filter((kind) => kind === 'not-described')).toHaveLength(64);
    expect(kinds.slice(64, 128)).toEqual(Array.from({ length: 64 }, () => 'not-described'));
  });

  it('takes no more of memory for a free block than the page allocator gives, nor than its place allows', () => {
    const blocks: readonly PageBlock[] = [{ use: 'anonymous' }, { use: 'buddy' }, { use: 'anonymous', count: 2046 }];
    for (const order of [1, 4, 11, 20, 24, 0xffffffff]) {
      const { built, pages } = read({ blocks }, ({ memmap, blocks: [, second = 0] }) => {
        memmap.set(second, { private: order });
        memmap.flush();
      });
      expect(kindsOf(built, pages, blocks)).toEqual(expected(blocks));
    }
  });

  it('takes no more for a huge page than its place allows and its tails say', () => {
    const blocks: readonly PageBlock[] = [
      { use: 'hugetlb', order: 9 },
      { use: 'anonymous', count: 600 },
    ];
    for (const order of [0, 1, 13, 40, 255]) {
      const { built, pages } = read({ pages: { style: 'byte' }, blocks }, ({ memmap, blocks: [first = 0] }) => {
        const [folio] = memmap.shape.structs.filter(({ name }) => name === 'folio');
        memmap.set(first, { _flags_1: order }, folio);
        memmap.flush();
      });
      expect(kindsOf(built, pages, blocks)).toEqual(expected(blocks));
    }
  });
});
