import type { Provenance } from '../base/provenance.ts';
import { bytes, bytesLess, sumBytes, type Bytes } from '../base/units.ts';
import { isReclaimableCache } from '../model/slab-names.ts';
import type { Amount, Snapshot } from '../model/snapshot.ts';
import type { AccountedMemory, BucketName, MemoryBucket } from '../model/facts.ts';
import { missing, measured, type Measured } from '../model/measured.ts';

/**
 * The memory equation: MemTotal = what each counter of the kernel names, disjoint, + what none does.
 *
 * Differs from `free` and its kin in: free pages parked on per-CPU lists are counted as free; kernel stacks are not
 * counted twice where they lie in vmalloc space; shared memory is its own bucket; where swap is on, pages in use by
 * user space are taken from the LRU lists, which count a page in the swap cache once; every size of huge page counts;
 * VmallocUsed is left out on kernels that count address space in it. docs/accounting.md derives each term.
 */
export function measureAccounting(snapshot: Snapshot): Measured<AccountedMemory> {
  const total = snapshot.counters.get('MemTotal');
  if (!snapshot.counters.has('MemFree')) return missing('MemFree was not seen (/proc/meminfo)');
  if (!total || total.bytes === 0) {
    // A log that was cut above "pages RAM": what it lists is shown, and nothing is said of what it does not.
    if (!snapshot.counters.has('Inactive(anon)')) return missing('MemTotal was not seen (/proc/meminfo)');
  }
  const sheet = new Sheet(snapshot);
  const container = isContainerView(snapshot);
  sheet.take('free', ['MemFree']);
  sheet.take('per-cpu-lists', ['Pcp']);
  if (container) takeContainersMemory(sheet);
  else {
    takeUserMemory(sheet);
    takeKernelMemory(sheet, snapshot);
  }
  return measured(sheet.close(total && total.bytes > 0 ? total : undefined, container));
}

/**
 * A container's view (lxcfs) replaces some fields by the cgroup's and leaves others to the host, or at 0. A real
 * kernel cannot have reclaimable kernel memory and no slab at all.
 */
function isContainerView({ counters }: Snapshot): boolean {
  const slab = counters.get('Slab');
  return slab !== undefined && slab.bytes === 0 && (counters.get('KReclaimable')?.bytes ?? 0) > 0;
}

/** lxcfs leaves AnonPages to the host; the anonymous lists are the container's. */
function takeContainersMemory(sheet: Sheet): void {
  const shmem = sheet.get('Shmem') ?? bytes(0);
  const lists = ['Active(anon)', 'Inactive(anon)'];
  const anonymous = sum(sheet, lists);
  if (anonymous !== undefined) sheet.takeBytes('processes', bytesLess(anonymous, shmem), lists);
  takeFilePages(sheet);
}

function takeUserMemory(sheet: Sheet): void {
  sheet.take('processes', ['AnonPages']);
  takeFilePages(sheet);
  takeByLists(sheet);
}

function takeFilePages(sheet: Sheet): void {
  const shmem = sheet.get('Shmem') ?? bytes(0);
  const [pages, from] = filePages(sheet, shmem);
  if (pages !== undefined) {
    sheet.takeBytes('shmem', shmem, ['Shmem']);
    sheet.takeBytes('page-cache', bytesLess(pages, shmem), [...from, 'Shmem']);
  }
}

/** Page cache with shared memory in it, from the best of what was seen, and the fields that say so. */
function filePages(sheet: Sheet, shmem: Bytes): readonly [pages: Bytes | undefined, from: readonly string[]] {
  const cached = sheet.get('Cached');
  if (cached !== undefined) return [sumBytes([cached, sheet.get('Buffers') ?? bytes(0)]), ['Cached', 'Buffers']];
  const all = sheet.get('FilePages');
  if (all !== undefined) return [bytesLess(all, sheet.get('SwapCached') ?? bytes(0)), ['FilePages', 'SwapCached']];
  const listed = sum(sheet, ['Active(file)', 'Inactive(file)']);
  // Shared memory stands on the anonymous lists.
  if (listed !== undefined) return [sumBytes([listed, shmem]), ['Active(file)', 'Inactive(file)']];
  return [sheet.get('BuffCache'), ['BuffCache']];
}

