import { bytes, type Bytes } from '../base/units.ts';
import type { BucketName } from '../model/facts.ts';
import type { Pages } from '../model/kernel/open-heap.ts';
import { countKinds } from '../model/kernel/page-census.ts';
import type { PageKind } from '../model/kernel/page-kinds.ts';
import type { VmCounters } from '../model/kernel/vm-counters.ts';

/** A share of memory, of pages that were looked at one by one or of what the kernel counts of them. */
export interface PageBucket {
  readonly name: BucketName | 'balloon';
  readonly bytes: Bytes;
  /** Uses of pages, and counters of the kernel where pages do not tell. */
  readonly uses: readonly PageKind[];
  readonly counters: readonly string[];
}

/** Where a dump's memory is, each page once. */
export interface AccountedPages {
  /** MemTotal, as the kernel counts it; where that cannot be read, the pages that were given to the page allocator. */
  readonly total: Bytes;
  /** Largest first. */
  readonly buckets: readonly PageBucket[];
  /** False where the kernel's own count could not be read. */
  readonly totalIsCounted: boolean;
  /** Pages that somebody took straight from the page allocator and that nothing names. */
  readonly unaccounted: Bytes;
  /** How much less it may be: pages that the dump does not describe. */
  readonly low: Bytes;
  /** kmalloc beyond the largest cache, part of slab-unreclaimable. */
  readonly largeKmalloc: Bytes;
  /** True where page types say which pages are large kmalloc; else it is what the counter of slab has beyond slabs. */
  readonly largeKmallocIsSeen: boolean;
  /** Not in `total`: what was kept at boot, and what is taken out of use. */
  readonly reserved: Bytes;
  /** Reserved although it was given out: a driver marked it so. Part of `unaccounted`. */
  readonly reservedLater: Bytes;
  readonly notDescribed: Bytes;
  /** Bytes that the kernel's count has beyond the pages that were met, or lacks (negative); anything but 0 is damage. */
  readonly disagreement: number;
}

/** Uses that are a bucket as they are. Slab is divided by its caches, and what no flag tells is what is left. */
const BUCKET_OF: readonly (readonly [PageKind, BucketName])[] = [
  ['free', 'free'],
  // In MemFree, before it is accepted.
  ['unaccepted', 'free'],
  ['per-cpu-list', 'per-cpu-lists'],
  ['anonymous', 'processes'],
  ['swap-cache', 'swap-cache'],
  ['page-cache', 'page-cache'],
  ['shmem', 'shmem'],
  ['large-kmalloc', 'slab-unreclaimable'],
  ['page-table', 'page-tables'],
  ['kernel-stack', 'kernel-stack'],
  ['vmalloc', 'vmalloc'],
  ['module', 'vmalloc'],
  ['percpu', 'percpu'],
  ['hugetlb', 'hugetlb'],
  ['zsmalloc', 'other-kernel'],
  ['guard', 'other-kernel'],
  ['poisoned', 'other-kernel'],
];
/** Given out, and no flag says what for. */
const UNTOLD: readonly PageKind[] = ['compound', 'single', 'uncounted'];
const OUTSIDE: readonly PageKind[] = ['absent', 'reserved', 'offline', 'not-described'];
/**
 * Pages that look like any driver's, and that the kernel counts: tables of KVM and IOMMUs, compressed pages before they had
 * a type (6.12), what drivers can give back, buffers of graphics.
 */
const COUNTED: readonly (readonly [BucketName, string, PageKind | undefined])[] = [
  ['page-tables', 'NR_SECONDARY_PAGETABLE', undefined],
  ['other-kernel', 'NR_ZSPAGES', 'zsmalloc'],
  ['other-kernel', 'NR_KERNEL_MISC_RECLAIMABLE', undefined],
  ['other-kernel', 'NR_GPU_ACTIVE', undefined],
  ['other-kernel', 'NR_GPU_RECLAIM', undefined],
];

/**
 * The memory equation of a dump: total = what each page is used for + what nothing tells. The census has to be refined
 * before. Pages are counted, not taken from counters, but where pages of several users look alike.
 */
