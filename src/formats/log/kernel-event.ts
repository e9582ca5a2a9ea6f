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
   * sum, `Pcp` from free_pcp, `Isolated(anon)`, `Isolated(file)`, `MiscReclaimable`, `FilePages` (page cache, buffers
   * and swap cache together), `Hugetlb` (pools of every size).
   */
  readonly amounts: ReadonlyMap<string, { readonly bytes: Bytes; readonly at: Provenance }>;
  /** From "Unreclaimable slab info:"; the kernel lists unreclaimable caches only. */
  readonly caches: readonly {
    readonly name: string;
    readonly used: Bytes;
    readonly total: Bytes;
    readonly at: Provenance;
  }[];
  /** From "Memory allocations:", kernels with allocation profiling. */
  readonly allocations: readonly AllocationGroup[];
  /** Huge pages of every size: pool total and free. */
  readonly hugepages: readonly { readonly size: Bytes; readonly total: number; readonly free: number }[];
}

/** The memory cgroup whose limit was hit, as its own out-of-memory report states it. */
export interface CgroupLimit {
  readonly path?: string;
  readonly usage?: Bytes;
  readonly limit?: Bytes;
  /** What of the usage is kernel memory, where it is accounted. */
  readonly kernel?: Bytes;
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
      readonly cgroup?: CgroupLimit;
    })
  | (EventBase & {
      /** The operator asked for it (SysRq-m): nothing failed. */
      readonly kind: 'memory-report';
      readonly report: MemInfoReport;
    })
  | (EventBase & {
      readonly kind: 'allocation-failure';
      /** `vmalloc: allocation failure`: an area too large, not memory that is short. */
      readonly vmalloc: boolean;
      readonly process?: string;
      readonly order?: number;
      readonly requested?: Bytes;
      /** Allocation flags by name, where the kernel spells them: `GFP_KERNEL|__GFP_ZERO`. */
      readonly mode?: string;
      readonly release?: string;
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
      /** Where the first remaining object was allocated, where SLUB keeps track (slub_debug=U). */
      readonly allocator?: Frame;
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
  | (EventBase & { readonly kind: 'release'; readonly release: string })
  | (EventBase & {
      readonly kind: 'complaint';
      readonly what: Complaint;
      /** The line as the kernel wrote it; of several alike, the last. */
      readonly text: string;
      /** The number that the line itself states: references, inodes, pages in flight. */
      readonly count?: number;
      /** How many lines said the same, numbers aside. */
      readonly times: number;
      /** The line below it that says more: one of the entries, why the page was dumped. */
      readonly detail?: string;
      /** The call trace printed with it, innermost first; of mappings the one that says where they were made. */
      readonly stack?: readonly Frame[];
      /** The network driver whose line stands last before it: a page pool is a network driver's. */
      readonly nearDriver?: string;
    });

/** A line by which the kernel says that memory, a reference or a mapping was lost, or that a table of objects is full. */
export type Complaint =
  | 'page-pool-stalled'
  | 'bad-page'
  | 'bad-rss-counter'
  | 'page-tables-not-freed'
  | 'netdevice-reference'
  | 'busy-inodes'
  | 'pending-dma'
  | 'refcount-saturated'
  | 'drm-memory-manager'
  | 'page-owner-disabled'
  | 'percpu-exhausted'
  | 'gpu-memory-pinned'
  | 'slab-list-unavailable'
  | 'socket-memory'
  | 'route-cache-full'
  | 'file-table-full'
  | 'left-behind';

export interface KernelLog {
  readonly events: readonly KernelEvent[];
  readonly lines: number;
}
