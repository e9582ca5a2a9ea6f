import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import type { MemberLayout, StructLayout } from '../layouts/struct-layout.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, possibleCpus, type Cpu } from './cpus.ts';
import type { Kernel, Walked } from './kernel.ts';
import { longsVariable } from './variables.ts';
import { memoryNodes, walkZones } from './zones.ts';

/** The kernel's own counts by the names of its enums: NR_FREE_PAGES, NR_ANON_MAPPED. Most are in pages. */
export type VmItems = ReadonlyMap<string, number>;

/** How one of the two enums is counted: in a global array, and on each CPU in differences that were not added yet. */
interface Family {
  readonly enum: string;
  /** The first that there is. */
  readonly arrays: readonly string[];
  readonly items: string;
  /** Structs that have a per-CPU pointer to differences, and where. */
  readonly owners: readonly bigint[];
  readonly owner: string;
  readonly differences: readonly Differences[];
}

interface Differences {
  /** The member of the owner. */
  readonly pointer: string;
  readonly struct: string;
  readonly array: string;
}

/**
 * Reads vm_zone_stat (vm_stat before 4.8) and vm_node_stat with what the CPUs have not added to them yet, for which meminfo
 * does not wait either: it may differ by that.
 */
export function readVmItems(kernel: Kernel): Walked<VmItems> {
  const problems: string[] = [];
  const zones = walkZones(kernel);
  const families: readonly Family[] = [
    {
      enum: 'zone_stat_item',
      arrays: ['vm_zone_stat', 'vm_stat'],
      items: 'NR_VM_ZONE_STAT_ITEMS',
      owners: zones.value.map(({ address }) => address),
      owner: 'zone',
      // Since 5.14 (commit 28f836b6777b) apart from the lists of free pages.
      differences: [
        { pointer: 'per_cpu_zonestats', struct: 'per_cpu_zonestat', array: 'vm_stat_diff' },
        { pointer: 'pageset', struct: 'per_cpu_pageset', array: 'vm_stat_diff' },
      ],
    },
    {
      enum: 'node_stat_item',
      arrays: ['vm_node_stat'],
      items: 'NR_VM_NODE_STAT_ITEMS',
      owners: memoryNodes(kernel),
      owner: 'pglist_data',
      differences: [{ pointer: 'per_cpu_nodestats', struct: 'per_cpu_nodestat', array: 'vm_node_stat_diff' }],
    },
  ];
  const value = new Map<string, number>();
  for (const family of families) {
    const counts = countsOf(kernel, family, problems);
    if (!counts) continue;
    for (const { name, value: item } of kernel.layouts.enumValues(family.enum)) {
      const count = counts[Number(item)];
      if (count !== undefined && !value.has(name)) value.set(name, count);
    }
  }
  if (value.size === 0) problems.push('no counters: the types do not say what the kernel counts');
  return { value, problems };
}

function countsOf(kernel: Kernel, family: Family, problems: string[]): Float64Array | undefined {
  const count = Number(kernel.layouts.enumValue(family.items) ?? 0n);
  if (count <= 0 || count > MOST_ITEMS) return undefined;
  const array = family.arrays.find((name) => kernel.symbols.find(name) !== undefined);
  const longs = array === undefined ? undefined : longsVariable(kernel, array, count);
  if (!longs) {
    problems.push(`no counters of ${family.enum}: ${family.arrays.join(' and ')} cannot be read`);
    return undefined;
  }
  const counts = Float64Array.from(longs);
  try {
    addDifferences(kernel, family, counts);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    problems.push(`what CPUs have not added to ${array ?? ''} is left out: ${cause.message}`);
  }
  return counts;
}

/** Far more than any kernel counts. */
const MOST_ITEMS = 512;

function addDifferences(kernel: Kernel, family: Family, counts: Float64Array): void {
  const { layouts, memory } = kernel;
  const owner = layouts.needStruct(family.owner);
  const found = family.differences.find(({ pointer }) => owner.has(pointer));
  if (!found) return;
  const layout = layouts.needStruct(found.struct);
  const cpus = possibleCpus(kernel);
  for (const address of family.owners) {
    const pointer = ifThere(() => viewStruct(memory, layouts, owner, address).pointer(found.pointer)) ?? 0n;
    if (pointer !== 0n) addOfCpus(kernel, layout, found.array, pointer, cpus, counts);
  }
}

function addOfCpus(
  { memory }: Kernel,
  layout: StructLayout,
  array: string,
  pointer: bigint,
  cpus: readonly Cpu[],
  counts: Float64Array,
): void {
  const all: MemberLayout = layout.need(array);
  const { size } = layout.need(`${array}[0]`);
  for (const cpu of cpus) {
    const bytes = memory.tryRead(perCpu(pointer, cpu) + BigInt(all.offset), all.size);
    if (!bytes) continue;
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < counts.length && (i + 1) * size <= all.size; i++)
      counts[i] = (counts[i] ?? 0) + (size === 1 ? view.getInt8(i) : view.getInt16(i * size, true));
  }
}
