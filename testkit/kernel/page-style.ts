import { inOrder, placed, type StructSpec } from './struct-spec.ts';
import type { Enums } from './write-types.ts';

/**
 * How a kernel marks what a page is: by values of _mapcount (to 4.17); by bits cleared in page_type, with one for kmemcg
 * (4.18 to 5.10), without (to 6.9), with one for slab (6.10); the same with bits of an enum (6.11); by the top byte (6.12).
 */
export type PageStyle = 'mapcount' | 'kmemcg' | 'cleared' | 'cleared-slab' | 'enum-flags' | 'byte';

export interface PageOptions {
  readonly style?: PageStyle;
  /** 56 where nothing wants double words aligned: SLAB, SLUB_TINY. */
  readonly size?: 56 | 64;
  /** page.flags became a struct with 6.18 (commit 53fbef56e07d). */
  readonly wrappedFlags?: boolean;
  /** Before 4.4 a flag marked later pages of a compound one, and names were others: `_count`, `slab`. */
  readonly tailFlag?: boolean;
  /** The name of 7.1 (commit d50569612c29). */
  readonly compoundInfo?: boolean;
  /** How huge pages are told: by their destructor in struct page, or folio (6.3 to 6.5), a flag (6.6 to 6.8), a type. */
  readonly huge?: 'page-dtor' | 'folio-dtor' | 'flag' | 'type';
  /** Members of slabs within struct page (before 5.17), of SLUB or SLAB. */
  readonly slabInPage?: 'SLUB' | 'SLAB';
}

export type MarkedType =
  'buddy' | 'offline' | 'kmemcg' | 'table' | 'guard' | 'hugetlb' | 'slab' | 'zsmalloc' | 'unaccepted' | 'large_kmalloc';

/** Everything that depends on the style of a kernel's struct page. */
export interface PageShape {
  readonly spec: StructSpec;
  readonly structs: readonly StructSpec[];
  readonly enums: Enums;
  readonly huge: NonNullable<PageOptions['huge']>;
  /** The member that leads to the head; undefined where a flag marks tails. */
  readonly head?: 'compound_head' | 'compound_info';
  readonly refcount: '_refcount' | '_count';
  readonly flagBits: Readonly<Record<string, number>>;
  /** The value of _mapcount or page_type; undefined where this kernel has no such type. */
  readonly markOf: (type: MarkedType, low?: number) => number | undefined;
  /** Where page[1] keeps the order, and the destructor. */
  readonly order: string;
  readonly numbers: Readonly<Record<string, bigint>>;
}

const OLD_BITS = { PG_locked: 0, PG_referenced: 1, PG_uptodate: 2, PG_dirty: 3, PG_lru: 4, PG_active: 5, PG_slab: 9, PG_reserved: 12, PG_private: 13, PG_head: 16, PG_swapbacked: 19, PG_unevictable: 20, PG_hwpoison: 22 }; // prettier-ignore
const NEW_BITS = { PG_locked: 0, PG_referenced: 2, PG_uptodate: 3, PG_dirty: 4, PG_lru: 5, PG_head: 6, PG_active: 8, PG_reserved: 13, PG_private: 14, PG_swapbacked: 17, PG_unevictable: 18, PG_hwpoison: 20 }; // prettier-ignore

const CLEARED: Readonly<Record<string, number>> = { buddy: 0x80, offline: 0x100, table: 0x200, guard: 0x400 };
const WITH_KMEMCG: Readonly<Record<string, number>> = { ...CLEARED, kmemcg: 0x200, table: 0x400, guard: 0x800 };
const ENUM_FLAGS: Readonly<Record<string, number>> = { buddy: 0x40000000, offline: 0x20000000, table: 0x10000000, guard: 0x8000000, hugetlb: 0x4000000, slab: 0x2000000, zsmalloc: 0x1000000 }; // prettier-ignore
const BYTES: Readonly<Record<string, number>> = { buddy: 0xf0, offline: 0xf1, table: 0xf2, guard: 0xf3, hugetlb: 0xf4, slab: 0xf5, zsmalloc: 0xf6, unaccepted: 0xf7, large_kmalloc: 0xf8 }; // prettier-ignore

