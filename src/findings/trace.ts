import type { Verdict } from './finding.ts';

/** What one process allocated at a place, and holds. Sizes in bytes. */
export interface TraceShare {
  readonly process: string;
  readonly objects: number;
  readonly bytes: number;
}

/** One place that allocates: what it took while it was traced, and what of that was not freed. Sizes in bytes. */
export interface TraceSite {
  readonly function: string;
  readonly module?: string;
  /** The type that the place makes, and what has to free it, where its functions tell. */
  readonly type?: string;
  readonly partner?: string;
  /** Services of the kernel that it allocates through, innermost first: `single_open`. */
  readonly through: readonly string[];
  /** Where the allocator returns to: `single_open+0x2a`, or the address where no symbol is known. */
  readonly callSite: string;
  /** Next functions outwards, where stacks were recorded. */
  readonly callers: readonly string[];
  /** Not freed while traced. */
  readonly objects: number;
  readonly bytes: number;
  /** Of these, allocated in the first half of the trace: what is freed soon is not among them. */
  readonly heldFromFirstHalf: number;
  readonly allocated: number;
  /** Given out again though their free was not seen: freed in bulk or by RCU, which is not traced, or the event was lost. */
  readonly freedUnseen: number;
  /** Seconds that its objects lived, of those whose free was seen. */
  readonly meanLifeSeconds?: number;
  readonly processes: readonly TraceShare[];
  /** The stack that holds most, innermost first, where stacks were recorded. */
  readonly stack?: readonly string[];
}

/** The document of `kleak trace`. */
export interface TraceDocument {
  readonly schema: 'kleak.trace/1';
  readonly verdict: Verdict;
  readonly summary: string;
  readonly cache: string;
  /** Names that the kernel serves from the same cache. */
  readonly aliases: readonly string[];
  readonly objectBytes?: number;
  /** ISO 8601. */
  readonly started: string;
  readonly seconds: number;
  /** Absent where the events could not be had: `fallback` says why. */
  readonly events?: {
    readonly allocations: number;
    readonly frees: number;
    /** Frees of what was allocated before the trace. */
    readonly freedBefore: number;
    readonly outstandingObjects: number;
    readonly outstandingBytes: number;
    /** Overwritten before they were read. A free among them leaves its object outstanding here. */
    readonly lost: number;
    /** Allocations beyond the number of pointers that are followed at a time. */
    readonly notFollowed: number;
  };
  /** Those that hold most first. */
  readonly sites: readonly TraceSite[];
  /** The cache's objects in use before and after, by /proc/slabinfo. */
  readonly cacheObjects?: { readonly before: number; readonly after: number };
  /** What limits the answer, in words. */
  readonly limits: readonly string[];
  readonly overhead?: TraceOverhead;
  /** What was changed on the host and undone. */
  readonly changed: readonly string[];
  readonly fallback?: { readonly because: string; readonly remedy: string };
}

/** What the trace cost this host, measured on it. */
export interface TraceOverhead {
  /** CPU time of this process, reading and matching. */
  readonly readerCpuSeconds: number;
  /** Events that were written to the buffer. */
  readonly eventsPerSecond: number;
  /** Events of this kind on the whole host, without the filters, in half a second before the trace. */
  readonly hostEventsPerSecond?: number;
  /** What one event costs the task that makes it, measured by making some with and without tracing. */
  readonly nanosecondsPerEvent?: number;
  /** Both together, as a share of one CPU. */
  readonly cpuShare?: number;
  /** Kernel memory that the buffers took. */
  readonly bufferBytes: number;
}
