/** Fields of meminfo, as metrics name them, over one grid. */
export type MeminfoColumns = ReadonlyMap<string, Float64Array>;

/** What the columns are made of; a metrics server is asked for these and no more. */
export const MEMINFO_FIELDS = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'SwapCached',
  'Active',
  'Inactive',
  'Unevictable',
  'AnonPages',
  'KReclaimable',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'SecPageTables',
  'VmallocUsed',
  'Percpu',
  'Zswap',
  'HugePages_Total',
  'Hugepagesize',
] as const;

/** Quantities that a kernel leak can show in, and the layer each belongs to. */
export const SIGNAL_LAYERS: Readonly<Record<string, string>> = {
  unexplained: 'page-allocator',
  'slab, unreclaimable': 'slab-unreclaimable',
  vmalloc: 'vmalloc',
  'kernel stacks': 'kernel-stack',
  'per-CPU memory': 'percpu',
};

/** The same quantities by the buckets of kleak's own equation. */
export const BUCKET_SIGNALS: Readonly<Record<string, string>> = {
  'slab-unreclaimable': 'slab, unreclaimable',
  vmalloc: 'vmalloc',
  'kernel-stack': 'kernel stacks',
  percpu: 'per-CPU memory',
};

/**
 * The memory equation over columns, for hosts of which nothing but meminfo's fields is known: what `diagnose` computes from a
 * capture, less what only zoneinfo tells. Undefined where a field that it cannot do without is missing.
 */
export function equate(columns: MeminfoColumns): ReadonlyMap<string, Float64Array> | undefined {
  const need = ['MemTotal', 'MemFree', 'Cached', 'AnonPages', 'SUnreclaim', 'SReclaimable'];
  const total = columns.get('MemTotal');
  if (!total || need.some((field) => !columns.has(field))) return undefined;
  const at = (field: string, i: number): number => columns.get(field)?.[i] ?? Number.NaN;
  const or0 = (field: string, i: number): number => {
    const value = columns.get(field)?.[i];
    return value === undefined || Number.isNaN(value) ? 0 : value;
  };
  const countsVmallocPages = columns.has('Percpu');
  const unexplained = total.map((all, i) => {
    const typed = at('AnonPages', i) + at('Cached', i) + or0('Buffers', i);
    const listed = or0('Active', i) + or0('Inactive', i) + or0('Unevictable', i);
    const swapCache = Math.max(0, Math.min(or0('SwapCached', i), listed - typed));
    const stacks = countsVmallocPages ? 0 : or0('KernelStack', i);
    const vmalloc = countsVmallocPages ? or0('VmallocUsed', i) : 0;
    const misc = Math.max(0, or0('KReclaimable', i) - at('SReclaimable', i));
    return (
      all -
      at('MemFree', i) -
      typed -
      swapCache -
      at('SReclaimable', i) -
      at('SUnreclaim', i) -
      misc * (columns.has('KReclaimable') ? 1 : 0) -
      stacks -
      vmalloc -
      or0('PageTables', i) -
      or0('SecPageTables', i) -
      or0('Percpu', i) -
      or0('Zswap', i) -
      or0('HugePages_Total', i) * or0('Hugepagesize', i)
    );
  });
  const signals = new Map<string, Float64Array>([['unexplained', unexplained]]);
  const take = (name: string, field: string): void => {
    const column = columns.get(field);
    if (column) signals.set(name, column);
  };
  take('slab, unreclaimable', 'SUnreclaim');
  if (countsVmallocPages) take('vmalloc', 'VmallocUsed');
  take('kernel stacks', 'KernelStack');
  take('per-CPU memory', 'Percpu');
  return signals;
}
