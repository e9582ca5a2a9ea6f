/** `kleak core slabs --json`: every slab cache, the largest first. Sizes in bytes. */
export interface CoreSlabs {
  readonly allocator: 'SLUB' | 'SLAB';
  readonly caches: readonly CoreCache[];
  readonly problems: readonly string[];
}

export interface CoreCache {
  readonly name: string;
  /** Other names that the kernel serves from this cache. */
  readonly aliases: readonly string[];
  readonly address: string;
  readonly objectSize: number;
  /** From one object to the next. */
  readonly stride: number;
  /** Objects in use. Those of slabs whose free lists cannot be read are counted as the slab itself counts them. */
  readonly allocated: number;
  /** Objects that all slabs have room for. */
  readonly total: number;
  readonly slabs: number;
  readonly bytes: number;
  readonly reclaimable: boolean;
  /** Objects of which the dump does not tell whether they are in use. */
  readonly unknown?: number;
  readonly problems: readonly string[];
}

export type ObjectState = 'allocated' | 'free' | 'unknown';

/** A line of `kleak core objects`. */
export interface CoreObject {
  readonly address: string;
  readonly state: ObjectState;
}
