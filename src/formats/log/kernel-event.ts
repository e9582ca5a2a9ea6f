import type { Provenance } from '../../base/provenance.ts';
import type { Bytes } from '../../base/units.ts';
import type { AllocationGroup } from '../detectors/allocation-report.ts';
import type { Frame } from '../detectors/frame.ts';

interface EventBase {
  readonly at: Provenance;
  /** Seconds since boot, where the log has them. */
  readonly uptime?: number;
}

/** The kernel's own account of memory, printed with an out-of-memory kill, an allocation failure or SysRq-m. */
export interface MemInfoReport {
  /**
   * Amounts by meminfo's names where meminfo has the same thing (`MemFree`, `Active(anon)`, `SReclaimable`, `Shmem`,
   * `PageTables`, `KernelStack`, `SwapTotal` …), and `MemTotal` from "pages RAM" less reserved or the zones' managed
   * sum, `Pcp` from free_pcp, `Isolated(anon)`, `Isolated(file)`, `MiscReclaimable`.
   */
  readonly amounts: ReadonlyMap<string, { readonly bytes: Bytes; readonly at: Provenance }>;
  /** From "Unreclaimable slab info:"; the kernel lists unreclaimable caches only. */
  readonly caches: readonly { readonly name: string; readonly used: Bytes; readonly total: Bytes; readonly at: Provenance }[];
  /** From "Memory allocations:", kernels with allocation profiling. */
  readonly allocations: readonly AllocationGroup[];
  /** Huge pages of every size: pool total and free. */
  readonly hugepages: readonly { readonly size: Bytes; readonly total: number; readonly free: number }[];
}

export interface OomTask {
  readonly pid: number;
  readonly name: string;
  readonly rss: Bytes;
  readonly at: Provenance;
}

/** What a kernel log says about memory, line by line or block by block. */
export type KernelEvent =
  | (EventBase & {
      readonly kind: 'out-of-memory';
      /** Who asked for the kill: an allocation, a memory cgroup's limit, or the operator (SysRq-f). Absent where that part was cut off. */
      readonly trigger?: 'allocation' | 'memory-cgroup' | 'sysrq';
      readonly process?: string;
      readonly order?: number;
      readonly release?: string;
      readonly report?: MemInfoReport;
      readonly tasks: readonly OomTask[];
      readonly killed?: { readonly pid: number; readonly name: string; readonly anonRss?: Bytes };
    })
  | (EventBase & {
      readonly kind: 'allocation-failure';
      /** `vmalloc: allocation failure`: an area too large, not memory that is short. */
      readonly vmalloc: boolean;
      readonly process?: string;
      readonly order?: number;
      readonly requested?: Bytes;
      readonly stack: readonly Frame[];
      readonly report?: MemInfoReport;
    })
  | (EventBase & {
      readonly kind: 'slub-cannot-allocate';
      readonly cache: string;
      /** The memory cgroup of a per-cgroup cache: `name(id:cgroup)`. */
      readonly memcg?: string;
      readonly objectSize?: Bytes;
      readonly slabs?: number;
      readonly objects?: number;
      readonly free?: number;
      readonly times: number;
    })
  | (EventBase & {
      readonly kind: 'objects-remaining';
      readonly cache: string;
      readonly memcg?: string;
      readonly objects?: number;
      /** The function that destroyed the cache, and its module. */
      readonly destroyer?: Frame;
      readonly process?: string;
    })
  | (EventBase & {
      readonly kind: 'module-unload-leak';
      readonly module: string;
      readonly function: string;
      readonly source: string;
      readonly bytes: Bytes;
    })
  | (EventBase & {
      readonly kind: 'kmemleak';
      readonly state: 'initialized' | 'disabled' | 'early-log-exceeded' | 'pool-exhausted' | 'suspects';
      /** Suspects: how many new ones. Early log: how many entries did not fit. */
      readonly count?: number;
      /** The line as the kernel wrote it. */
      readonly text: string;
    })
  | (EventBase & { readonly kind: 'module-version'; readonly module: string; readonly version: string })
  | (EventBase & { readonly kind: 'release'; readonly release: string });

export interface KernelLog {
  readonly events: readonly KernelEvent[];
  readonly lines: number;
}