/** The LRU lists hold every user page once. What they hold beyond the types is swap cache, or types not seen. */
function takeByLists(sheet: Sheet): void {
  const lists = ['Active', 'Inactive', 'Unevictable', 'Isolated(anon)', 'Isolated(file)'];
  const listed = sheet.get('Active') ?? sum(sheet, ['Active(anon)', 'Active(file)']);
  const inactive = sheet.get('Inactive') ?? sum(sheet, ['Inactive(anon)', 'Inactive(file)']);
  if (listed === undefined || inactive === undefined) {
    if (sheet.get('SwapCached') !== undefined && !sheet.seen('AnonPages')) sheet.take('swap-cache', ['SwapCached']);
    return;
  }
  const rest = sumBytes(
    ['Unevictable', 'Isolated(anon)', 'Isolated(file)'].map((field) => sheet.get(field) ?? bytes(0)),
  );
  const onLists = sumBytes([listed, inactive, rest]);
  const typed = sheet.userTotal();
  const swapCached = sheet.get('SwapCached') ?? bytes(0);
  const swapOn = (sheet.get('SwapTotal') ?? 0) > 0;
  if (!sheet.seen('AnonPages')) {
    sheet.takeBytes('processes', bytesLess(onLists, typed), lists);
  } else if (swapOn || onLists > typed) {
    sheet.takeBytes('swap-cache', bytes(Math.min(swapOn ? swapCached : 0, bytesLess(onLists, typed))), [
      'SwapCached',
      ...lists,
    ]);
  }
  sheet.doubt(
    Math.min(0, typed - onLists),
    Math.max(0, Math.min(swapCached, onLists - typed)) + Math.max(0, typed - onLists),
  );
}

function sum(sheet: Sheet, names: readonly string[]): Bytes | undefined {
  const parts = names.map((n) => sheet.get(n)).filter((b) => b !== undefined);
  return parts.length === names.length ? sumBytes(parts) : undefined;
}

function takeKernelMemory(sheet: Sheet, snapshot: Snapshot): void {
  const reclaimable = sheet.get('SReclaimable');
  const unreclaimable = sheet.get('SUnreclaim');
  const slab = sheet.get('Slab');
  if (reclaimable !== undefined && unreclaimable !== undefined) {
    sheet.take('slab-reclaimable', ['SReclaimable']);
    sheet.take('slab-unreclaimable', ['SUnreclaim']);
  } else if (slab !== undefined) {
    const flagged = bytes(Math.min(slab, reclaimable ?? listedReclaimable(snapshot)));
    sheet.takeBytes('slab-reclaimable', flagged, ['SReclaimable']);
    sheet.takeBytes('slab-unreclaimable', bytesLess(slab, flagged), ['Slab', 'SReclaimable']);
  } else takeListedCaches(sheet, snapshot);
  const misc = sheet.get('KReclaimable');
  if (misc !== undefined && reclaimable !== undefined && misc > reclaimable) {
    sheet.takeBytes('other-kernel', bytesLess(misc, reclaimable), ['KReclaimable', 'SReclaimable']);
  } else sheet.take('other-kernel', ['MiscReclaimable']);
  takeVmalloc(sheet, snapshot);
  for (const field of ['PageTables', 'SecPageTables']) sheet.take('page-tables', [field]);
  sheet.take('percpu', ['Percpu']);
  sheet.take('hugetlb', ['Hugetlb']);
  const zswap = Math.max(sheet.get('Zswap') ?? 0, sheet.get('Zspages') ?? 0);
  sheet.takeBytes('other-kernel', bytes(zswap), ['Zswap', 'Zspages']);
  for (const field of ['ShadowCallStack', 'HardwareCorrupted', 'GPUActive', 'GPUReclaim'])
    sheet.take('other-kernel', [field]);
}

/** What the listed caches hold that are created with the reclaim flag. */
function listedReclaimable({ caches }: Pick<Snapshot, 'caches'>): Bytes {
  if (!caches || caches.difference === true) return bytes(0);
  return sumBytes(caches.caches.filter((c) => c.reclaimable ?? isReclaimableCache(c.name)).map((c) => c.bytes));
}

/** Without Slab in meminfo, a table of all caches says the same but for large kmalloc. */
function takeListedCaches(sheet: Sheet, { caches }: Snapshot): void {
  if (!caches || caches.difference === true) return;
  const reclaimable = listedReclaimable({ caches });
  const held = caches.stated?.held ?? sumBytes(caches.caches.map((c) => c.bytes));
  sheet.takeBytes('slab-reclaimable', reclaimable, ['caches']);
  sheet.takeBytes('slab-unreclaimable', bytesLess(held, reclaimable), ['caches']);
}

/**
 * VmallocUsed counts pages only since Linux 5.3; before 4.4 it counted address space, in between it was 0. KReclaimable
 * and Percpu came with 4.20, so where they are it is pages or 0. Kernel stacks are part of it with VMAP_STACK.
 */
