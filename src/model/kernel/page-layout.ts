import type { VmcoreInfo } from '../../formats/vmcoreinfo.ts';
import type { Layouts } from '../layouts/layouts.ts';

/** Where the fields of struct page lie, in bytes, and what their values mean in this kernel. */
export interface PageLayout {
  readonly size: number;
  readonly flags: number;
  readonly refcount: number;
  /** `_mapcount`, and since 4.18 (commit 6e292b9be7f4) `page_type`, which shares its place. */
  readonly mapcount: number;
  readonly mapping: number;
  readonly private: number;
  readonly lru: number;
  /** Bit 0 marks a tail page; absent before 4.4 (commit 1d798ca3f164), where PG_tail does. */
  readonly compoundHead?: number;
  /** Masks within the low 32 bits of flags; 0 where the kernel has no such flag. */
  readonly bits: PageBits;
  /** Tells what a page's type says; undefined: no type. */
  readonly typed: (pageType: number) => PageType | undefined;
  /** HUGETLB_PAGE_DTOR of page[1], before 6.6: offset and value. */
  readonly hugetlbDtor?: { readonly offset: number; readonly value: number };
  /** PG_hugetlb in the flags of page[1], 6.6 to 6.8. */
  readonly hugetlbFlag?: number;
  /** Reads the order of a compound page out of its second struct page. */
  readonly order?: { readonly offset: number };
  /** The largest block that the page allocator gives, as a power of two. */
  readonly mostOrder: number;
}

export interface PageBits {
  readonly slab: number;
  readonly reserved: number;
  readonly lru: number;
  readonly swapbacked: number;
  readonly unevictable: number;
  readonly head: number;
  readonly tail: number;
  readonly hwpoison: number;
}

export type PageType =
  'buddy' | 'offline' | 'table' | 'guard' | 'hugetlb' | 'slab' | 'zsmalloc' | 'unaccepted' | 'large-kmalloc' | 'other';

/**
 * From types where there are some, else from VMCOREINFO, which holds enough for all but slab details. Undefined where
 * neither says how struct page looks.
 */
export function pageLayout(layouts: Layouts, info: VmcoreInfo): PageLayout | undefined {
  const page = layouts.struct('page');
  const size = page?.size ?? info.sizes.get('page') ?? 0;
  // Damaged types may place a member outside of its struct; VMCOREINFO then knows better.
  const at = (...paths: readonly string[]): number | undefined =>
    paths
      .flatMap((path) => [page?.member(path)?.offset, info.offsets.get(`page.${path}`)])
      .find((n) => n !== undefined && n + 8 <= size + 4);
  const [flags, refcount, mapcount, mapping] = [at('flags'), at('_refcount', '_count'), at('_mapcount'), at('mapping')];
  if (size % 8 !== 0 || size > 512) return undefined;
  if (flags === undefined || refcount === undefined || mapcount === undefined || mapping === undefined)
    return undefined;
  // Since 7.1 (commit d50569612c29) compound_info.
  const compoundHead = at('compound_head', 'compound_info');
  const order = orderOffset(layouts, info, size);
  return {
    size,
    flags,
    refcount,
    mapcount,
    mapping,
    private: at('private') ?? 0,
    lru: at('lru') ?? 8,
    ...(compoundHead === undefined ? {} : { compoundHead }),
    bits: pageBits(layouts, info),
    typed: pageTypes(layouts, info),
    ...hugetlbMarks(layouts, info, size),
    ...(order === undefined ? {} : { order }),
    mostOrder: Math.min(MOST_ORDER, (info.lengths.get('zone.free_area') ?? MOST_ORDER + 1) - 1),
  };
}

/** 13 with pages of 64 KiB; more than any kernel is built with. */
const MOST_ORDER = 15;

/**
 * Before 6.6 a destructor in page[1], from 6.3 on by the name of the folio; to 6.8 a flag there (6.6, commit 9c5ccf2db04b),
 * then a page type.
 */
