/** `kleak core leaks --json`: what is in use and nothing in memory leads to. Sizes in bytes, addresses as 16 hex digits. */
export interface CoreLeaks {
  readonly scanned: { readonly bytes: number; readonly words: number; readonly seconds: number };
  /** In use, all caches. */
  readonly objects: number;
  readonly unreachable: { readonly objects: number; readonly bytes: number };
  /** Bytes that should have been searched and are not in the dump, and how many references may lie there. */
  readonly missing: { readonly bytes: number; readonly references: number };
  /** The most bytes first. */
  readonly groups: readonly CoreLeakGroup[];
  /** Blocks of pages, and vmalloc areas. */
  readonly memory: readonly {
    readonly kind: 'pages' | 'vmalloc';
    readonly pages: number;
    readonly blocks: number;
    readonly bytes: number;
    readonly reachableAlike: number;
    /** What most of them begin with, as text or in hexadecimal. */
    readonly begins?: string;
    readonly holder?: { readonly module?: string; readonly symbol: string };
    readonly samples: readonly string[];
  }[];
  /** Absent where the dump does not say what the per-CPU allocator gave out. */
  readonly percpu?: readonly CoreLostPercpu[];
}

/** Areas of per-CPU memory of one size that nothing refers to. Sizes in bytes. */
export interface CoreLostPercpu {
  /** For one CPU. */
  readonly size: number;
  readonly areas: number;
  readonly cpus: number;
  /** For all CPUs. */
  readonly bytes: number;
  readonly referencedAlike: number;
  readonly owner?: { readonly function: string; readonly module: string };
  readonly samples: readonly string[];
}

export interface CoreLeakGroup {
  readonly cache: string;
  readonly type?: string;
  /** How many times the whole of it was left behind. */
  readonly units: number;
  readonly objects: number;
  readonly bytes: number;
  /** `none`: most begin with an object that no word holds the address of; else they only point to each other. */
  readonly referrers: 'none' | 'each other';
  /** Whether what the dump lacks could hold as many references. */
  readonly certain: boolean;
  readonly owner?: { readonly module?: string; readonly function?: string };
  /** What else belongs to each. */
  readonly with: readonly { readonly cache: string; readonly type?: string; readonly objects: number }[];
  readonly fields: readonly { readonly offset: number; readonly symbol: string; readonly member?: string }[];
  readonly samples: readonly string[];
}
