import type { Layer } from '../finding.ts';

/** The memory of a dump as a map: use, then cache or who asked for it, then type. Sizes in bytes. */
export interface CoreMap {
  readonly release: string;
  readonly machine: string;
  readonly totalBytes: number;
  /** Disjoint, the largest first; they add up to `totalBytes`. */
  readonly areas: readonly CoreMapArea[];
  /** In use, and nothing in memory leads to them. */
  readonly unreachable: { readonly objects: number; readonly bytes: number };
  /** Caches whose objects were not looked into, for they are many and time is short. */
  readonly unlooked: number;
  readonly problems: readonly string[];
}

export interface CoreMapArea {
  /** A bucket of the memory equation, or `unexplained`. */
  readonly name: string;
  readonly label: string;
  readonly layer: Layer;
  readonly bytes: number;
  /** The fields it was computed of. */
  readonly from: string;
  /** Never more than the area; the largest first. */
  readonly parts: readonly CoreMapPart[];
}

/** A slab cache, who asked for vmalloc areas, blocks of one size. */
export interface CoreMapPart {
  readonly kind: 'cache' | 'caller' | 'blocks';
  readonly name: string;
  readonly bytes: number;
  /** Objects in use, areas, blocks. */
  readonly count: number;
  /** Other names of a cache. */
  readonly aliases?: readonly string[];
  /** An address of one of them. */
  readonly sample?: string;
  /** What the objects of a cache are, the most first; together less than the cache, where it has room. */
  readonly types: readonly CoreMapType[];
}

export interface CoreMapType {
  /** `struct seq_operations`; absent where the content leaves no type, or several. */
  readonly type?: string;
  readonly objects: number;
  readonly bytes: number;
  /** Of the objects, those that nothing leads to. */
  readonly unreachable: number;
}