/** HUGETLB_PAGE_DTOR. */
export const HUGE_DTOR = 2;
/** PG_hugetlb, in the flags of page[1]: the bit of PG_active. */
export const HUGE_FLAG: number = OLD_BITS.PG_active;

export function pageShape(options: PageOptions): PageShape {
  const { style = 'cleared' } = options;
  const huge =
    options.huge ?? (style === 'mapcount' || style === 'kmemcg' || style === 'cleared' ? 'page-dtor' : 'type');
  const flags = flagsOf(style, huge);
  const isNew = style === 'byte' || style === 'enum-flags';
  const { PG_slab, ...withoutSlab } = OLD_BITS;
  const tail = options.tailFlag === true ? { PG_head: 14, PG_tail: 15 } : {};
  const known = isNew ? NEW_BITS : style === 'cleared-slab' ? withoutSlab : { PG_slab, ...withoutSlab };
  const flagBits: Readonly<Record<string, number>> = { ...known, ...tail };
  const markOf = markerOf(style, flags);
  const spec = pageSpec(options, style, huge);
  const folio = huge === 'page-dtor' ? [] : [folioSpec(spec, huge)];
  return {
    spec,
    structs: [spec, ...folio],
    enums: enumsOf(style, flags, flagBits, huge),
    huge,
    ...(options.tailFlag === true
      ? { refcount: '_count' }
      : { head: options.compoundInfo === true ? 'compound_info' : 'compound_head', refcount: '_refcount' }),
    flagBits,
    markOf,
    order: huge === 'page-dtor' ? 'compound_order' : huge === 'folio-dtor' ? '_folio_order' : '_flags_1',
    numbers: numbersOf(flagBits, huge, markOf),
  };
}

function flagsOf(style: PageStyle, huge: PageShape['huge']): Readonly<Record<string, number>> {
  if (style === 'enum-flags') return ENUM_FLAGS;
  if (style === 'byte') return BYTES;
  const base = style === 'kmemcg' ? WITH_KMEMCG : CLEARED;
  return {
    ...base,
    ...(huge === 'type' ? { hugetlb: 0x800 } : {}),
    ...(style === 'cleared-slab' ? { slab: 0x1000 } : {}),
  };
}

function markerOf(style: PageStyle, flags: Readonly<Record<string, number>>): PageShape['markOf'] {
  return (type, low = 0) => {
    if (style === 'mapcount') return type === 'buddy' ? -128 >>> 0 : type === 'offline' ? -256 >>> 0 : undefined;
    const flag = flags[type];
    if (flag === undefined) return undefined;
    return style === 'byte' ? (flag * 2 ** 24 + low) >>> 0 : ~flag >>> 0;
  };
}

function enumsOf(
  style: PageStyle,
  flags: Readonly<Record<string, number>>,
  flagBits: Readonly<Record<string, number>>,
  huge: PageShape['huge'],
): Enums {
  const renamed = (prefix: string): Readonly<Record<string, number>> =>
    Object.fromEntries(Object.entries(flags).map(([name, value]) => [prefix + name, value]));
  return {
    pageflags: { ...flagBits, ...(huge === 'flag' ? { PG_hugetlb: HUGE_FLAG } : {}) },
    ...(style === 'byte' ? { pagetype: renamed('PGTY_') } : {}),
    ...(style === 'enum-flags' ? { pagetype: { ...renamed('PG_'), PAGE_TYPE_BASE: 0x80000000 } } : {}),
    ...(huge.endsWith('dtor') ? { compound_dtor_id: { COMPOUND_PAGE_DTOR: 1, HUGETLB_PAGE_DTOR: HUGE_DTOR } } : {}),
  };
}