export function accountPages(
  pages: Pick<Pages, 'census' | 'heap'>,
  { items, meminfo }: VmCounters,
  pageSize: number,
): AccountedPages {
  const counts = countKinds(pages.census.kinds);
  const of = (kind: PageKind): number => counts.get(kind) ?? 0;
  const sum = (kinds: readonly PageKind[]): number => kinds.reduce((all, kind) => all + of(kind), 0);
  const sheet = new Sheet(pageSize, sum(UNTOLD));
  for (const [kind, bucket] of BUCKET_OF) sheet.take(bucket, of(kind), kind);
  const slab = slabPages(pages, of('slab'), items);
  sheet.take('slab-reclaimable', slab.reclaimable, 'slab', ...slab.counters);
  sheet.take('slab-unreclaimable', slab.unreclaimable, 'slab', ...slab.counters);
  // Large kmalloc is always taken as a compound page.
  const unreclaimable = item(items, UNRECLAIMABLE) - slab.unreclaimable - of('large-kmalloc');
  const hidden = sheet.takeUntold('slab-unreclaimable', Math.min(of('compound'), unreclaimable), UNRECLAIMABLE[1]);
  for (const [bucket, name, kind] of COUNTED)
    sheet.takeUntold(bucket, item(items, [name]) - (kind === undefined ? 0 : of(kind)), name);
  const given = pages.census.kinds.length - sum(OUTSIDE);
  const total = Math.round((meminfo.get('MemTotal') ?? given * pageSize) / pageSize);
  // Some balloons take their pages out of MemTotal, some do not.
  const balloon = total - given >= of('offline') ? of('offline') : 0;
  sheet.take('balloon', balloon, 'offline');
  const rest = Math.max(0, total - sheet.accounted);
  const later = Math.max(0, Math.min(of('reserved'), total - given - balloon - of('not-described')));
  return {
    total: bytes(total * pageSize),
    totalIsCounted: meminfo.has('MemTotal'),
    buckets: sheet.buckets(),
    unaccounted: bytes(rest * pageSize),
    low: bytes(Math.max(0, rest - of('not-described')) * pageSize),
    largeKmalloc: bytes((of('large-kmalloc') + hidden) * pageSize),
    largeKmallocIsSeen: hidden === 0,
    reserved: bytes((of('reserved') - later) * pageSize),
    reservedLater: bytes(later * pageSize),
    notDescribed: bytes(of('not-described') * pageSize),
    disagreement:
      (total - given - balloon - later - Math.min(of('not-described'), Math.max(0, total - given))) * pageSize,
  };
}

/** With _B since 5.9 (commit d42f3245c7e2). */
const UNRECLAIMABLE = ['NR_SLAB_UNRECLAIMABLE_B', 'NR_SLAB_UNRECLAIMABLE'] as const;
const RECLAIMABLE = ['NR_SLAB_RECLAIMABLE_B', 'NR_SLAB_RECLAIMABLE'] as const;

/** The first that the kernel counts; 0 where it counts none. */
const item = (items: VmCounters['items'], names: readonly string[]): number =>
  names.map((name) => items.get(name)).find((count) => count !== undefined) ?? 0;

/** Slab pages by whether their cache can be asked to give back; without caches, as the kernel counts them. */
function slabPages(
  { census, heap }: Pick<Pages, 'census' | 'heap'>,
  slab: number,
  items: VmCounters['items'],
): { readonly reclaimable: number; readonly unreclaimable: number; readonly counters: readonly string[] } {
  if (!heap) {
    const reclaimable = Math.min(slab, Math.max(0, item(items, RECLAIMABLE)));
    return { reclaimable, unreclaimable: slab - reclaimable, counters: [RECLAIMABLE[1]] };
  }
  const { columns } = census;
  let reclaimable = 0;
  for (let i = 0; i < columns.count; i++)
    if (heap.caches[columns.cache[i] ?? 0]?.reclaimable === true) reclaimable += columns.pages[i] ?? 0;
  return { reclaimable, unreclaimable: slab - reclaimable, counters: [] };
}

/** Collects buckets, in pages. */
class Sheet {
  readonly #pageSize: number;
  readonly #pages = new Map<PageBucket['name'], { pages: number; uses: PageKind[]; counters: string[] }>();
  #untold: number;
  accounted = 0;

  constructor(pageSize: number, untold: number) {
    this.#pageSize = pageSize;
    this.#untold = untold;
  }

  take(name: PageBucket['name'], pages: number, use: PageKind | undefined, ...counters: readonly string[]): void {
    if (pages <= 0) return;
    const held = this.#pages.get(name) ?? { pages: 0, uses: [], counters: [] };
    held.pages += pages;
    if (use !== undefined) held.uses.push(use);
    held.counters.push(...counters);
    this.#pages.set(name, held);
    this.accounted += pages;
  }

  /** Of the pages that no flag tells, as many as a counter has, and no more than there are; how many those were. */
  takeUntold(name: PageBucket['name'], counted: number, counter: string): number {
    const pages = Math.max(0, Math.min(this.#untold, counted));
    this.#untold -= pages;
    this.take(name, pages, undefined, counter);
    return pages;
  }

  buckets(): readonly PageBucket[] {
    return [...this.#pages]
      .map(([name, { pages, uses, counters }]) => ({ name, bytes: bytes(pages * this.#pageSize), uses, counters }))
      .toSorted((a, b) => b.bytes - a.bytes);
  }
}
