import { type MemberType, type StructSpec } from './struct-spec.ts';
import type { Enums } from './write-types.ts';

/**
 * A slab, one character an object. A: allocated; f: free, on the list (SLAB: in the index) of the slab; a digit: free, on
 * the list (SLAB: in the array) of that CPU. Free in a sheaf of CPU 0: m main, s spare, r rcu_free; of CPU 1: M, S, R. Free
 * in a barn: b of the first node, B of the second. SLAB: h free in the array that a node's CPUs share, x in one for
 * another node.
 */
export type SlabText = string;

export interface SlabSpec {
  readonly objects: SlabText;
  /** The CPU that allocates from it; follows from digits. */
  readonly activeOn?: number;
  /** Frozen, on the partial list of a CPU. */
  readonly partialOf?: number;
}

export interface CacheSpec {
  readonly name: string;
  /** Bytes from object to object. */
  readonly size: number;
  readonly objectSize?: number;
  readonly order?: number;
  readonly reclaimable?: boolean;
  /** SLUB: where in a free object the pointer to the next lies. */
  readonly freeOffset?: number;
  readonly redLeftPad?: number;
  /** The cache that this one serves a memory cgroup for. */
  readonly root?: string;
  /** SLAB: where the index of a slab lies, and bytes before the first object. */
  readonly index?: 'start' | 'end' | 'off';
  readonly colour?: number;
  readonly slabs: readonly (SlabText | SlabSpec)[];
}

export interface BuiltSlab {
  readonly frame: number;
  /** Of the struct page. */
  readonly page: bigint;
  readonly objects: readonly bigint[];
  readonly text: SlabText;
}

export interface BuiltCache {
  readonly name: string;
  readonly address: bigint;
  readonly slabs: readonly BuiltSlab[];
  /** Per-CPU pointers, where the cache has them. */
  readonly cpuSlab?: bigint;
  readonly cpuSheaves?: bigint;
  readonly cpuCache?: bigint;
}

/** What an allocator brings to the types of a kernel. */
export interface HeapTypes {
  readonly structs: readonly StructSpec[];
  readonly enums: Enums;
  readonly typedefs: Readonly<Record<string, MemberType>>;
}

/** Each object of a slab as a walk should find it: a allocated, f free. */
export const expectedStates = (text: SlabText): string => text.replaceAll(/[^A]/g, 'f').replaceAll('A', 'a');

/** The objects that a mark stands for, in an order that is not that of memory. */
export function marked(text: SlabText, mark: string): readonly number[] {
  const found = Array.from(text).flatMap((c, i) => (c === mark ? [i] : []));
  return [...found.filter((_, i) => i % 2 === 1), ...found.filter((_, i) => i % 2 === 0).toReversed()];
}

export const specOf = (slab: SlabText | SlabSpec): SlabSpec => (typeof slab === 'string' ? { objects: slab } : slab);
