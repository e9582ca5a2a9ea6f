import type { Provenance } from '../../base/provenance.ts';
import { bytes, isQuantity, kibibytes, type Bytes } from '../../base/units.ts';
import type { TextLine } from '../text/line.ts';
import { collect, nothingCollected, type Collected, type Numbered } from './collected.ts';
import { readAllocationRow } from './allocation-rows.ts';
import type { MemInfoReport } from './kernel-event.ts';
import { lineAt } from './log-line.ts';
import { readMemInfoLine, type Fields } from './mem-info-lines.ts';
import { readSlabRow } from './slab-rows.ts';

/** The kernel's names in the report to meminfo's. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['free', 'MemFree'],
  ['free_pcp', 'Pcp'],
  ['free_cma', 'CmaFree'],
  ['Active', 'Active'],
  ['inactive', 'Inactive'],
  ['active_anon', 'Active(anon)'],
  ['inactive_anon', 'Inactive(anon)'],
  ['active_file', 'Active(file)'],
  ['inactive_file', 'Inactive(file)'],
  ['isolated_anon', 'Isolated(anon)'],
  ['isolated_file', 'Isolated(file)'],
  ['isolated(anon)', 'Isolated(anon)'],
  ['isolated(file)', 'Isolated(file)'],
  ['unevictable', 'Unevictable'],
  ['mlocked', 'Mlocked'],
  ['dirty', 'Dirty'],
  ['writeback', 'Writeback'],
  ['writeback_tmp', 'WritebackTmp'],
  ['unstable', 'NFS_Unstable'],
  ['bounce', 'Bounce'],
  ['slab', 'Slab'],
  ['slab_reclaimable', 'SReclaimable'],
  ['slab_unreclaimable', 'SUnreclaim'],
  ['kernel_misc_reclaimable', 'MiscReclaimable'],
  ['mapped', 'Mapped'],
  ['mapped-file', 'Mapped'],
  ['mapped-anon', 'AnonPages'],
  ['shmem', 'Shmem'],
  ['shmem_thp', 'ShmemHugePages'],
  ['shmem_pmdmapped', 'ShmemPmdMapped'],
  ['anon_thp', 'AnonHugePages'],
  ['pagetables', 'PageTables'],
  ['sec_pagetables', 'SecPageTables'],
  ['kernel_stack', 'KernelStack'],
  ['zspages', 'Zspages'],
  ['gpu_active', 'GPUActive'],
  ['gpu_reclaim', 'GPUReclaim'],
  ['balloon', 'Balloon'],
]);

type Amounts = Map<string, { readonly bytes: Bytes; readonly at: Provenance }>;

/** The report in the lines of one incident, and the page size it shows. Undefined where nothing of a report is there. */
export function readMemInfo(
  lines: readonly TextLine[],
  file: string,
): { readonly report: MemInfoReport | undefined; readonly pageSize: Bytes } {
  const got = nothingCollected();
  const caches: MemInfoReport['caches'][number][] = [];
  const allocations: MemInfoReport['allocations'][number][] = [];
  for (const line of lines) {
    const at = lineAt(file, line);
    const read = readMemInfoLine(line.text, at);
    if (read) collect(got, read, at);
    const cache = read ? undefined : readSlabRow(line.text, at);
    if (cache) caches.push(cache);
    const allocation = read || cache ? undefined : readAllocationRow(line.text, at);
    if (allocation) allocations.push(allocation);
  }
  const pageSize = kibibytes(got.pageKb ?? ratioOfPages(got) ?? usualPageKb(lines));
  const amounts = toAmounts(got, pageSize);
  const hugepages = [...got.huge].map(([size, { total, free }]) => ({ size: bytes(size), total, free }));
  const empty = amounts.size + caches.length + allocations.length + hugepages.length === 0;
  return { report: empty ? undefined : { amounts, caches, allocations, hugepages }, pageSize };
}

/** 64-bit PowerPC as distributions build it has pages of 64 KiB: its traces put the stack pointer before each address. */
const POWERPC = /^\s*\[c[0-9a-f]{15}\] \[c[0-9a-f]{15}\] /;
const usualPageKb = (lines: readonly TextLine[]): number => (lines.some(({ text }) => POWERPC.test(text)) ? 64 : 4);

/** Page size in KiB from an amount that stands in pages and, per node or per zone, in kB. */
function ratioOfPages(got: Collected): number | undefined {
  const parts = got.nodes.length > 0 ? got.nodes : got.zones;
  for (const [name, { n }] of [...got.pages].toSorted((a, b) => b[1].n - a[1].n).slice(0, 3)) {
    const kb = sumOf(parts, name);
    const size = [4, 8, 16, 32, 64].find((s) => kb !== undefined && n >= 64 && Math.abs(kb.n / (n * s) - 1) < 0.1);
    if (size !== undefined) return size;
  }
  return undefined;
}

/** Prefers the block of pages, then the nodes' lines, then the zones'; sums only where every part is there. */
function toAmounts(got: Collected, pageSize: Bytes): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, { n, at }] of got.pages) put(amounts, NAMES.get(name), n * pageSize, at);
  const zonesWhole = got.zonesBegun && got.ended;
  if (got.begun && (got.zones.length > 0 || got.ended)) putSums(amounts, got.nodes);
  if (zonesWhole) putSums(amounts, got.zones);
  putTotals(amounts, got, pageSize);
  // Linux before 3.10 has no managed: then what is present comes closest.
  const managed = zonesWhole ? (sumOf(got.zones, 'managed') ?? sumOf(got.zones, 'present')) : undefined;
  if (managed) put(amounts, 'MemTotal', managed.n * 1024, managed.at);
  return amounts;
}

function putSums(amounts: Amounts, parts: readonly Fields[]): void {
  for (const name of parts[0]?.keys() ?? []) {
    const sum = sumOf(parts, name);
    if (sum) put(amounts, NAMES.get(name), sum.n * 1024, sum.at);
  }
}

function putTotals(amounts: Amounts, got: Collected, pageSize: Bytes): void {
  const ram = got.totals.get('ram');
  const reserved = got.totals.get('reserved');
  if (ram && reserved && ram.n > reserved.n) {
    const at: Provenance = { kind: 'derived', from: [ram.at, reserved.at], by: 'pages RAM less reserved' };
    put(amounts, 'MemTotal', (ram.n - reserved.n) * pageSize, at);
  }
  for (const [name, { n, at }] of got.totals)
    if (name === 'FilePages' || name === 'SwapCached') put(amounts, name, n * pageSize, at);
  for (const [name, { n, at }] of got.swap) put(amounts, name, n * 1024, at);
  const [pool] = got.huge.values();
  if (pool)
    put(
      amounts,
      'Hugetlb',
      [...got.huge].reduce((sum, [size, { total }]) => sum + size * total, 0),
      pool.at,
    );
}

/** The first value given for a name stays. */
function put(amounts: Amounts, name: string | undefined, n: number, at: Provenance): void {
  if (name !== undefined && !amounts.has(name) && isQuantity(n)) amounts.set(name, { bytes: bytes(n), at });
}

/** The sum of one name over all parts; undefined where a part lacks it. */
function sumOf(parts: readonly Fields[], name: string): Numbered | undefined {
  const fields = parts.map((p) => p.get(name));
  const from = fields.flatMap((f) => (f ? [f.at] : []));
  const [first] = from;
  if (first === undefined || from.length < parts.length) return undefined;
  const n = fields.reduce((sum, f) => sum + (f?.n ?? 0), 0);
  return { n, at: from.length === 1 ? first : { kind: 'derived', from, by: `sum of ${name}` } };
}
