import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, type Cpu } from './cpus.ts';
import type { Kernel } from './kernel.ts';

/** What a process holds, by its mm_struct. In bytes; absent what cannot be read. */
export interface MemoryOfTask {
  /** File, anonymous and shared pages mapped. */
  readonly residentBytes?: number;
  readonly virtualBytes?: number;
  /** Of its top page table. */
  readonly pageDirectory?: bigint;
}

/** MM_FILEPAGES, MM_ANONPAGES and MM_SHMEMPAGES (since 4.5, commit eca56ff906bd); 2 is MM_SWAPENTS. */
const RESIDENT = [0, 1, 3] as const;

/** Reads struct mm_struct, each once. */
export function mmReader(kernel: Kernel, cpus: readonly Cpu[]): (mm: bigint) => MemoryOfTask | undefined {
  const layout = kernel.layouts.struct('mm_struct');
  const known = new Map<bigint, MemoryOfTask | undefined>();
  const { pageSize } = kernel.memory;
  const read = (mm: bigint): MemoryOfTask | undefined => {
    if (layout === undefined) return undefined;
    const view = viewStruct(kernel.memory, kernel.layouts, layout, mm);
    const pages = ifThere(() => residentPages(kernel, view, cpus));
    const total = view.has('total_vm') ? ifThere(() => view.number('total_vm')) : undefined;
    const top = view.has('pgd') ? ifThere(() => view.pointer('pgd')) : undefined;
    return {
      ...(pages === undefined ? {} : { residentBytes: Math.max(0, pages) * pageSize }),
      ...(total === undefined ? {} : { virtualBytes: total * pageSize }),
      ...(top === undefined ? {} : { pageDirectory: top }),
    };
  };
  return (mm) => {
    if (!known.has(mm)) known.set(mm, read(mm));
    return known.get(mm);
  };
}

/**
 * Since 6.2 (commit f1a7941243c1) an array of struct percpu_counter, whose sum is spread over CPUs; before, of
 * atomic_long_t. Single counts may be below zero for a moment, the kernel shows 0 then.
 */
function residentPages({ memory }: Kernel, view: StructView, cpus: readonly Cpu[]): number | undefined {
  const spread = view.has('rss_stat[0].counters');
  if (!spread && !view.has('rss_stat.count[0]')) return undefined;
  let pages = 0;
  for (const i of RESIDENT) {
    const path = spread ? `rss_stat[${i}].count` : `rss_stat.count[${i}]`;
    if (!view.has(path)) continue;
    let count = view.number(path);
    if (spread) {
      const counters = view.pointer(`rss_stat[${i}].counters`);
      for (const cpu of cpus) count += memory.i32(perCpu(counters, cpu));
    }
    pages += Math.max(0, count);
  }
  return pages;
}

/**
 * Pages that a task has counted for itself and not yet for its mm: up to 64 faults of each task before 6.2 (commit
 * f1a7941243c1), which the kernel itself does not show. By mm.
 */
export function uncountedPages(
  { memory, layouts }: Kernel,
  tasks: readonly { readonly address: bigint; readonly mm: bigint }[],
): ReadonlyMap<bigint, number> {
  const pages = new Map<bigint, number>();
  const layout = layouts.struct('task_struct');
  if (!layout?.has('rss_stat.count[0]')) return pages;
  for (const { address, mm } of tasks) {
    if (mm === 0n) continue;
    const view = viewStruct(memory, layouts, layout, address);
    const paths = RESIDENT.map((i) => `rss_stat.count[${i}]`).filter((path) => view.has(path));
    const own = ifThere(() => paths.reduce((sum, path) => sum + view.number(path), 0)) ?? 0;
    pages.set(mm, (pages.get(mm) ?? 0) + own);
  }
  return pages;
}
