import type { Provenance } from '../src/base/provenance.ts';
import { bytes, kibibytes, seconds } from '../src/base/units.ts';
import type { Diagnosis } from '../src/findings/diagnosis.ts';
import type { Finding } from '../src/findings/finding.ts';
import type { DumpFacts } from '../src/model/dump-facts.ts';
import type { AllocationGroup, AllocationReport, SlabCache, Snapshot, VmallocUser } from '../src/model/snapshot.ts';
import { diagnoseSnapshots } from '../src/pipeline/diagnose.ts';
import { examine } from '../src/pipeline/examine.ts';
import { measureFacts } from '../src/pipeline/facts.ts';
import type { AnyRule } from '../src/rules/rule.ts';

export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const GIB: number = 1024 * MIB;

/** A place in a file that no test looks into. */
export const somewhere = (line = 1, file = 'made-up'): Provenance => ({ kind: 'line', file, line });

/** Amounts in KiB by meminfo's names, as meminfo prints them. */
export type Kib = Readonly<Record<string, number>>;

export const countersOf = (kib: Kib): Snapshot['counters'] =>
  new Map(
    Object.entries(kib).map(([name, n], i) => [
      name,
      { bytes: kibibytes(Math.round(n)), at: somewhere(i + 1, 'meminfo') },
    ]),
  );

/** A snapshot in which nothing was seen but what is given. */
export function makeSnapshot(parts: Partial<Snapshot> = {}): Snapshot {
  return {
    label: 'host',
    host: {},
    counters: new Map(),
    freeLists: [],
    reports: [],
    events: [],
    cgroups: [],
    processes: [],
    programs: [],
    modules: [],
    pools: [],
    dumped: { objects: [], words: [], symbols: [], structs: [] },
    seen: [],
    ...parts,
  };
}

/** `used` of `slots` objects of one size; the slabs hold the slots and nothing else. */
export function makeCache(name: string, count: number, size: number, more: Partial<SlabCache> = {}): SlabCache {
  const objects = Math.round(count);
  const slots = more.slots ?? objects;
  return {
    name,
    objects,
    slots,
    objectSize: bytes(size),
    bytes: bytes(slots * size),
    copies: 1,
    aliases: [],
    at: somewhere(1, 'slabinfo'),
    ...more,
  };
}

export const makeVmallocUser = (caller: string, held: number, more: Partial<VmallocUser> = {}): VmallocUser => ({
  caller,
  areas: 1,
  bytes: bytes(held),
  at: somewhere(1, 'vmallocinfo'),
  ...more,
});

/** A detector's group of allocations with one stack, innermost function first; `foo@mod` is a function of a module. */
export function makeGroup(stack: readonly string[], more: Partial<AllocationGroup> = {}): AllocationGroup {
  const frames = stack.map((word) => {
    const [symbol = '', module] = word.split('@');
    return { symbol, ...(module === undefined ? {} : { module }) };
  });
  const [first = { symbol: '' }, ...others] = frames;
  return {
    stack: [first, ...others],
    count: 1,
    processes: [],
    samples: [],
    at: somewhere(1, 'report'),
    ...more,
  };
}

export const makeReport = (
  detector: AllocationReport['detector'],
  groups: readonly AllocationGroup[],
  cut = false,
): AllocationReport => ({ detector, groups, entries: groups.reduce((n, g) => n + g.count, 0), cut });

/** A dump of 4 GiB in which everything can be reached. */
export const makeDump = (parts: Partial<DumpFacts> = {}): DumpFacts => ({
  file: '/var/crash/vmcore',
  ram: bytes(4 * GIB),
  lost: [],
  lostMemory: [],
  unbalanced: [],
  directories: [],
  sockets: [],
  holdings: [],
  processes: { parts: [], most: [] },
  caches: [],
  foreignModules: [],
  scanned: { bytes: 600 * MIB, words: 75_000_000, objects: 400_000, seconds: 1 },
  missing: bytes(0),
  referencesMissed: 0,
  ...parts,
});

/** What a made-up host holds, in MiB. Everything else of its RAM is free. */
export interface Holdings {
  readonly ram: number;
  readonly anon?: number;
  readonly cached?: number;
  readonly shmem?: number;
  readonly buffers?: number;
  readonly pageTables?: number;
  readonly secPageTables?: number;
  readonly stacks?: number;
  readonly vmalloc?: number;
  readonly percpu?: number;
  readonly hugetlb?: number;
  readonly pcp?: number;
  readonly unevictable?: number;
  readonly mlocked?: number;
  /** Slab that no cache of the table holds. */
  readonly largeKmalloc?: number;
  /** Pages that no counter names. */
  readonly lost?: number;
  readonly caches?: readonly SlabCache[];
  /** Seconds since boot. */
  readonly uptime?: number;
  /** Fields as they shall stand in meminfo, in KiB, whatever follows from the rest. */
  readonly kib?: Kib;
  readonly more?: Partial<Snapshot>;
}

