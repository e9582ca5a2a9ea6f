import { LayoutError } from '../layouts/layout-error.ts';
import type { StructLayout } from '../layouts/struct-layout.ts';
import { viewStruct, type StructView } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';

/** A struct zone: a stretch of a node's memory with its own free lists. Amounts in pages. */
export interface Zone {
  readonly address: bigint;
  readonly node: number;
  /** DMA, DMA32, Normal, HighMem, Movable, Device. */
  readonly name: string;
  readonly startFrame: number;
  /** With holes. */
  readonly spanned: number;
  readonly present: number;
  /** Given to the page allocator; all zones together are MemTotal. */
  readonly managed: number;
  readonly watermarks: { readonly min: number; readonly low: number; readonly high: number };
  /** Free blocks by order, as in /proc/buddyinfo. */
  readonly freeBlocks: readonly number[];
  /** Pages in those blocks. */
  readonly free: number;
  /** Per-CPU pointer to the free pages that CPUs have parked; 0 where there is none. */
  readonly perCpuPages: bigint;
}

/** MAX_NUMNODES is at most 1 << 10. */
const MOST_NODES = 1024;
/** WMARK_MIN, WMARK_LOW, WMARK_HIGH. */
const [MIN, LOW, HIGH] = [0, 1, 2] as const;

/** Addresses of struct pglist_data, one a node of memory. */
export function memoryNodes({ symbols, info, memory }: Kernel): readonly bigint[] {
  const table = symbols.find('node_data') ?? info.symbols.get('node_data');
  const only = symbols.find('contig_page_data') ?? info.symbols.get('contig_page_data');
  if (table === undefined) return only === undefined ? [] : [only];
  const count = Math.min(MOST_NODES, info.lengths.get('node_data') ?? 1);
  return Array.from({ length: count }, (_, i) => ifThere(() => memory.u64(table + BigInt(i * 8))) ?? 0n).filter(
    (node) => node !== 0n,
  );
}

/** All zones that have memory, by node. */
export function walkZones(kernel: Kernel): Walked<readonly Zone[]> {
  const problems: string[] = [];
  try {
    const nodes = memoryNodes(kernel);
    if (nodes.length === 0) problems.push('no zones: neither node_data nor contig_page_data is to be found');
    const node = kernel.layouts.needStruct('pglist_data');
    const zone = kernel.layouts.needStruct('zone');
    const value = nodes.flatMap((address) => zonesOf(kernel, address, node, zone, problems));
    return { value, problems };
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [...problems, `no zones: ${cause.message}`] };
  }
}

function zonesOf(kernel: Kernel, node: bigint, layout: StructLayout, zone: StructLayout, problems: string[]): Zone[] {
  const zones = layout.need('node_zones');
  const count = zone.size > 0 ? Math.floor(zones.size / zone.size) : 0;
  const id = ifThere(() => viewStruct(kernel.memory, kernel.layouts, layout, node).number('node_id'));
  return Array.from({ length: count }, (_, i) => node + BigInt(zones.offset + i * zone.size)).flatMap((address) => {
    const read = ifThere(() => readZone(viewStruct(kernel.memory, kernel.layouts, zone, address), id ?? 0));
    if (!read) problems.push(`the zone at ${address.toString(16)} cannot be read`);
    return read && read.spanned > 0 ? [read] : [];
  });
}

function readZone(view: StructView, node: number): Zone {
  const orders = Math.floor(view.layout.need('free_area').size / (view.layout.need('free_area[1]').size || 1));
  const freeBlocks = Array.from({ length: orders }, (_, order) => view.number(`free_area[${order}].nr_free`));
  // `_watermark` since 5.0 (commit a921444382b4).
  const mark = (i: number): number => view.number(`_watermark[${i}]|watermark[${i}]`);
  return {
    address: view.address(),
    node,
    name: ifThere(() => view.text('name')) ?? '?',
    startFrame: view.number('zone_start_pfn'),
    spanned: view.number('spanned_pages'),
    present: view.number('present_pages'),
    managed: view.number('managed_pages|present_pages'),
    watermarks: { min: mark(MIN), low: mark(LOW), high: mark(HIGH) },
    freeBlocks,
    free: freeBlocks.reduce((sum, blocks, order) => sum + blocks * 2 ** order, 0),
    // `per_cpu_pageset` since 5.14 (commit 28f836b6777b).
    perCpuPages: view.has('per_cpu_pageset|pageset') ? view.pointer('per_cpu_pageset|pageset') : 0n,
  };
}
