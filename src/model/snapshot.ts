import type { Provenance } from '../base/provenance.ts';
import type { Bytes, Seconds } from '../base/units.ts';
import type { AllocationReport } from '../formats/detectors/allocation-report.ts';
import type { KernelEvent } from '../formats/log/kernel-event.ts';

export type { AllocationGroup, AllocationReport } from '../formats/detectors/allocation-report.ts';
export type { Frame } from '../formats/detectors/frame.ts';
export type { KernelEvent, MemInfoReport } from '../formats/log/kernel-event.ts';

/** An amount of memory and where it was read. */
export interface Amount {
  readonly bytes: Bytes;
  readonly at: Provenance;
}
/** A number of things and where it was read. */
export interface Count {
  readonly count: number;
  readonly at: Provenance;
}

/**
 * Amounts by meminfo's own names. What meminfo lacks has a name of its own: `Pcp` (free pages on per-CPU lists),
 * `Isolated(anon)`, `Isolated(file)`, `Zspages`, `Used` and `BuffCache` (as free(1) sums them), `TcpMem`,
 * `MiscReclaimable` (KReclaimable less SReclaimable).
 */
export type Counters = ReadonlyMap<string, Amount>;

/** One slab cache, whichever report it came from. Caches of one name are added up; `copies` says how many there were. */
export interface SlabCache {
  readonly name: string;
  /** Objects in use. SLUB counts objects on per-CPU slabs as used. */
  readonly objects?: number;
  /** Slots, used or free. */
  readonly slots?: number;
  /** Slot size with padding and debug fields, as the report gives it. */
  readonly objectSize?: Bytes;
  readonly slabs?: number;
  /** Pages held. */
  readonly bytes: Bytes;
  /** Known for certain from the report (an out-of-memory report lists unreclaimable caches only; sysfs flags). */
  readonly reclaimable?: boolean;
  readonly copies: number;
  /** Other names that the kernel serves from this cache. */
  readonly aliases: readonly string[];
  readonly at: Provenance;
}
export interface CacheTable {
  readonly caches: readonly SlabCache[];
  /** True where it lists every cache; a row or two, a top list or a cut table does not. */
  readonly whole: boolean;
  /** True where the amounts are growth between two moments, not what is held. */
  readonly difference?: true;
  /** Sum that the report itself states for all caches (slabtop's header), listed or not. */
  readonly stated?: { readonly used: Bytes; readonly held: Bytes; readonly at: Provenance };
}

/** vmalloc areas that share one caller. */
export interface VmallocUser {
  readonly caller: string;
  readonly module?: string;
  readonly areas: number;
  /** Pages behind them; areas without pages (ioremap, vmap) count 0. */
  readonly bytes: Bytes;
  readonly at: Provenance;
}
export interface VmallocUse {
  readonly users: readonly VmallocUser[];
  /** The part that is kernel stacks (VMAP_STACK). */
  readonly stackBytes: Bytes;
}

export interface ZoneFreeLists {
  readonly node: number;
  readonly zone: string;
  /** Free blocks by order, from 0. */
  readonly blocks: readonly number[];
  readonly at: Provenance;
}

export interface DentryState {
  readonly dentries: Count;
  readonly unused: Count;
  /** From Linux 5.0 on. */
  readonly negative?: Count;
}

/** A control group controller's line in /proc/cgroups. */
export interface CgroupController {
  readonly name: string;
  readonly groups: number;
  readonly at: Provenance;
}

export interface ProcessUse {
  readonly pid?: number;
  readonly name: string;
  readonly rss?: Bytes;
  readonly pss?: Bytes;
  readonly anonymous?: Bytes;
  readonly shmem?: Bytes;
  readonly at: Provenance;
}

/** A program, package, module or driver and its version, as a list or a banner names it. */
export interface Program {
  readonly kind: 'kernel' | 'module' | 'package' | 'program' | 'library' | 'firmware';
  readonly name: string;
  readonly version: string;
  readonly at: Provenance;
}

export interface LoadedModule {
  readonly name: string;
  readonly bytes: Bytes;
  /** Absent on kernels that cannot unload modules. */
  readonly references?: number;
  /** Taint flags: `O` out of tree, `E` unsigned, `P` proprietary. */
  readonly taints: string;
  readonly at: Provenance;
}

