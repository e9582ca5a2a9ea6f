import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, type Bytes } from '../../base/units.ts';
import type { Sighting } from '../../formats/catalog.ts';
import { ofKind } from '../../formats/of-kind.ts';
import type { Vmstat } from '../../formats/proc/vmstat.ts';
import type { Amount } from '../snapshot.ts';

/** What vmstat has and meminfo lacks. */
const BESIDE_MEMINFO = [
  ['Isolated(anon)', 'nr_isolated_anon'],
  ['Isolated(file)', 'nr_isolated_file'],
  ['Zspages', 'nr_zspages'],
] as const;

/** What both have, meminfo in KiB and vmstat in pages. */
const INSTEAD_OF_MEMINFO = [
  ['MemFree', 'nr_free_pages'],
  ['Active(anon)', 'nr_active_anon'],
  ['Inactive(anon)', 'nr_inactive_anon'],
  ['Active(file)', 'nr_active_file'],
  ['Inactive(file)', 'nr_inactive_file'],
  ['Unevictable', 'nr_unevictable'],
  ['Mlocked', 'nr_mlock'],
  ['Dirty', 'nr_dirty'],
  ['Writeback', 'nr_writeback'],
  ['AnonPages', 'nr_anon_pages'],
  ['Mapped', 'nr_mapped'],
  ['Shmem', 'nr_shmem'],
  ['SReclaimable', 'nr_slab_reclaimable'],
  ['SUnreclaim', 'nr_slab_unreclaimable'],
  ['MiscReclaimable', 'nr_kernel_misc_reclaimable'],
  ['PageTables', 'nr_page_table_pages'],
  ['SecPageTables', 'nr_sec_page_table_pages'],
  ['Bounce', 'nr_bounce'],
  ['SwapCached', 'nr_swapcached'],
  ['CmaFree', 'nr_free_cma'],
  ['Hugetlb', 'nr_hugetlb'],
  ['Balloon', 'nr_balloon_pages'],
  ['GPUActive', 'nr_gpu_active'],
  ['GPUReclaim', 'nr_gpu_reclaim'],
] as const;

/** Counters from vmstat; `alone` where there is no meminfo. */
export function gatherVmstatCounters(
  sightings: readonly Sighting[],
  pageSize: Bytes,
  alone: boolean,
): ReadonlyMap<string, Amount> {
  const [vmstat] = ofKind(sightings, 'vmstat');
  const counters = new Map<string, Amount>();
  const zram = zspagesOfZram(sightings);
  if (zram) counters.set('Zspages', zram);
  if (!vmstat) return counters;
  for (const [name, row] of alone ? [...BESIDE_MEMINFO, ...INSTEAD_OF_MEMINFO] : BESIDE_MEMINFO) {
    const amount = pagesOf(vmstat.value, row, pageSize);
    if (amount) counters.set(name, amount);
  }
  if (alone) for (const [name, amount] of combined(vmstat.value, pageSize)) counters.set(name, amount);
  return counters;
}

function pagesOf(vmstat: Vmstat, name: string, unit: number): Amount | undefined {
  const row = vmstat.get(name);
  return row && isQuantity(row.count * unit) ? { bytes: bytes(row.count * unit), at: row.at } : undefined;
}

/** What meminfo computes from several counters. */
function combined(vmstat: Vmstat, pageSize: Bytes): readonly (readonly [string, Amount])[] {
  const read = (name: string): Amount | undefined => pagesOf(vmstat, name, pageSize);
  const [reclaimable, unreclaimable, misc] = [
    read('nr_slab_reclaimable'),
    read('nr_slab_unreclaimable'),
    read('nr_kernel_misc_reclaimable'),
  ];
  const files = read('nr_file_pages');
  // Swap cache is in nr_file_pages, and has a counter of its own since 5.12. Buffers are in it too and have none.
  const cached = files && (less(files, read('nr_swapcached')) ?? files);
  // Since 4.8, as the nr_zone_ rows, this one counts KiB; before, stacks of an unknown size.
  const inKib = [...vmstat.keys()].some((name) => name.startsWith('nr_zone_'));
  const stacks = inKib ? pagesOf(vmstat, 'nr_kernel_stack', 1024) : undefined;
  const found: readonly (readonly [string, Amount | undefined])[] = [
    ['Slab', plus(reclaimable, unreclaimable)],
    ['KReclaimable', plus(reclaimable, misc)],
    ['Cached', cached],
    ['KernelStack', stacks],
  ];
  return found.flatMap(([name, amount]) => (amount ? [[name, amount] as const] : []));
}

function plus(a: Amount | undefined, b: Amount | undefined): Amount | undefined {
  if (!a || !b || !isQuantity(a.bytes + b.bytes)) return undefined;
  return { bytes: bytes(a.bytes + b.bytes), at: both(a, b, 'sum') };
}

function less(a: Amount, b: Amount | undefined): Amount | undefined {
  return b && b.bytes <= a.bytes ? { bytes: bytes(a.bytes - b.bytes), at: both(a, b, 'difference') } : undefined;
}

const both = (a: Amount, b: Amount, by: string): Provenance => ({ kind: 'derived', from: [a.at, b.at], by });

/** Zram's pools, which vmstat counts among its zspages; taken where there is no vmstat. */
function zspagesOfZram(sightings: readonly Sighting[]): Amount | undefined {
  const devices = ofKind(sightings, 'zram-mm-stat').map((s) => s.value);
  const used = devices.reduce((sum, device) => sum + device.used, 0);
  if (devices.length === 0 || !isQuantity(used)) return undefined;
  const at: Provenance = { kind: 'derived', from: devices.map((device) => device.at), by: 'zram devices' };
  return { bytes: bytes(used), at };
}
