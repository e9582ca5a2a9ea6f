import type { AddressKey, KmemEvent } from '../../model/kmem-event.ts';
import { PointerTable } from './pointer-table.ts';

/** Allocations of one place by one process, and what became of them. */
export interface TracedGroup {
  readonly site: AddressKey;
  /** Innermost first, from the site on; empty where stacks were not recorded. */
  readonly stack: readonly AddressKey[];
  readonly process: string;
  /** Seen while tracing. */
  readonly allocated: number;
  readonly allocatedBytes: number;
  /** Of these, not freed while tracing. */
  readonly outstanding: number;
  readonly outstandingBytes: number;
  /** Of these, allocated in the first half of the trace. */
  readonly old: number;
  /** Objects that were given out again though their free was not seen: it was lost, or made in bulk, which is not traced. */
  readonly freedUnseen: number;
  /** Seconds from allocation to free, of those whose free was seen: the mean. */
  readonly meanLife?: number;
  /** Names of the caches that its objects were freed to, where the events say. */
  readonly caches: readonly string[];
}

export interface TracedAllocations {
  readonly groups: readonly TracedGroup[];
  /** Events taken in. */
  readonly allocations: number;
  readonly frees: number;
  /** Frees of what was allocated before the trace began. */
  readonly freedBefore: number;
  /** Allocations that were not followed, because as many pointers as there is room for were. */
  readonly notFollowed: number;
}

export interface TraceBounds {
  /** Pointers followed at a time. */
  readonly pointers: number;
  /** Different places and processes told apart; later ones count as one. */
  readonly groups: number;
}

interface Draft {
  readonly site: AddressKey;
  readonly stack: readonly AddressKey[];
  readonly process: string;
  allocated: number;
  allocatedBytes: number;
  freed: number;
  lives: number;
  freedUnseen: number;
  readonly caches: Set<string>;
}

const CACHES_KEPT = 4;
const REST = 'other processes';

/** Follows allocations to their frees, by pointer. Takes events in the order of time. */
export class AllocationTrace {
  readonly #bounds: TraceBounds;
  readonly #table: PointerTable;
  readonly #groups: Draft[] = [];
  readonly #index = new Map<string, number>();
  #allocations = 0;
  #frees = 0;
  #freedBefore = 0;
  #notFollowed = 0;
  #start: number | undefined;

  constructor(bounds: TraceBounds) {
    this.#bounds = bounds;
    this.#table = new PointerTable(bounds.pointers);
  }

  /** `process` allocated it; `stack` is what the kernel recorded, innermost first. */
  add(event: KmemEvent, process: string, stack: readonly AddressKey[] = []): void {
    this.#start ??= event.at;
    if (event.kind === 'freed') this.#free(event);
    else this.#allocate(event, process, stack);
  }

  /** `end`: nanoseconds of the trace's clock. */
  finish(end: number): TracedAllocations {
    const half = Math.max(0, (end - (this.#start ?? end)) / 2e6);
    const [outstanding, old] = [new Map<number, number>(), new Map<number, number>()];
    for (const { group, since } of this.#table.values()) {
      outstanding.set(group, (outstanding.get(group) ?? 0) + 1);
      if (since < half) old.set(group, (old.get(group) ?? 0) + 1);
    }
    return {
      groups: this.#groups.map((draft, i) => finishGroup(draft, outstanding.get(i) ?? 0, old.get(i) ?? 0)),
      allocations: this.#allocations,
      frees: this.#frees,
      freedBefore: this.#freedBefore,
      notFollowed: this.#notFollowed,
    };
  }

  #allocate(event: KmemEvent, process: string, stack: readonly AddressKey[]): void {
    this.#allocations++;
    const again = this.#table.take(event.pointer);
    const before = again && this.#groups[again.group];
    if (before) before.freedUnseen++;
    const index = this.#group(event.site, fromSite(stack, event.site), process);
    const draft = this.#groups[index];
    if (!draft) return;
    draft.allocated++;
    draft.allocatedBytes += event.given;
    if (this.#table.isFull) this.#notFollowed++;
    else this.#table.add(event.pointer, index, this.#milliseconds(event.at));
  }

  #free(event: KmemEvent): void {
    this.#frees++;
    const tracked = this.#table.take(event.pointer);
    const draft = tracked && this.#groups[tracked.group];
    if (!draft) {
      this.#freedBefore++;
      return;
    }
    draft.freed++;
    draft.lives += Math.max(0, this.#milliseconds(event.at) - tracked.since);
    if (event.cache !== undefined && draft.caches.size < CACHES_KEPT) draft.caches.add(event.cache);
  }

  #milliseconds(at: number): number {
    return Math.max(0, Math.floor((at - (this.#start ?? at)) / 1e6));
  }

  #group(site: AddressKey, stack: readonly AddressKey[], process: string): number {
    const key = `${process}\n${stack.length > 0 ? stack.join(' ') : site}`;
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    if (this.#groups.length > this.#bounds.groups) return this.#groups.length - 1;
    const last = this.#groups.length === this.#bounds.groups;
    const zero = { allocated: 0, allocatedBytes: 0, freed: 0, lives: 0, freedUnseen: 0, caches: new Set<string>() };
    this.#groups.push(last ? { site: 0, stack: [], process: REST, ...zero } : { site, stack, process, ...zero });
    if (!last) this.#index.set(key, this.#groups.length - 1);
    return this.#groups.length - 1;
  }
}

/** The frames of the tracepoint and of the allocator stand before the one that the allocator returns to. */
function fromSite(stack: readonly AddressKey[], site: AddressKey): readonly AddressKey[] {
  const at = stack.indexOf(site);
  return at > 0 ? stack.slice(at) : stack;
}

function finishGroup(draft: Draft, outstanding: number, old: number): TracedGroup {
  const { site, stack, process, allocated, allocatedBytes, freed, lives, freedUnseen, caches } = draft;
  const each = allocated > 0 ? allocatedBytes / allocated : 0;
  return {
    site,
    stack,
    process,
    allocated,
    allocatedBytes,
    outstanding,
    outstandingBytes: Math.round(each * outstanding),
    old,
    freedUnseen,
    ...(freed > 0 ? { meanLife: lives / freed / 1000 } : {}),
    caches: [...caches],
  };
}
