import type { Bytes } from '../base/units.ts';

/** What one thing that was leaked is made of: objects of one cache with the same content. */
export interface LostPart {
  readonly cache: string;
  readonly aliases: readonly string[];
  readonly reclaimable: boolean;
  readonly objects: number;
  readonly bytes: Bytes;
  /** `struct seq_operations`, where its content leaves no other. */
  readonly type?: string;
}

/** Something that was leaked many times: a unit of objects that only point to each other, and nothing leads to. */
export interface LostThing {
  /** How many times. */
  readonly units: number;
  /** Units that begin with an object nothing points to at all. */
  readonly sources: number;
  /** Units that hung together with no other: as many references at least would be needed to hold them all. */
  readonly independent: number;
  readonly objects: number;
  readonly bytes: Bytes;
  /** The leading part first. */
  readonly parts: readonly [LostPart, ...LostPart[]];
  /** Objects of the leading part's content that are reachable. */
  readonly reachableAlike: number;
  /** The function that the content of the leading part names, and the module it is of. */
  readonly owner?: CodeOwner;
  /** Who allocated them, where the kernel wrote it down: what most of the samples say. */
  readonly allocation?: Allocation;
  /** Words of the leading part that name functions or data, as `+8 single_next`. */
  readonly words: readonly { readonly offset: number; readonly symbol: string; readonly member?: string }[];
  /** 16 hex digits each. */
  readonly samples: readonly string[];
}

/** A call stack that a detector of the kernel kept. */
export interface Allocation {
  readonly detector: 'kmemleak' | 'slub_debug' | 'page_owner';
  /** `single_open+0x32`, `tm_open+0x15 [module]`: from the first function that is not the allocator's. */
  readonly stack: readonly string[];
  readonly process?: string;
}

export interface CodeOwner {
  readonly module?: string;
  readonly function?: string;
  /** Where the code was that the content points to, if it is gone. */
  readonly gone?: true;
}

/** Blocks of the page allocator, or vmalloc areas, that nothing refers to. */
export interface LostMemory {
  readonly kind: 'pages' | 'vmalloc';
  /** Of vmalloc areas: who asked for them. */
  readonly caller?: { readonly function: string; readonly module?: string };
  /** Pages of each. */
  readonly pages: number;
  readonly blocks: number;
  readonly bytes: Bytes;
  /** Blocks of the same kind that something does refer to. */
  readonly reachableAlike: number;
  /** Who holds those: the module whose memory leads to most of them. */
  readonly holder?: {
    readonly module?: string;
    readonly symbol: string;
    readonly blocks: number;
    /** How one of them is reached: the root first, the block last, in words. */
    readonly way?: readonly string[];
  };
  /** Who took most of them, where page_owner wrote it down, and how many. */
  readonly allocation?: Allocation;
  readonly allocated?: number;
  readonly samples: readonly string[];
}

/** Objects whose reference count is above what refers to them. */
export interface Unbalanced {
  readonly type: string;
  readonly cache: string;
  readonly reclaimable: boolean;
  readonly fileSystem?: string;
  readonly objects: number;
  readonly bytes: Bytes;
  readonly recorded: number;
  readonly found: number;
  readonly unreachable: number;
  /** References to mounts of the file system that nothing accounts for, where they were counted. */
  readonly mountExcess?: number;
  readonly samples: readonly string[];
}

/** Names of one directory. */
export interface HeldNames {
  readonly fileSystem: string;
  readonly path: string;
  readonly dentries: number;
  readonly negative: number;
  readonly unused: number;
  readonly bytes: Bytes;
  readonly names: readonly string[];
  readonly samples: readonly string[];
}

export interface HeldSockets {
  readonly protocol: string;
  readonly state: string;
  readonly owner?: { readonly pid: number; readonly comm: string };
  readonly sockets: number;
  readonly bytes: Bytes;
  readonly samples: readonly string[];
}

/** Memory cgroups whose directory was removed, and what keeps them. */
export interface DyingCgroups {
  /** All there are, dying ones too. */
  readonly cgroups: number;
  readonly dying: number;
  /** Charged to dying ones: absent where the kernel does not say to whom. */
  readonly charged?: Bytes;
  /** At least what their own structs take. */
  readonly ownBytes: Bytes;
  /** Dying ones that nothing in memory accounts for: no page, no child, no word that holds their address. */
  readonly unaccounted: number;
  readonly pins: readonly CgroupPinFacts[];
  /** Paths of some, and of the files with most of their pages. */
  readonly paths: readonly string[];
  readonly files: readonly string[];
  /** 16 hex digits each; of unaccounted ones where there are some. */
  readonly samples: readonly string[];
}

/** One kind of thing that keeps dying cgroups: `page cache of ext4`, `struct bdi_writeback.memcg_css`. */
export interface CgroupPinFacts {
  readonly by: string;
  /** Page cache with files on a disk behind it: given back when memory is short. */
  readonly reclaimable: boolean;
  readonly cgroups: number;
  readonly bytes?: Bytes;
}

/** A slab cache as the dump has it. */
export interface DumpedCache {
  readonly name: string;
  readonly reclaimable: boolean;
  /** In use. */
  readonly objects: number;
  /** Of its slabs. */
  readonly bytes: Bytes;
}

/** What the sweep over a dump and the audits of its counts found. */
export interface DumpFacts {
  readonly file: string;
  readonly ram: Bytes;
  readonly lost: readonly LostThing[];
  readonly lostMemory: readonly LostMemory[];
  readonly unbalanced: readonly Unbalanced[];
  readonly directories: readonly HeldNames[];
  readonly sockets: readonly HeldSockets[];
  /** Absent where there are but few. */
  readonly dyingCgroups?: DyingCgroups;
  /** The largest first, merged ones once. */
  readonly caches: readonly DumpedCache[];
  /** Modules from outside of the kernel's tree. */
  readonly foreignModules: readonly string[];
  readonly scanned: {
    readonly bytes: number;
    readonly words: number;
    readonly objects: number;
    readonly seconds: number;
  };
  /** Bytes among those that should have been searched and are not in the dump. */
  readonly missing: Bytes;
  /** References that may lie there, were it as full of them as the rest, times four to be safe. */
  readonly referencesMissed: number;
}
