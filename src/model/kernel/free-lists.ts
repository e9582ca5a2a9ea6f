import { LayoutError } from '../layouts/layout-error.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus } from './cpus.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkList } from './list.ts';
import type { MemoryMap } from './memory-map.ts';
import type { Zone } from './zones.ts';

/** Free blocks of one order that a CPU has parked for itself. In no free list of the zone, in no counter of meminfo. */
export interface ParkedPages {
  readonly zone: Zone;
  readonly cpu: number;
  readonly order: number;
  /** First frames of the blocks. */
  readonly frames: readonly number[];
}

/** A CPU parks some hundred pages, some ten thousand at most. */
const MOST_PARKED = 4_000_000;
/** PAGE_ALLOC_COSTLY_ORDER: larger blocks are not parked, but those of a transparent huge page. */
const COSTLY_ORDER = 3;

/** The pages on every list of every CPU. */
export function walkPerCpuLists(
  kernel: Kernel,
  map: MemoryMap,
  zones: readonly Zone[],
): Walked<readonly ParkedPages[]> {
  const problems: string[] = [];
  try {
    const value = [...listParked(kernel, map, zones, problems)].filter(({ frames }) => frames.length > 0);
    return { value, problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [`no per-CPU lists of free pages: ${cause.message}`] };
  }
}

function* listParked(
  kernel: Kernel,
  map: MemoryMap,
  zones: readonly Zone[],
  problems: string[],
): Generator<ParkedPages> {
  const { memory, layouts } = kernel;
  const lists = layouts.needStruct('per_cpu_pages').need('lists');
  // Inside of struct per_cpu_pageset before 5.14 (commit 28f836b6777b).
  const within = layouts.has('zone', 'per_cpu_pageset') ? 0 : (layouts.member('per_cpu_pageset', 'pcp')?.offset ?? 0);
  // `pcp_list` since 5.18 (commit bf75f200569d), over lru.
  const link = BigInt(layouts.needStruct('page').need('pcp_list|lru').offset);
  const orders = listOrders(kernel, Math.floor(lists.size / 16));
  const framesOn = (head: bigint, problem: (what: string) => void): readonly number[] => {
    if (ifThere(() => memory.u64(head)) === head) return [];
    return [...walkList(memory, head, problem, MOST_PARKED)].flatMap((entry) => {
      const frame = map.frameOf(entry - link);
      if (frame === undefined) problem(`holds ${entry.toString(16)}, which is in no struct page`);
      return frame ?? [];
    });
  };
  const cpus = possibleCpus(kernel);
  for (const zone of zones.filter(({ perCpuPages }) => perCpuPages !== 0n)) {
    for (const cpu of cpus) {
      const start = perCpu(zone.perCpuPages, cpu) + BigInt(within + lists.offset);
      const problem = (what: string): void =>
        void problems.push(`a list of free pages of CPU ${cpu.number} in zone ${zone.name} ${what}`);
      for (const [i, order] of orders.entries())
        yield { zone, cpu: cpu.number, order, frames: framesOn(start + BigInt(i * 16), problem) };
    }
  }
}

/**
 * The order of the blocks on each list. One list for each movability, all of single pages; since 5.13 (commit
 * 44042b449872) for each order up to the costly one, and behind them one or two for transparent huge pages.
 */
function listOrders({ layouts, memory }: Kernel, count: number): readonly number[] {
  const kinds = Number(layouts.enumValue('MIGRATE_PCPTYPES') ?? 3n);
  if (count < kinds * (COSTLY_ORDER + 1)) return Array.from({ length: count }, () => 0);
  // HPAGE_PMD_ORDER: as many pages as a table has entries.
  const huge = Math.log2(memory.pageSize / 8);
  return Array.from({ length: count }, (_, i) => (i < kinds * (COSTLY_ORDER + 1) ? Math.floor(i / kinds) : huge));
}