function hugetlbMarks(
  layouts: Layouts,
  info: VmcoreInfo,
  size: number,
): Pick<PageLayout, 'hugetlbDtor' | 'hugetlbFlag'> {
  const dtor = inSecondPage(layouts, info, size, 'compound_dtor', '_folio_dtor');
  const value = layouts.enumValue('HUGETLB_PAGE_DTOR') ?? info.numbers.get('HUGETLB_PAGE_DTOR');
  if (dtor !== undefined && value !== undefined) return { hugetlbDtor: { offset: dtor, value: Number(value) } };
  const flag = info.numbers.get('PG_hugetlb');
  return flag === undefined || layouts.enumValue('PGTY_hugetlb') !== undefined ? {} : { hugetlbFlag: bit(flag) };
}

/**
 * The order lies in page[1]: compound_order before 6.3, `_folio_order` to 6.5 (commit 1c5509be58f6), since 6.6 the low
 * byte of `_flags_1` (commit ebc1baf5c9b4). Offsets within page[1].
 */
function orderOffset(layouts: Layouts, info: VmcoreInfo, size: number): { readonly offset: number } | undefined {
  const own = inSecondPage(layouts, info, size, 'compound_order', '_folio_order');
  const offset = own ?? withinSecondPage(layouts.member('folio', '_flags_1')?.offset, size);
  return offset === undefined ? undefined : { offset };
}

/** Where page[1] has a member that struct page named one way and struct folio (6.3) another. */
function inSecondPage(
  layouts: Layouts,
  info: VmcoreInfo,
  size: number,
  inPage: string,
  inFolio: string,
): number | undefined {
  const own = layouts.member('page', inPage)?.offset ?? info.offsets.get(`page.${inPage}`);
  const folio = layouts.member('folio', inFolio)?.offset ?? info.offsets.get(`folio.${inFolio}`);
  return withinSecondPage(own === undefined ? folio : own + size, size);
}

/** From the start of page[1], of what lies at `offset` from that of page[0]. */
const withinSecondPage = (offset: number | undefined, size: number): number | undefined =>
  offset === undefined || offset < size || offset >= 2 * size ? undefined : offset - size;

const bit = (n: bigint | undefined): number => (n === undefined || n < 0n || n > 31n ? 0 : (1 << Number(n)) >>> 0);

function pageBits(layouts: Layouts, info: VmcoreInfo): PageBits {
  const of = (name: string, fallback?: bigint): number =>
    bit(layouts.enumValue(name) ?? info.numbers.get(name) ?? fallback);
  const mask = info.numbers.get('PG_head_mask');
  const head = of('PG_head');
  // PG_slab ended with 6.10 (commit 46df8e73a4a3), where page_type says so; what took its bit must not pass for it.
  const slab = info.numbers.has('PAGE_SLAB_MAPCOUNT_VALUE') || typeStyle(layouts) === 'byte' ? 0 : of('PG_slab');
  return {
    slab,
    reserved: of('PG_reserved'),
    lru: of('PG_lru'),
    swapbacked: of('PG_swapbacked'),
    unevictable: of('PG_unevictable'),
    head: head === 0 && mask !== undefined ? Number(mask) : head,
    tail: of('PG_tail'),
    hwpoison: of('PG_hwpoison'),
  };
}

type TypeStyle = 'byte' | 'enum-flags' | 'flags';

/** Since 6.12 (commit 4ffca5a96678) the top byte; in 6.11 cleared bits of an enum; before that cleared bits. */
function typeStyle(layouts: Layouts): TypeStyle {
  if (layouts.enumValue('PGTY_buddy') !== undefined) return 'byte';
  return layouts.enumValue('PAGE_TYPE_BASE') === undefined ? 'flags' : 'enum-flags';
}

function pageTypes(layouts: Layouts, info: VmcoreInfo): PageLayout['typed'] {
  const buddy = info.numbers.get('PAGE_BUDDY_MAPCOUNT_VALUE');
  const style = typeStyle(layouts);
  // A dump without types: the buddy value tells the style, since its low bits are all clear in the newest.
  if (style === 'byte' || (style === 'flags' && buddy !== undefined && (buddy & 0xffffffn) === 0n))
    return byteTypes(layouts);
  if (style === 'enum-flags') return enumFlagTypes(layouts);
  return clearedBitTypes(layouts, info);
}

