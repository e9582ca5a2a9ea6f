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
  const [slab, reserved, poisoned, hugetlb] = (['slab', 'reserved', 'poisoned', 'hugetlb'] as const).map(kindByte);
  const [uncounted, compound, single, anonymous] = (['uncounted', 'compound', 'single', 'anonymous'] as const).map(
    kindByte,
  );
  const [cache, shmem] = (['page-cache', 'shmem'] as const).map(kindByte);
  const listed = bits.lru | bits.unevictable;
  const other = (flags: number, view: DataView, at: number): number => {
    if ((flags & bits.reserved) !== 0) return reserved ?? 0;
    if ((flags & bits.hwpoison) !== 0) return poisoned ?? 0;
    if (isHugetlb(layout, flags, view, at)) return hugetlb ?? 0;
    const mapping = view.getUint32(at + layout.mapping, true);
    const mapped = mapping !== 0 || view.getUint32(at + layout.mapping + 4, true) !== 0;
    if (view.getUint32(at + layout.refcount, true) === 0) return uncounted ?? 0;
    if (mapped && (mapping & MAPPING_ANON) !== 0) return anonymous ?? 0;
    const user = (mapped && (mapping & MAPPING_MOVABLE) === 0) || (flags & listed) !== 0;
    if (user) return ((flags & bits.swapbacked) === 0 ? cache : shmem) ?? 0;
    return ((flags & bits.head) === 0 ? single : compound) ?? 0;
  };
  return (view, at) => {
    const flags = view.getUint32(at + layout.flags, true);
    if ((flags & bits.slab) !== 0) return slab ?? 0;
    const pageType = view.getUint32(at + layout.mapcount, true);
    if (pageType >= 0x80000000 && pageType !== NO_TYPE) {
      const type = typed(pageType);
      if (type !== undefined) return kinds.get(type) ?? 0;
    }
    return other(flags, view, at);
  };
}

function isHugetlb(layout: PageLayout, flags: number, view: DataView, at: number): boolean {
  if ((flags & layout.bits.head) === 0 || at + 2 * layout.size > view.byteLength) return false;
  const { hugetlbDtor, hugetlbFlag } = layout;
  if (hugetlbDtor) return view.getUint8(at + layout.size + hugetlbDtor.offset) === hugetlbDtor.value;
  return hugetlbFlag !== undefined && (view.getUint32(at + layout.size + layout.flags, true) & hugetlbFlag) !== 0;
}
