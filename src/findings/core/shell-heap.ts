import type { ObjectState } from './core-slabs.ts';

/** A slab cache in the columns of `kmem -s`. */
export interface ShellCache {
  readonly address: string;
  readonly name: string;
  readonly objectSize: number;
  readonly allocated: number;
  readonly total: number;
  readonly slabs: number;
  /** Bytes of one slab. */
  readonly slabBytes: number;
}

/** A slab as `kmem -S` shows it. */
export interface ShellSlab {
  /** Of its struct slab or struct page; absent where the memory map does not say. */
  readonly slab?: string;
  /** Where it begins. */
  readonly memory: string;
  readonly node?: number;
  readonly total: number;
  readonly allocated: number;
  readonly objects: readonly { readonly address: string; readonly state: ObjectState }[];
}

/** A struct page in the columns of `kmem -p`. */
export interface ShellPage {
  readonly page: string;
  /** Absent where the struct page is not in the dump. */
  readonly content?: {
    readonly mapping: string;
    readonly index: string;
    readonly count: number;
    readonly flags: string;
    readonly names: readonly string[];
  };
  readonly physical: number;
}
