/** `kleak core vmalloc --json`: areas of vmalloc space, and who asked for them. Sizes in bytes. */
export interface CoreVmalloc {
  /** What the areas own: memory that was allocated for them. */
  readonly bytes: number;
  /** Who holds most first. */
  readonly callers: readonly VmallocCaller[];
  /** By address. */
  readonly areas: readonly CoreVmallocArea[];
  readonly problems: readonly string[];
}

export interface VmallocCaller {
  /** `load_module+0xbb7`, as /proc/vmallocinfo has it; absent where an area does not say. */
  readonly caller?: string;
  readonly module?: string;
  readonly use: string;
  readonly areas: number;
  readonly pages: number;
  readonly bytes: number;
  /** Address space, which costs no memory by itself. */
  readonly addressBytes: number;
  /** Addresses of some areas. */
  readonly samples: readonly string[];
}

export interface CoreVmallocArea {
  readonly address: string;
  /** With the guard page behind it. */
  readonly addressBytes: number;
  /** vmalloc, vmap, ioremap, user, dma-coherent, sparse, vm_map_ram, unnamed, other. */
  readonly use: string;
  /** That it owns. */
  readonly pages: number;
  readonly physical?: string;
  readonly caller?: string;
}
