import type { SlabColumns, SlabTable } from '../heap/slab-table.ts';
import type { Kernel } from './kernel.ts';
import type { KmemCache } from './slab-caches.ts';

/** All slabs of a machine, with their caches and what is free in them. */
export interface SlabHeap {
  readonly allocator: 'SLUB' | 'SLAB';
  /** Their place is their number in `table.cache`. */
  readonly caches: readonly KmemCache[];
  readonly table: SlabTable;
  /** Slabs of each cache whose free objects could not all be told, by cache number. */
  readonly unknownSlabs: ReadonlyMap<number, number>;
  /** The allocator's own arrays of objects: what they hold is free, or stands behind their end and is left over. */
  readonly arrays: readonly ObjectArray[];
  readonly problems: readonly HeapProblem[];
}

/** Something that was wrong, with the cache it concerns where it is one. */
export interface HeapProblem {
  readonly cache?: number;
  readonly problem: string;
}

/** Pointers to objects, in a sheaf or an array_cache: where they begin, and how many bytes they may take. */
export interface ObjectArray {
  /** Of the struct that they are the end of. */
  readonly holder: bigint;
  readonly from: bigint;
  readonly bytes: number;
}

/** What the walks over free objects share. */
export interface HeapWalk {
  readonly kernel: Kernel;
  readonly caches: readonly KmemCache[];
  readonly columns: SlabColumns;
  readonly table: SlabTable;
  /** What is taken off an address of the direct map to have a physical one. */
  readonly directMap: bigint;
  /** The allocator's own arrays that were met. */
  readonly arrays: ObjectArray[];
  readonly problem: (problem: string, cache?: number) => void;
  /** Counts a slab whose objects can no longer all be told free or not. */
  readonly setUnknown: (slab: number, why: string) => void;
}

/** The number of the object at a kernel address, where a slab lies there and the address is inside of an object. */
export function objectAt(
  { kernel, caches, table, directMap }: Pick<HeapWalk, 'kernel' | 'caches' | 'table' | 'directMap'>,
  address: bigint,
): { readonly object: number; readonly slab: number; readonly offset: number } | undefined {
  const pageSize = kernel.memory.pageSize;
  const physical = address - directMap;
  if (physical < 0n || physical >= 2n ** 52n) return undefined;
  const at = Number(physical);
  const slab = table.slabAt(Math.floor(at / pageSize));
  if (slab === undefined) return undefined;
  const size = caches[table.cache[slab] ?? 0]?.size ?? 0;
  const within = at - (table.frame[slab] ?? 0) * pageSize - (table.start[slab] ?? 0);
  const index = Math.floor(within / size);
  if (within < 0 || !(index < (table.capacity[slab] ?? 0))) return undefined;
  return { object: (table.first[slab] ?? 0) + index, slab, offset: within - index * size };
}

/** The address of an object. */
export function addressOfObject(
  { kernel, caches, table, directMap }: Pick<HeapWalk, 'kernel' | 'caches' | 'table' | 'directMap'>,
  slab: number,
  index: number,
): bigint {
  const size = caches[table.cache[slab] ?? 0]?.size ?? 0;
  const start = (table.frame[slab] ?? 0) * kernel.memory.pageSize + (table.start[slab] ?? 0);
  return directMap + BigInt(start + index * size);
}

/**
 * Marks the object that begins at an address as free. A pointer to anything else, or to an object that is free already, is
 * a problem of the list it came from.
 */
export function freeAt(walk: HeapWalk, address: bigint, cache: number, list: string): void {
  const found = objectAt(walk, address);
  if (!found || found.offset !== 0 || walk.table.cache[found.slab] !== cache) {
    walk.problem(`${list} holds ${address.toString(16)}, which is no object of the cache`, cache);
    return;
  }
  if (!walk.table.free(found.object))
    walk.problem(`${list} holds ${address.toString(16)}, which is free already`, cache);
}
