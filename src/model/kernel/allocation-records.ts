import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel } from './kernel.ts';
import type { KmemCache } from './slab-caches.ts';
import type { SlabHeap } from './slab-heap.ts';
import { StackDepot, type Stack } from './stack-depot.ts';

/** Who allocated an object, as a detector of the kernel wrote it down. */
export interface AllocationRecord {
  readonly detector: 'kmemleak' | 'slub_debug';
  /** Return addresses, the innermost first. */
  readonly stack: Stack;
  readonly pid?: number;
  /** Chosen by users: escape before showing. */
  readonly comm?: string;
}

/** Ask of single objects who allocated them; what the kernel did not write down is absent. */
export class AllocationRecords {
  readonly #kernel: Kernel;
  readonly #heap: SlabHeap;
  readonly #depot: StackDepot | undefined;

  constructor(kernel: Kernel, heap: SlabHeap) {
    this.#kernel = kernel;
    this.#heap = heap;
    this.#depot = StackDepot.open(kernel);
  }

  /** Of the objects at these addresses, by address: kmemleak's records are gone through once for all of them. */
  of(wanted: ReadonlyMap<bigint, KmemCache>): ReadonlyMap<bigint, AllocationRecord> {
    const found = new Map<bigint, AllocationRecord>(this.#kmemleak(new Set(wanted.keys())));
    for (const [address, cache] of wanted) {
      const track = found.has(address) ? undefined : ifThere(() => this.#track(cache, address));
      if (track) found.set(address, track);
    }
    return found;
  }

  /**
   * struct track, behind each object of a cache with slub_debug=U (SLAB_STORE_USER; mm/slub.c, get_track): first that of the
   * allocation, then that of the last freeing. Addresses in the struct before 5.19 (commit 5cf909c553e9), since then a handle.
   */
  #track(cache: KmemCache, address: bigint): AllocationRecord | undefined {
    const { memory, layouts } = this.#kernel;
    const at = cache.slub?.trackOffset;
    if (at === undefined) return undefined;
    const track = viewStruct(memory, layouts, 'track', address + BigInt(at));
    const addr = track.pointer('addr');
    if (addr === 0n) return undefined;
    const stack = track.has('handle')
      ? this.#depot?.stack(track.number('handle'))
      : traces(track.has('addrs') ? track.bytes('addrs') : undefined);
    return { detector: 'slub_debug', stack: stack ?? [addr], pid: track.number('pid') };
  }

  /** struct kmemleak_object (mm/kmemleak.c): a stack in the record before 6.3 (commit 56a61617dd22), since then a handle. */
  *#kmemleak(wanted: ReadonlySet<bigint>): Generator<[bigint, AllocationRecord]> {
    const { memory, layouts, directMap } = this.#kernel;
    const layout = layouts.struct('kmemleak_object');
    const cache = this.#heap.caches.findIndex(({ name }) => name === 'kmemleak_object');
    if (!layout || cache < 0 || !directMap || wanted.size === 0) return;
    const pointer = layout.need('pointer').offset;
    for (const address of addressesOf(this.#kernel, this.#heap, cache)) {
      const of = ifThere(() => memory.u64(address + BigInt(pointer)));
      if (of === undefined || !wanted.has(of)) continue;
      const record = ifThere((): AllocationRecord => {
        const view = viewStruct(memory, layouts, layout, address);
        const handle = view.has('trace_handle') ? this.#depot?.stack(view.number('trace_handle')) : undefined;
        const stack = handle ?? traces(view.has('trace') ? view.bytes('trace') : undefined);
        return { detector: 'kmemleak', stack: stack ?? [], pid: view.number('pid'), comm: view.text('comm') };
      });
      if (record && record.stack.length > 0) yield [of, record];
    }
  }
}

/** An array of return addresses, up to the first that is none. */
function traces(bytes: Uint8Array | undefined): Stack | undefined {
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: bigint[] = [];
  for (let at = 0; at + 8 <= bytes.length && view.getBigUint64(at, true) !== 0n; at += 8)
    stack.push(view.getBigUint64(at, true));
  return stack;
}

function* addressesOf({ directMap, memory }: Kernel, { table, caches }: SlabHeap, cache: number): Generator<bigint> {
  const base = (directMap?.virtual ?? 0n) - BigInt(directMap?.physical ?? 0);
  const size = caches[cache]?.size ?? 0;
  for (let slab = 0; slab < table.count; slab++) {
    if (table.cache[slab] !== cache) continue;
    const start = base + BigInt((table.frame[slab] ?? 0) * memory.pageSize + (table.start[slab] ?? 0));
    for (let i = 0; i < (table.capacity[slab] ?? 0); i++)
      if (!table.isFree((table.first[slab] ?? 0) + i)) yield start + BigInt(i * size);
  }
}
