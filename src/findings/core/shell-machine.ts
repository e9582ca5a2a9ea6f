/** `sys`. */
export interface ShellSystem {
  readonly kernel: string;
  readonly dump: string;
  readonly cpus: number;
  /** ISO 8601. */
  readonly date?: string;
  readonly uptimeSeconds?: number;
  readonly loadAverage?: readonly number[];
  readonly tasks: number;
  readonly node: string;
  readonly release: string;
  readonly version: string;
  readonly machine: string;
  readonly memoryBytes: number;
  readonly panic?: string;
}

/** `kmem -i`. Amounts in bytes; absent what the dump does not tell. */
export interface ShellMemoryUsage {
  readonly pageSize: number;
  readonly total?: number;
  readonly free?: number;
  readonly shared?: number;
  readonly buffers?: number;
  readonly cached?: number;
  readonly slab?: number;
  readonly hugeTotal?: number;
  readonly hugeFree?: number;
  readonly swapTotal?: number;
  readonly swapFree?: number;
  readonly commitLimit?: number;
  readonly committed?: number;
}

/** An area of vmalloc space, `kmem -v`. */
export interface ShellArea {
  /** Of its struct vmap_area. */
  readonly area?: string;
  /** Of its struct vm_struct; absent where it has none. */
  readonly descriptor?: string;
  readonly start: string;
  readonly end: string;
  readonly size: number;
}

/** A zone of a node. Amounts in pages. */
export interface ShellZone {
  readonly node: number;
  readonly zone: number;
  readonly address: string;
  readonly name: string;
  readonly spanned: number;
  readonly present: number;
  readonly watermarks: readonly number[];
  readonly free: number;
  /** Of the struct page of its first frame. */
  readonly map?: string;
  readonly startFrame: number;
  readonly startPhysical: number;
  readonly counters: readonly (readonly [name: string, count: number])[];
}

/** `kmem -n`. */
export interface ShellNode {
  readonly node: number;
  readonly address: string;
  readonly spanned: number;
  readonly zones: readonly ShellZone[];
  readonly sections: readonly ShellSection[];
}

/** A stretch of the memory map. */
export interface ShellSection {
  readonly map: string;
  readonly firstFrame: number;
  readonly frames: number;
}

/** The blocks of one order and one kind of movability. */
export interface ShellFreeArea {
  readonly order: number;
  readonly blockBytes: number;
  /** Of the head of its list. */
  readonly list: string;
  readonly movability: string;
  readonly blocks: number;
  readonly pages: number;
}

/** `mount`. */
export interface ShellMount {
  readonly mount: string;
  readonly superblock: string;
  readonly type: string;
  readonly device: string;
  readonly directory: string;
}

/** `mod`. */
export interface ShellModule {
  readonly module: string;
  readonly name: string;
  readonly base: string;
  readonly sizeBytes: number;
  readonly references?: number;
  readonly taints: string;
}