const TYPE_NAMES: readonly (readonly [string, PageType, number])[] = [
  ['buddy', 'buddy', 0xf0],
  ['offline', 'offline', 0xf1],
  ['table', 'table', 0xf2],
  ['guard', 'guard', 0xf3],
  ['hugetlb', 'hugetlb', 0xf4],
  ['slab', 'slab', 0xf5],
  ['zsmalloc', 'zsmalloc', 0xf6],
  ['unaccepted', 'unaccepted', 0xf7],
  ['large_kmalloc', 'large-kmalloc', 0xf8],
];

/** Only the top byte: the others may carry data (zsmalloc). Above 0xef it is a type, below a count of mappings. */
function byteTypes(layouts: Layouts): PageLayout['typed'] {
  const table = new Map<number, PageType>();
  for (const [name, type, usual] of TYPE_NAMES) {
    const value = layouts.enumValue(`PGTY_${name}`);
    if (value !== undefined || layouts.enumValue('PGTY_buddy') === undefined)
      table.set(Number(value ?? BigInt(usual)), type);
  }
  return (pageType) => {
    const top = pageType >>> 24;
    return top < 0xf0 || top === 0xff ? undefined : (table.get(top) ?? 'other');
  };
}

function enumFlagTypes(layouts: Layouts): PageLayout['typed'] {
  const base = Number(layouts.enumValue('PAGE_TYPE_BASE') ?? 0x80000000n) >>> 0;
  const flags = TYPE_NAMES.flatMap(([name, type]) => {
    const value = layouts.enumValue(`PG_${name}`);
    return value === undefined || value < 0x100n ? [] : [[Number(value) >>> 0, type] as const];
  });
  return (pageType) => flags.find(([flag]) => (pageType & (base | flag)) >>> 0 === base)?.[1];
}

/**
 * 4.18 to 6.10: a type is a bit cleared in a word of ones whose upper four bits stay set. The bits are macros, in no
 * table of types: VMCOREINFO has buddy and offline; table and guard moved down by one when PG_kmemcg went with 5.11
 * (commit 18b2db3b0385, beside which memcg_data came, and OFFSET(uts_namespace.name) by commit ca4a9241cc5e). Before 4.18
 * _mapcount was the type: -128 buddy, -256 balloon.
 */
function clearedBitTypes(layouts: Layouts, info: VmcoreInfo): PageLayout['typed'] {
  const cleared = (n: bigint | undefined): number => (n === undefined ? 0 : Number(BigInt.asUintN(32, ~n)));
  const buddyValue = info.numbers.get('PAGE_BUDDY_MAPCOUNT_VALUE');
  const typed = layouts.struct('page') === undefined || layouts.has('page', 'page_type');
  if (!typed || buddyValue === -128n) {
    const buddy = Number(buddyValue ?? -128n) >>> 0;
    return (count) => (count === buddy ? 'buddy' : count === OLD_BALLOON ? 'offline' : undefined);
  }
  const withoutTypes = layouts.struct('page') === undefined && info.offsets.has('uts_namespace.name');
  const shift = layouts.has('page', 'memcg_data') || withoutTypes ? 0 : 1;
  const flags: readonly (readonly [number, PageType])[] = [
    [cleared(buddyValue) || 0x80, 'buddy'],
    [cleared(info.numbers.get('PAGE_SLAB_MAPCOUNT_VALUE')), 'slab'],
    [cleared(info.numbers.get('PAGE_OFFLINE_MAPCOUNT_VALUE')) || 0x100, 'offline'],
    [cleared(info.numbers.get('PAGE_HUGETLB_MAPCOUNT_VALUE')), 'hugetlb'],
    [0x200 << shift, 'table'],
    [0x400 << shift, 'guard'],
  ];
  const known = flags.filter(([flag]) => flag !== 0);
  return (pageType) => known.find(([flag]) => (pageType & (TYPE_BASE | flag)) >>> 0 === TYPE_BASE)?.[1];
}

const TYPE_BASE = 0xf0000000;
const OLD_BALLOON = -256 >>> 0;
