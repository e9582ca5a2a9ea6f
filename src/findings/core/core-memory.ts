import type { Accounting } from '../diagnosis.ts';

/**
 * `kleak core memory --json`: the memory equation of `kleak diagnose`, from a dump. Every page of RAM is looked at and counted
 * once; where pages of several users look alike, a counter of the kernel divides them, and `from` says so.
 */
export interface CoreMemory extends Accounting {
  /** What every page is used for, the most used first. `core pages` has more. */
  readonly uses: readonly PageUse[];
  /** Pages by the order of the block that they were taken in, of those whose use nothing tells. */
  readonly unaccountedOrders: readonly BlockOrder[];
  /** What /proc/meminfo would have said, by its names, in bytes. */
  readonly meminfo: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

export interface PageUse {
  /** As `core whatis` has it: `anonymous`, `slab`, `single`. */
  readonly use: string;
  /** For people. */
  readonly label: string;
  readonly pages: number;
  readonly bytes: number;
  /** Pages of MemTotal; reserved ones and those out of use are not. */
  readonly isManaged: boolean;
}

/** Blocks of 2^order pages. */
export interface BlockOrder {
  readonly order: number;
  readonly blocks: number;
  readonly pages: number;
  readonly bytes: number;
  /** Taken as a compound page (__GFP_COMP). */
  readonly isCompound: boolean;
  /** Kernel addresses of some of them. */
  readonly samples: readonly string[];
}

/** `kleak core pages --json`: pages by use, with examples. */
export interface CorePages {
  readonly pageSize: number;
  readonly totalPages: number;
  readonly uses: readonly PageUseSamples[];
  /** Of pages whose use nothing tells: single, compound, uncounted. */
  readonly orders: readonly BlockOrder[];
  /** By who took them, where the kernel has page_owner; the most pages first. */
  readonly owners?: readonly PageOwnerGroup[];
  readonly problems: readonly string[];
}

export interface PageUseSamples extends PageUse {
  readonly samples: readonly PageSample[];
}

export interface PageSample {
  readonly frame: number;
  /** Where the page is mapped in the direct map. */
  readonly address?: string;
  /** Of its struct page. */
  readonly struct?: string;
}

/** Pages that were taken with one stack. */
export interface PageOwnerGroup {
  /** Innermost first, as the kernel prints it. */
  readonly stack: readonly string[];
  /** The first function that is no plumbing of the allocator; absent where no stack was recorded. */
  readonly function?: string;
  readonly module?: string;
  /** The next functions outwards. */
  readonly callers: readonly string[];
  /** Why there is no stack: taken before page_owner began, while it was recording, or the depot was full. */
  readonly unrecorded?: 'early' | 'recursive' | 'failed';
  readonly pages: number;
  readonly bytes: number;
  readonly blocks: number;
  /** Orders of the blocks. */
  readonly orders: readonly number[];
  /** Who ran when they were taken, the most frequent first. */
  readonly processes: readonly string[];
  readonly samples: readonly PageSample[];
}