/** As include/linux/mm_types.h had it; members of unions lie over each other. */
function pageSpec(options: PageOptions, style: PageStyle, huge: PageShape['huge']): StructSpec {
  const flags = options.wrappedFlags === true ? inOrder('memdesc_flags', { f: 'u64' }) : 'u64';
  const head = options.compoundInfo === true ? 'compound_info' : 'compound_head';
  const { size = 64 } = options;
  if (style === 'mapcount')
    return placed('page', size, {
      flags: [0, flags],
      mapping: [8, 'ptr'],
      index: [16, 'u64'],
      _mapcount: [24, 'u32'],
      [options.tailFlag === true ? '_count' : '_refcount']: [28, 'u32'],
      lru: [32, 'list'],
      ...(options.tailFlag === true
        ? { first_page: [48, 'ptr'] }
        : { compound_head: [32, 'u64'], compound_dtor: [40, 'u32'], compound_order: [44, 'u32'] }),
      private: [48, 'u64'],
      ...(options.slabInPage === 'SLUB'
        ? { freelist: [16, 'ptr'], ...counters(24), [options.tailFlag === true ? 'slab' : 'slab_cache']: [48, 'ptr'] }
        : {}),
      ...(options.slabInPage === 'SLAB'
        ? { s_mem: [8, 'ptr'], freelist: [16, 'ptr'], active: [24, 'u32'], slab_cache: [48, 'ptr'] }
        : {}),
    });
  return placed('page', size, {
    flags: [0, flags],
    lru: [8, 'list'],
    mapping: [24, 'ptr'],
    index: [32, 'u64'],
    private: [40, 'u64'],
    [head]: [8, 'u64'],
    ...(huge === 'page-dtor' ? { compound_dtor: [16, 'u8'], compound_order: [17, 'u8'] } : {}),
    _mapcount: [48, 'u32'],
    page_type: [48, 'u32'],
    _refcount: [52, 'u32'],
    ...(size === 64 && style !== 'kmemcg' ? { memcg_data: [56, 'u64'] } : {}),
    ...(options.slabInPage === 'SLUB'
      ? { slab_list: [8, 'list'], slab_cache: [24, 'ptr'], freelist: [32, 'ptr'], ...counters(40) }
      : {}),
    ...(options.slabInPage === 'SLAB'
      ? { slab_list: [8, 'list'], slab_cache: [24, 'ptr'], freelist: [32, 'ptr'], s_mem: [40, 'ptr'], active: [48, 'u32'] } // prettier-ignore
      : {}),
  });
}

type Placed = Parameters<typeof placed>[2];

/** SLUB's counters of a slab: one word that is exchanged as a whole. */
export const counters = (at: number, frozen = true): Placed => ({
  counters: [at, 'u64'],
  inuse: [at, { word: 'u32', bit: 0, bits: 16 }],
  objects: [at, { word: 'u32', bit: 16, bits: 15 }],
  ...(frozen ? { frozen: [at, { word: 'u32', bit: 31, bits: 1 }] } : {}),
});

const folioSpec = ({ size }: StructSpec, huge: PageShape['huge']): StructSpec =>
  placed('folio', 2 * size, {
    _flags_1: [size, 'u64'],
    _head_1: [size + 8, 'u64'],
    ...(huge === 'folio-dtor' ? { _folio_dtor: [size + 16, 'u8'], _folio_order: [size + 17, 'u8'] } : {}),
  });

function numbersOf(
  flagBits: Readonly<Record<string, number>>,
  huge: PageShape['huge'],
  markOf: PageShape['markOf'],
): Readonly<Record<string, bigint>> {
  const signed = (type: MarkedType): bigint | undefined => {
    const mark = markOf(type);
    return mark === undefined ? undefined : BigInt(mark | 0);
  };
  const entries: readonly (readonly [string, bigint | undefined])[] = [
    ...['PG_lru', 'PG_private', 'PG_swapbacked', 'PG_slab', 'PG_hwpoison'].map(
      (name) => [name, flagBits[name] === undefined ? undefined : BigInt(flagBits[name])] as const,
    ),
    ['PG_head_mask', 1n << BigInt(flagBits['PG_head'] ?? 0)],
    ['PAGE_BUDDY_MAPCOUNT_VALUE', signed('buddy')],
    ['PAGE_SLAB_MAPCOUNT_VALUE', signed('slab')],
    ['PAGE_OFFLINE_MAPCOUNT_VALUE', signed('offline')],
    ['PAGE_HUGETLB_MAPCOUNT_VALUE', huge === 'type' ? signed('hugetlb') : undefined],
    ['HUGETLB_PAGE_DTOR', huge.endsWith('dtor') ? BigInt(HUGE_DTOR) : undefined],
    ['PG_hugetlb', huge === 'flag' ? BigInt(HUGE_FLAG) : undefined],
  ];
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