function takeVmalloc(sheet: Sheet, { vmalloc }: Snapshot): void {
  const stack = sheet.get('KernelStack') ?? bytes(0);
  const counted = countedVmalloc(sheet);
  const physical = counted > 0 || !vmalloc ? counted : sumBytes(vmalloc.users.map((u) => u.bytes));
  const inside = vmalloc ? vmalloc.stackBytes * 2 >= stack : counted >= stack && counted > 0;
  sheet.takeBytes('kernel-stack', stack, ['KernelStack']);
  sheet.takeBytes('vmalloc', inside ? bytesLess(physical, stack) : physical, vmallocFields(counted > 0, inside));
  // Whether stacks lie in vmalloc space was concluded, not seen.
  if (!vmalloc && counted > 0) sheet.doubt(inside ? 0 - stack : 0, inside ? 0 : stack);
  if (physical === 0 && sheet.seen('VmallocUsed') && !sheet.seen('KReclaimable')) sheet.note('vmalloc-not-counted');
}

const countedVmalloc = (sheet: Sheet): Bytes =>
  sheet.seen('KReclaimable') || sheet.seen('Percpu') ? (sheet.get('VmallocUsed') ?? bytes(0)) : bytes(0);

const vmallocFields = (counted: boolean, stacksInside: boolean): readonly string[] =>
  counted ? ['VmallocUsed', ...(stacksInside ? ['KernelStack'] : [])] : ['vmallocinfo'];

/** Collects buckets; every term is taken at most once. */
class Sheet {
  readonly #snapshot: Snapshot;
  readonly #buckets = new Map<BucketName, { bytes: Bytes; from: string[]; at: Provenance[] }>();
  readonly #notes: AccountedMemory['notes'][number][] = [];
  #lower = 0;
  #upper = 0;

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  seen(name: string): boolean {
    return this.#snapshot.counters.has(name);
  }

  get(name: string): Bytes | undefined {
    return this.#snapshot.counters.get(name)?.bytes;
  }

  take(bucket: BucketName, fields: readonly string[]): void {
    const amounts = fields.map((f) => this.#snapshot.counters.get(f)).filter((a): a is Amount => a !== undefined);
    if (amounts.length > 0) this.takeBytes(bucket, sumBytes(amounts.map((a) => a.bytes)), fields);
  }

  takeBytes(bucket: BucketName, amount: Bytes, fields: readonly string[]): void {
    if (amount === 0) return;
    const held = this.#buckets.get(bucket) ?? { bytes: bytes(0), from: [], at: [] };
    held.bytes = sumBytes([held.bytes, amount]);
    const seen = fields.filter((f) => this.seen(f));
    held.from.push(...(seen.length > 0 ? seen : fields).filter((f) => !held.from.includes(f)));
    held.at.push(...fields.map((f) => this.#snapshot.counters.get(f)?.at).filter((a) => a !== undefined));
    this.#buckets.set(bucket, held);
  }

  userTotal(): Bytes {
    const user: readonly BucketName[] = ['processes', 'shmem', 'page-cache', 'swap-cache'];
    return sumBytes(user.map((b) => this.#buckets.get(b)?.bytes ?? bytes(0)));
  }

  /** The unexplained part may be this much smaller (negative) or larger than computed. */
  doubt(lower: number, upper: number): void {
    this.#lower += lower;
    this.#upper += upper;
  }

  note(note: AccountedMemory['notes'][number]): void {
    this.#notes.push(note);
  }

  close(given: Amount | undefined, container: boolean): AccountedMemory {
    const buckets: MemoryBucket[] = [...this.#buckets]
      .map(([name, b]) => ({ name, bytes: b.bytes, from: b.from, at: b.at }))
      .toSorted((a, b) => b.bytes - a.bytes);
    const accounted = sumBytes(buckets.map((b) => b.bytes));
    const total = given ?? { bytes: accounted, at: buckets[0]?.at[0] ?? { kind: 'derived', from: [], by: 'sum' } };
    if (!given) this.note('total-not-seen');
    const complete = given !== undefined && !container && this.#complete();
    const rest = total.bytes - accounted;
    if (rest < 0) this.note('over-counted');
    if (container) this.note('container-view');
    if (!this.seen('Pcp')) this.#expectPerCpuLists(total.bytes);
    return {
      total,
      buckets,
      ...(complete ? { unexplained: bytes(Math.max(0, rest)) } : {}),
      ...(complete
        ? { low: bytes(Math.max(0, rest + this.#lower)), high: bytes(Math.max(0, rest + this.#upper)) }
        : {}),
      complete,
      notes: this.#notes,
    };
  }

  /** Without zoneinfo, up to half a per cent of RAM may be free pages on per-CPU lists. */
  #expectPerCpuLists(total: Bytes): void {
    this.#lower -= Math.round(total * 0.005);
    this.note('per-cpu-lists-not-seen');
  }

  /** The remainder means something only where user memory and slab were both seen. */
  #complete(): boolean {
    const user = this.#buckets.has('page-cache') || this.seen('Cached') || this.seen('FilePages');
    const anonymous = this.seen('AnonPages') || this.seen('Active') || this.seen('Active(anon)');
    const slab = this.seen('Slab') || this.seen('SUnreclaim');
    return user && anonymous && slab;
  }
}
