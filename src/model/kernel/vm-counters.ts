import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { LayoutError } from '../layouts/layout-error.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkListFromBothEnds } from './list.ts';
import { longVariable, u32Variable, u64Variable } from './variables.ts';
import { readVmItems, type VmItems } from './vm-items.ts';

/** What /proc/meminfo would have said, by its own names, in bytes; what the dump does not tell is absent. */
export type MeminfoOfDump = ReadonlyMap<string, number>;

/** A line of meminfo and the items that are added up for it; alternatives by kernel. All in pages. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['MemFree', ['NR_FREE_PAGES']],
  // Before 5.12 (commit b6038942480e) swap cache was counted for itself.
  ['SwapCached', ['NR_SWAPCACHE']],
  ['Active(anon)', ['NR_ACTIVE_ANON']],
  ['Inactive(anon)', ['NR_INACTIVE_ANON']],
  ['Active(file)', ['NR_ACTIVE_FILE']],
  ['Inactive(file)', ['NR_INACTIVE_FILE']],
  ['Unevictable', ['NR_UNEVICTABLE']],
  ['Isolated(anon)', ['NR_ISOLATED_ANON']],
  ['Isolated(file)', ['NR_ISOLATED_FILE']],
  ['Mlocked', ['NR_MLOCK']],
  ['Dirty', ['NR_FILE_DIRTY']],
  ['Writeback', ['NR_WRITEBACK']],
  ['AnonPages', ['NR_ANON_MAPPED', 'NR_ANON_PAGES']],
  ['Mapped', ['NR_FILE_MAPPED']],
  ['Shmem', ['NR_SHMEM']],
  // Since 5.9 (commit d42f3245c7e2) named as bytes, and yet kept in pages for the whole machine.
  ['SReclaimable', ['NR_SLAB_RECLAIMABLE_B', 'NR_SLAB_RECLAIMABLE']],
  ['SUnreclaim', ['NR_SLAB_UNRECLAIMABLE_B', 'NR_SLAB_UNRECLAIMABLE']],
  ['PageTables', ['NR_PAGETABLE']],
  ['SecPageTables', ['NR_SECONDARY_PAGETABLE']],
  ['Bounce', ['NR_BOUNCE']],
  ['Zspages', ['NR_ZSPAGES']],
  ['CmaFree', ['NR_FREE_CMA_PAGES']],
  ['Unaccepted', ['NR_UNACCEPTED']],
  ['MiscReclaimable', ['NR_KERNEL_MISC_RECLAIMABLE']],
];
/** Kept in KiB. NR_KERNEL_STACK counted stacks before 4.9 (commit d30dd8be06a8). */
const KIB_LINES: readonly (readonly [string, readonly string[]])[] = [
  ['KernelStack', ['NR_KERNEL_STACK_KB']],
  ['ShadowCallStack', ['NR_KERNEL_SCS_KB', 'NR_KERNEL_SCS_BYTES']],
];
const MOST_BLOCK_DEVICES = 100_000;
/** HUGE_MAX_HSTATE is 4 at most. */
const MOST_HSTATES = 16;

/** The counters of the kernel as meminfo names them, and as the kernel does. */
export interface VmCounters {
  readonly meminfo: MeminfoOfDump;
  readonly items: VmItems;
}

