import type { Kernel } from '../../model/kernel/kernel.ts';
import type { MemoryCgroup } from '../../model/kernel/memory-cgroups.ts';
import type { Pages } from '../../model/kernel/open-heap.ts';
import { chargeFields, ChargeTargets, type ChargeFields } from '../../model/kernel/page-charges.ts';
import { PAGE_KINDS, type PageKind } from '../../model/kernel/page-kinds.ts';
import { PinnedFiles, type PinnedFile, type PinnedSystem } from './pinned-files.ts';

/** What is charged to one memory cgroup, counted page by page and object by object; not to those below it. */
export interface CgroupCharges {
  readonly anonymous: number;
  readonly pageCache: number;
  readonly shmem: number;
  /** Of the kernel: stacks, page tables, vmalloc. */
  readonly kernel: number;
  readonly slabObjects: number;
  readonly slabBytes: number;
  /** Folios that hold a reference to the memory cgroup itself; before 7.0 all that are charged to it. */
  readonly folios: number;
}

export interface CgroupUse {
  /** In the order of the cgroups given. Pages, objects, bytes. */
  readonly charges: readonly CgroupCharges[];
  /** Pages of files charged to those that are dying, by file system, most first. */
  readonly systems: readonly PinnedSystem[];
  /** The files with most of them. */
  readonly files: readonly PinnedFile[];
}

const COLUMNS = ['anonymous', 'pageCache', 'shmem', 'kernel', 'slabObjects', 'slabBytes', 'folios'] as const;
type Column = (typeof COLUMNS)[number];
const WIDTH = COLUMNS.length;
const columnAt = (name: Column): number => COLUMNS.indexOf(name);

const OF_KIND: Partial<Readonly<Record<PageKind, Column>>> = {
  anonymous: 'anonymous',
  'swap-cache': 'anonymous',
  'page-cache': 'pageCache',
  shmem: 'shmem',
};

/** One pass over the memory map. Undefined where the kernel does not say to whom pages are charged. */
export function measureCgroups(kernel: Kernel, pages: Pages, groups: readonly MemoryCgroup[]): CgroupUse | undefined {
  const fields = chargeFields(kernel);
  if (!fields || groups.length === 0) return undefined;
  const counter = new ChargeCounter(kernel, pages, groups, fields);
  for (const { firstFrame, frames, bytes } of pages.map.chunks()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < frames; i++) counter.add(view, i * pages.layout.size, firstFrame + i);
  }
  return counter.finish();
}

class ChargeCounter {
  readonly #pages: Pages;
  readonly #groups: readonly MemoryCgroup[];
  readonly #fields: ChargeFields;
  readonly #targets: ChargeTargets;
  readonly #columnOfKind: Uint8Array;
  readonly #slab = PAGE_KINDS.indexOf('slab');
  readonly #free: ReadonlySet<number>;
  readonly #sums: Float64Array;
  readonly #files: PinnedFiles;
  /** To whom the block of the last head page is charged, and as what. */
  #head = -1;
  #headColumn = 0;

  constructor(kernel: Kernel, pages: Pages, groups: readonly MemoryCgroup[], fields: ChargeFields) {
    this.#pages = pages;
    this.#groups = groups;
    this.#fields = fields;
    this.#targets = new ChargeTargets(
      kernel,
      groups.map(({ address }) => address),
    );
    this.#columnOfKind = Uint8Array.from(PAGE_KINDS, (kind) => columnAt(OF_KIND[kind] ?? 'kernel'));
    this.#free = new Set(
      (['absent', 'not-described', 'free', 'per-cpu-list'] as const).map((k) => PAGE_KINDS.indexOf(k)),
    );
    this.#sums = new Float64Array(groups.length * WIDTH);
    this.#files = new PinnedFiles(kernel);
  }

  add(view: DataView, at: number, frame: number): void {
    const { census, layout } = this.#pages;
    const kind = census.kinds[frame] ?? 0;
    if (this.#free.has(kind)) return;
    if (census.tails.has(frame)) {
      if (this.#head >= 0) this.#count(this.#head, this.#headColumn, 1);
      return;
    }
    this.#head = -1;
    const place = at + this.#fields.at;
    const [low, high] = [view.getUint32(place, true), view.getUint32(place + 4, true)];
    if (high < 0xff000000) return;
    if (kind === this.#slab) return this.#addSlab(view, at, frame, low, high);
    const group = this.#targets.of(low, high);
    const known = this.#groups[group];
    if (!known) return;
    [this.#head, this.#headColumn] = [group, this.#columnOfKind[kind] ?? 0];
    this.#count(group, this.#headColumn, 1);
    if (this.#targets.isDirect(low, high, known.address)) this.#count(group, columnAt('folios'), 1);
    const isFile = this.#headColumn === columnAt('pageCache') || this.#headColumn === columnAt('shmem');
    if (!known.online && isFile) this.#files.add(view.getBigUint64(at + layout.mapping, true), group);
  }

  #addSlab(view: DataView, at: number, frame: number, low: number, high: number): void {
    const { heap } = this.#pages;
    const slab = heap?.table.slabAt(frame);
    if (!heap || slab === undefined) return;
    const { ownStride, stride } = this.#fields;
    const objects = heap.table.capacity[slab] ?? 0;
    const step = ownStride === undefined ? stride : view.getUint32(at + ownStride, true) || stride;
    const size = heap.caches[heap.table.cache[slab] ?? 0]?.size ?? 0;
    for (const group of this.#targets.ofSlab(this.#fields, low, high, objects, step) ?? []) {
      if (group < 0) continue;
      this.#count(group, columnAt('slabObjects'), 1);
      this.#count(group, columnAt('slabBytes'), size);
    }
  }

  #count(group: number, column: number, by: number): void {
    const at = group * WIDTH + column;
    this.#sums[at] = (this.#sums[at] ?? 0) + by;
  }

  finish(): CgroupUse {
    const sum = (group: number, name: Column): number => this.#sums[group * WIDTH + columnAt(name)] ?? 0;
    const charges = this.#groups.map((_, i): CgroupCharges => ({
      anonymous: sum(i, 'anonymous'),
      pageCache: sum(i, 'pageCache'),
      shmem: sum(i, 'shmem'),
      kernel: sum(i, 'kernel'),
      slabObjects: sum(i, 'slabObjects'),
      slabBytes: sum(i, 'slabBytes'),
      folios: sum(i, 'folios'),
    }));
    return { charges, ...this.#files.finish() };
  }
}
