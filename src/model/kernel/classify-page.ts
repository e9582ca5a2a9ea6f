import { kindByte, type PageKind } from './page-kinds.ts';
import type { PageLayout, PageType } from './page-layout.ts';

/** What the struct page of a head page says of it. */
export type ClassifyPage = (view: DataView, at: number) => number;

const TYPE_KINDS: Readonly<Record<PageType, PageKind>> = {
  buddy: 'free',
  offline: 'offline',
  table: 'page-table',
  guard: 'guard',
  hugetlb: 'hugetlb',
  slab: 'slab',
  zsmalloc: 'zsmalloc',
  unaccepted: 'unaccepted',
  'large-kmalloc': 'large-kmalloc',
  other: 'single',
};

/** The lowest bits of `mapping` tell what it points to (include/linux/page-flags.h). */
const MAPPING_ANON = 1;
const MAPPING_MOVABLE = 2;
const NO_TYPE = 0xffffffff;

/**
 * The kind of a page by its own struct page, as a byte; the first sign that fits. What only lists or page tables know
 * (per-CPU lists, stacks, vmalloc) comes later. `view` is the memory map, `at` the struct page in it.
 */
export function classifier(layout: PageLayout): ClassifyPage {
  const { bits, typed } = layout;
  const kinds = new Map(Object.entries(TYPE_KINDS).map(([type, kind]) => [type, kindByte(kind)]));
  return (view, at) => {
    const flags = view.getUint32(at + layout.flags, true);
    if ((flags & bits.slab) !== 0) return SLAB;
    const pageType = view.getUint32(at + layout.mapcount, true);
    if (pageType >= 0x80000000 && pageType !== NO_TYPE) {
      const type = typed(pageType);
      if (type !== undefined) return kinds.get(type) ?? ABSENT;
    }
    if ((flags & bits.reserved) !== 0) return RESERVED;
    if ((flags & bits.hwpoison) !== 0) return POISONED;
    if (isHugetlb(layout, flags, view, at)) return HUGETLB;
    if (view.getUint32(at + layout.refcount, true) === 0) return UNCOUNTED;
    return ownedBy(layout, flags, view, at);
  };
}

/** A page that somebody holds: a mapping of files or processes, else whoever took it from the page allocator. */
function ownedBy({ bits, mapping }: PageLayout, flags: number, view: DataView, at: number): number {
  const low = view.getUint32(at + mapping, true);
  const mapped = low !== 0 || view.getUint32(at + mapping + 4, true) !== 0;
  if (mapped && (low & MAPPING_ANON) !== 0) return ANONYMOUS;
  if ((mapped && (low & MAPPING_MOVABLE) === 0) || (flags & (bits.lru | bits.unevictable)) !== 0)
    return (flags & bits.swapbacked) === 0 ? PAGE_CACHE : SHMEM;
  return (flags & bits.head) === 0 ? SINGLE : COMPOUND;
}

const ABSENT = kindByte('absent');
const SLAB = kindByte('slab');
const RESERVED = kindByte('reserved');
const POISONED = kindByte('poisoned');
const HUGETLB = kindByte('hugetlb');
const UNCOUNTED = kindByte('uncounted');
const ANONYMOUS = kindByte('anonymous');
const PAGE_CACHE = kindByte('page-cache');
const SHMEM = kindByte('shmem');
const SINGLE = kindByte('single');
const COMPOUND = kindByte('compound');

function isHugetlb(layout: PageLayout, flags: number, view: DataView, at: number): boolean {
  if ((flags & layout.bits.head) === 0 || at + 2 * layout.size > view.byteLength) return false;
  const { hugetlbDtor, hugetlbFlag } = layout;
  if (hugetlbDtor) return view.getUint8(at + layout.size + hugetlbDtor.offset) === hugetlbDtor.value;
  return hugetlbFlag !== undefined && (view.getUint32(at + layout.size + layout.flags, true) & hugetlbFlag) !== 0;
}