/** Caches that every host has, small. */
export const usualCaches = (scale = 1): readonly SlabCache[] => [
  makeCache('dentry', 120_000 * scale, 192, { reclaimable: true }),
  makeCache('ext4_inode_cache', 60_000 * scale, 1096, { reclaimable: true }),
  makeCache('proc_inode_cache', 12_000 * scale, 680, { reclaimable: true }),
  makeCache('inode_cache', 20_000 * scale, 608, { reclaimable: true }),
  makeCache('buffer_head', 40_000 * scale, 104, { reclaimable: true }),
  makeCache('radix_tree_node', 15_000 * scale, 584, { reclaimable: true }),
  makeCache('kernfs_node_cache', 40_000 * scale, 128),
  makeCache('vm_area_struct', 30_000 * scale, 208),
  makeCache('anon_vma_chain', 25_000 * scale, 64),
  makeCache('anon_vma', 15_000 * scale, 104),
  makeCache('filp', 12_000 * scale, 256),
  makeCache('task_struct', 700 * scale, 9_000),
  makeCache('kmalloc-64', 40_000 * scale, 64),
  makeCache('kmalloc-512', 6_000 * scale, 512),
  makeCache('kmalloc-1k', 4_000 * scale, 1_024),
  makeCache('kmalloc-2k', 2_000 * scale, 2_048),
  makeCache('kmalloc-4k', 1_000 * scale, 4_096),
];

/** A host of a current kernel (6.1) whose counters add up but for `lost`. */
export function makeHost(held: Holdings): Snapshot {
  const caches = held.caches ?? usualCaches();
  const kib = meminfoOf(held, caches);
  return makeSnapshot({
    host: { release: '6.1.0-18-amd64', machine: 'x86_64' },
    counters: countersOf({ ...kib, ...held.kib }),
    caches: { caches, whole: true },
    ...(held.uptime === undefined
      ? {}
      : { time: { seconds: seconds(held.uptime), clock: 'boot', at: somewhere(1, 'uptime') } }),
    ...held.more,
  });
}

function meminfoOf(held: Holdings, caches: readonly SlabCache[]): Kib {
  const kib = (n: number | undefined): number => (n ?? 0) * 1024;
  const slab = (reclaimable: boolean): number =>
    Math.round(caches.filter((c) => (c.reclaimable ?? false) === reclaimable).reduce((n, c) => n + c.bytes, 0) / 1024);
  const large = kib(held.largeKmalloc);
  const anon = kib(held.anon ?? held.ram * 0.1);
  const cached = kib(held.cached ?? held.ram * 0.2) + kib(held.shmem);
  const stacks = kib(held.stacks ?? 8);
  const used =
    anon +
    cached +
    kib(held.buffers) +
    slab(true) +
    slab(false) +
    large +
    kib(held.pageTables ?? 16) +
    kib(held.secPageTables) +
    stacks +
    kib(held.vmalloc ?? 16) +
    kib(held.percpu ?? 4) +
    kib(held.hugetlb) +
    kib(held.pcp ?? 4) +
    kib(held.lost ?? held.ram * 0.005);
  const free = Math.max(0, kib(held.ram) - used);
  const user = anon + cached + kib(held.buffers) - kib(held.unevictable);
  return {
    MemTotal: kib(held.ram),
    MemFree: free,
    MemAvailable: free + (cached - kib(held.shmem)) * 0.9 + slab(true) * 0.5,
    Buffers: kib(held.buffers),
    Cached: cached,
    SwapCached: 0,
    Active: user / 2,
    Inactive: user / 2,
    Unevictable: kib(held.unevictable),
    Mlocked: kib(held.mlocked),
    SwapTotal: 0,
    SwapFree: 0,
    AnonPages: anon,
    Mapped: cached / 4,
    Shmem: kib(held.shmem),
    KReclaimable: slab(true),
    Slab: slab(true) + slab(false) + large,
    SReclaimable: slab(true),
    SUnreclaim: slab(false) + large,
    KernelStack: stacks,
    PageTables: kib(held.pageTables ?? 16),
    SecPageTables: kib(held.secPageTables),
    VmallocUsed: kib(held.vmalloc ?? 16) + stacks,
    Percpu: kib(held.percpu ?? 4),
    Hugetlb: kib(held.hugetlb),
    Pcp: kib(held.pcp ?? 4),
  };
}

/** The same host at several times, seconds after boot; `at` makes it from the time. */
export const makeSeries = (times: readonly number[], at: (uptime: number, index: number) => Holdings): Snapshot[] =>
  times.map((uptime, i) => ({ ...makeHost({ ...at(uptime, i), uptime }), label: `moment ${i + 1}` }));

/** What one rule says of snapshots, through the facts that the pipeline measures. Fails where the rule throws. */
export function runRule(rule: AnyRule, snapshots: readonly Snapshot[], dump?: DumpFacts): readonly Finding[] {
  return runRules([rule], snapshots, dump);
}

/** The same of several rules. */
export function runRules(
  rules: readonly AnyRule[],
  snapshots: readonly Snapshot[],
  dump?: DumpFacts,
): readonly Finding[] {
  return examine(rules, measureFacts(snapshots, dump).facts).flatMap((outcome) => {
    if (outcome.state === 'failed') throw new Error(outcome.because);
    return outcome.state === 'examined' ? outcome.findings : [];
  });
}

/** The whole diagnosis of made-up snapshots. */
export const diagnoseMade = (...snapshots: readonly Snapshot[]): Diagnosis =>
  diagnoseSnapshots({ snapshots, inputs: [], unread: [], dumps: [] });