export function readVmCounters(kernel: Kernel): Walked<VmCounters> {
  const { value: items, problems: found } = readVmItems(kernel);
  const problems = [...found];
  const { pageSize } = kernel.memory;
  const meminfo = new Map<string, number>();
  const set = (name: string, pages: number | undefined, unit = pageSize): void => {
    if (pages !== undefined) meminfo.set(name, Math.max(0, pages) * unit);
  };
  const item = (names: readonly string[]): number | undefined =>
    names.map((name) => items.get(name)).find((count) => count !== undefined);
  set('MemTotal', totalPages(kernel));
  for (const [name, items_] of LINES) set(name, item(items_));
  for (const [name, items_] of KIB_LINES) set(name, item(items_), 1024);
  const buffers = blockDevicePages(kernel, problems);
  set('Buffers', buffers);
  const files = items.get('NR_FILE_PAGES');
  // Before 5.12 the swap cache is counted where this does not look; without swap there is none.
  const swapCached =
    items.get('NR_SWAPCACHE') ?? ((longVariable(kernel, 'total_swap_pages') ?? 0) === 0 ? 0 : undefined);
  if (files !== undefined && swapCached !== undefined && buffers !== undefined)
    set('Cached', files - swapCached - buffers);
  // NR_VMALLOC since 7.0; before, a variable of mm/vmalloc.c (5.3, commit 97105f0ab7b8).
  set('VmallocUsed', items.get('NR_VMALLOC') ?? longVariable(kernel, 'nr_vmalloc_pages'));
  const [percpu, units] = [longVariable(kernel, 'pcpu_nr_populated'), u32Variable(kernel, 'pcpu_nr_units')];
  if (percpu !== undefined && units !== undefined) set('Percpu', percpu * units);
  set('SwapTotal', longVariable(kernel, 'total_swap_pages'));
  set('SwapFree', longVariable(kernel, 'nr_swap_pages'));
  set('HardwareCorrupted', longVariable(kernel, 'num_poisoned_pages'));
  set('Hugetlb', hugetlbPages(kernel));
  addSums(meminfo);
  return { value: { meminfo, items }, problems };
}

/** Pages given to the page allocator: an atomic_long_t with an underscore since 5.0 (commit ca79b0c211af). */
export const totalPages = (kernel: Kernel): number | undefined =>
  longVariable(kernel, '_totalram_pages') ?? longVariable(kernel, 'totalram_pages');

function addSums(meminfo: Map<string, number>): void {
  const sum = (name: string, parts: readonly string[]): void => {
    const amounts = parts.map((part) => meminfo.get(part)).filter((amount) => amount !== undefined);
    if (amounts.length === parts.length)
      meminfo.set(
        name,
        amounts.reduce((a, b) => a + b, 0),
      );
  };
  sum('Slab', ['SReclaimable', 'SUnreclaim']);
  sum('Active', ['Active(anon)', 'Active(file)']);
  sum('Inactive', ['Inactive(anon)', 'Inactive(file)']);
  sum('KReclaimable', ['SReclaimable', 'MiscReclaimable']);
}

/**
 * Pages of block devices, as nr_blockdev_pages adds them up (before 5.11 by another list): those of the inodes of the file
 * system that block devices lie in. A kernel without a block layer has none.
 */
function blockDevicePages(kernel: Kernel, problems: string[]): number | undefined {
  const { memory, layouts } = kernel;
  if (kernel.symbols.find('blockdev_superblock') === undefined) return 0;
  const superblock = u64Variable(kernel, 'blockdev_superblock');
  if (superblock === undefined || superblock === 0n) return undefined;
  try {
    const head = superblock + BigInt(layouts.needStruct('super_block').need('s_inodes').offset);
    const inode = layouts.needStruct('inode');
    const link = BigInt(inode.need('i_sb_list').offset);
    let pages = 0;
    let whole = true;
    const problem = (what: string): void => {
      whole = false;
      problems.push(`the list of block devices ${what}`);
    };
    for (const entry of walkListFromBothEnds(memory, head, problem, MOST_BLOCK_DEVICES)) {
      const view = viewStruct(memory, layouts, inode, entry - link);
      pages += ifThere(() => view.follow('i_mapping')?.number('nrpages')) ?? 0;
    }
    return whole ? pages : undefined;
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return undefined;
  }
}

/** Pages in the pools of huge pages, of every size. */
function hugetlbPages(kernel: Kernel): number | undefined {
  const { symbols, memory, layouts } = kernel;
  const states = symbols.find('hstates');
  const count = u32Variable(kernel, 'hugetlb_max_hstate');
  const layout = layouts.struct('hstate');
  if (states === undefined || count === undefined || count > MOST_HSTATES || layout === undefined) return undefined;
  return ifThere(() => {
    let pages = 0;
    for (let i = 0; i < count; i++) {
      const view = viewStruct(memory, layouts, layout, states + BigInt(i * layout.size));
      pages += view.number('nr_huge_pages') * 2 ** view.number('order');
    }
    return pages;
  });
}
