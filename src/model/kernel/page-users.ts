import { walkPerCpuLists, type ParkedPages } from './free-lists.ts';
import type { Kernel } from './kernel.ts';
import type { MemoryMap } from './memory-map.ts';
import { walkPercpu, type PercpuMemory } from './percpu-chunks.ts';
import { walkTasks, type Task } from './tasks.ts';
import { walkVmalloc, type VmallocArea } from './vmalloc.ts';
import { walkZones, type Zone } from './zones.ts';

/** Who says of pages that they are theirs, where struct page does not. */
export interface PageUsers {
  readonly tasks: readonly Task[];
  readonly areas: readonly VmallocArea[];
  /** All areas were read: what is mapped outside of them belongs to none. */
  readonly areasAreWhole: boolean;
  readonly percpu?: PercpuMemory;
  readonly zones: readonly Zone[];
  readonly parked: readonly ParkedPages[];
  readonly problems: readonly string[];
}

/** Walks all of them. */
export function walkPageUsers(kernel: Kernel, map: MemoryMap): PageUsers {
  const [tasks, areas, percpu, zones] = [
    walkTasks(kernel),
    walkVmalloc(kernel),
    walkPercpu(kernel),
    walkZones(kernel),
  ] as const;
  const parked = walkPerCpuLists(kernel, map, zones.value);
  return {
    tasks: tasks.value,
    areas: areas.value,
    areasAreWhole: areas.problems.length === 0,
    ...(percpu.value ? { percpu: percpu.value } : {}),
    zones: zones.value,
    parked: parked.value,
    problems: [tasks, areas, percpu, zones, parked].flatMap(({ problems }) => problems),
  };
}
