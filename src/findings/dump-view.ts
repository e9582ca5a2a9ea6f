import type { Bytes } from '../base/units.ts';

/** What a sweep over a crash dump saw, for pictures: `dump` of a diagnosis. */
export interface DumpView {
  readonly file: string;
  readonly scanned: { readonly bytes: number; readonly words: number; readonly objects: number };
  /** Bytes among those that should have been searched and are not in the dump. */
  readonly missingBytes: Bytes;
  /** The largest caches, and of each what was found to be lost in it. */
  readonly caches: readonly DumpViewCache[];
  /** Things that nothing leads to, the most bytes first. */
  readonly lost: readonly DumpViewThing[];
  /** Blocks of the page allocator, and vmalloc areas, that nothing refers to. */
  readonly lostPages: readonly DumpViewPages[];
  /** Ways from a root to what is kept, in words, the root first. */
  readonly chains: readonly DumpViewChain[];
}

export interface DumpViewCache {
  readonly name: string;
  readonly reclaimable: boolean;
  /** In use. */
  readonly objects: number;
  /** Of its slabs. */
  readonly bytes: Bytes;
  readonly lost: readonly {
    /** The type, where the content leaves no other. */
    readonly type?: string;
    readonly objects: number;
    readonly bytes: Bytes;
  }[];
}

export interface DumpViewThing {
  /** How many times it is lost. */
  readonly units: number;
  readonly bytes: Bytes;
  readonly parts: readonly {
    readonly cache: string;
    readonly type?: string;
    readonly objects: number;
    readonly bytes: Bytes;
  }[];
  /** One of them, 16 hex digits, and what its words name. */
  readonly sample?: {
    readonly address: string;
    readonly words: readonly { readonly offset: number; readonly symbol: string; readonly member?: string }[];
  };
}

export interface DumpViewPages {
  readonly kind: 'pages' | 'vmalloc';
  /** Pages of each. */
  readonly pages: number;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** Of the same size, and referred to. */
  readonly reachable: number;
}

export interface DumpViewChain {
  /** What the way leads to: `blocks of 2 pages`. */
  readonly to: string;
  /** How many are kept by that root. */
  readonly kept: number;
  readonly steps: readonly string[];
}