/** Memory that a subsystem with a manager of its own says it holds: ARC, SPL slabs, GPU buffer objects, a balloon. */
export interface Pool {
  readonly id: 'zfs-arc' | 'spl-slab' | 'gpu-buffers' | 'balloon' | 'bcachefs-btree-cache' | 'other';
  /** For people: `ZFS ARC`, `V3D buffer objects`. */
  readonly name: string;
  /** The driver or module that manages it. */
  readonly owner: string;
  readonly bytes: Bytes;
  /** What of it is in use by live objects, where it says. */
  readonly used?: Bytes;
  readonly objects?: number;
  /** The manager's own limit, where it says. */
  readonly limit?: Bytes;
  readonly at: Provenance;
}

/** What a crash or drgn session, pasted as text, shows of single objects. */
export interface DumpedMemory {
  /** Objects listed in use, by cache. */
  readonly objects: readonly { readonly cache: string; readonly address: string; readonly at: Provenance }[];
  /** Words of memory as `rd` prints them. */
  readonly words: readonly { readonly address: string; readonly value: string; readonly at: Provenance }[];
  /** Symbols resolved by `sym`, or beside a word. */
  readonly symbols: readonly {
    readonly address: string;
    readonly symbol: string;
    readonly module?: string;
    readonly at: Provenance;
  }[];
  /** Structures printed by `struct TYPE ADDRESS`, with members as text. */
  readonly structs: readonly {
    readonly type: string;
    readonly address?: string;
    readonly members: readonly { readonly name: string; readonly value: string; readonly symbol?: string }[];
    readonly at: Provenance;
  }[];
}

export interface Sockets {
  readonly used: Count;
  readonly tcpMemory?: Amount;
}

export interface Host {
  readonly release?: string;
  readonly machine?: string;
  readonly name?: string;
  /** /proc/sys/kernel/random/boot_id: another one is another boot. */
  readonly boot?: string;
  readonly pageSize?: Bytes;
}

/** When a snapshot was taken. `clock` says what `seconds` counts from; only snapshots on one clock can be ordered. */
export interface SnapshotTime {
  readonly seconds: Seconds;
  readonly clock: 'boot' | 'epoch' | 'file';
  readonly at: Provenance;
}

/** One machine at one time, as far as the inputs show it. Immutable; what was not seen is absent. */
export interface Snapshot {
  /** What the reader calls it: the directory, file or stamp it came from. */
  readonly label: string;
  readonly time?: SnapshotTime;
  readonly host: Host;
  readonly counters: Counters;
  readonly caches?: CacheTable;
  readonly dentryState?: DentryState;
  readonly vmalloc?: VmallocUse;
  readonly freeLists: readonly ZoneFreeLists[];
  readonly reports: readonly AllocationReport[];
  readonly events: readonly KernelEvent[];
  readonly cgroups: readonly CgroupController[];
  /** Control groups that were removed and are not freed, as the root of version 2 counts them. */
  readonly dyingCgroups?: Count;
  readonly sockets?: Sockets;
  /** Threads that exist, as the scheduler counts them (/proc/loadavg). */
  readonly threads?: Count;
  /** Pages ever freed since boot (vmstat's pgfree): it only rises, so it tells one boot from another. */
  readonly pagesFreed?: Count;
  readonly processes: readonly ProcessUse[];
  /** Sum over processes that a tool or a file states as one number. */
  readonly processSum?: { readonly pss?: Amount; readonly rss?: Amount };
  readonly programs: readonly Program[];
  readonly modules: readonly LoadedModule[];
  readonly pools: readonly Pool[];
  readonly dumped: DumpedMemory;
  /** Kinds of blocks this was built from, e.g. `meminfo`, with the file each stood in. */
  readonly seen: readonly { readonly kind: string; readonly file: string }[];
}

/** What one family of formats contributes to a snapshot. Lists are joined; of single values the first given stays. */
export type SnapshotPart = Partial<Omit<Snapshot, 'label' | 'seen'>>;
