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
  readonly detector: 'kmemleak' | 'slub_debug' | 'page_owner' | 'alloc_tag';
  /** `single_open+0x32`, `tm_open+0x15 [module]`: from the first function that is not the allocator's. */
  readonly stack: readonly string[];
  readonly process?: string;
  /** Of alloc_tag, which knows no stack but the line: `drivers/foo/foo.c:77`, and all that the line has in use. */
  readonly site?: { readonly line: string; readonly bytes: Bytes; readonly calls: number };
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
  /** Blocks of the same kind that something does refer to; where most lost ones begin alike, those that begin so too. */
  readonly reachableAlike: number;
  /** What most of them begin with, as text or in hexadecimal: escape before showing. */
  readonly begins?: string;
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

/** Areas of per-CPU memory of one size that nothing refers to. */
export interface LostPercpu {
  /** For one CPU. */
  readonly size: Bytes;
  readonly areas: number;
  readonly cpus: number;
  /** For all CPUs. */
  readonly bytes: Bytes;
  /** Areas of that size that something does refer to. */
  readonly referencedAlike: number;
  /** What the words of most of them name. */
  readonly owner?: { readonly function: string; readonly module: string };
  /** Copies of the first CPU, 16 hex digits each. */
  readonly samples: readonly string[];
}

/** Objects whose reference count is above what refers to them. */
export interface Unbalanced {
  readonly type: string;
  /** That counts, where it is not a dentry's: `kref.refcount`. */
  readonly member?: string;
  /** Counts of that type were not held against healthy kernels: they may be of something else as well. */
  readonly isUnproven?: true;
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

/** Tasks that ended, are on no list, and are not freed: something has references to them. */
export interface GoneTasks {
  readonly tasks: number;
  readonly bytes: Bytes;
  readonly unreachable: number;
  /** References that most of them record. */
  readonly references: number;
  /** Name of most of them: escape before showing. */
  readonly comm: string;
  /** What holds the address of most of those that can be reached: a member or place, and the symbol that leads there. */
  readonly holder?: {
    readonly name: string;
    readonly tasks: number;
    readonly symbol?: string;
    readonly module?: string;
  };
  readonly samples: readonly string[];
}

/** Processes that ended and whose parent has not asked how. */
export interface Zombies {
  readonly parent: { readonly pid: number; readonly comm: string };
  readonly zombies: number;
  /** Of their task_structs alone. */
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

/** Who alone keeps things: without this one, nothing would lead to them. */
export type Holder =
  /** Data of a module: which of its variables, as far as they lead to most of it. */
  | { readonly kind: 'module'; readonly module: string; readonly variables: readonly string[] }
  /** A variable of the kernel itself. */
  | { readonly kind: 'symbol'; readonly symbol: string }
  /** An object that several ways lead to. */
  | { readonly kind: 'object'; readonly cache: string; readonly address: string; readonly module?: string }
  /** `per-CPU memory`, `memory reserved at boot`, a vmalloc area, with the module that asked for it. */
  | { readonly kind: 'place'; readonly place: string; readonly module?: string };

/** Things of one kind that a holder keeps. */
export interface HeldPart {
  /** Of slab objects; else they are pages or vmalloc areas. */
  readonly cache?: string;
  readonly of: 'slab' | 'pages' | 'vmalloc';
  readonly aliases: readonly string[];
  readonly reclaimable: boolean;
  readonly objects: number;
  readonly bytes: Bytes;
  /** Of all objects in use in that cache, 0 to 1. */
  readonly share: number;
  /** `struct seq_operations`, where the content leaves no other. */
  readonly type?: string;
}

/** How a holder's word leads to the first of many. */
export interface HeldLink {
  readonly kind: 'list_head' | 'hlist' | 'rbtree' | 'chain' | 'xarray' | 'maple tree' | 'table';
  /** Of the word, 16 hex digits, and as a symbol where it has one. */
  readonly head: string;
  readonly symbol?: string;
  /** Bytes from the start of each element to its link, where that is the same in all. */
  readonly offset?: number;
}

/** struct path copies among the leading part: each has a mount and a dentry. */
export interface HeldPaths {
  /** Bytes from the start of the object. */
  readonly offset: number;
  readonly dentries: number;
  readonly fileSystems: readonly string[];
  /** A mount that one has, 16 hex digits. */
  readonly mount?: string;
}

/** What can be reached, but through one holder alone. */
export interface Holding {
  readonly holder: Holder;
  readonly link?: HeldLink;
  /** The part next to the holder first, then the most objects. */
  readonly parts: readonly [HeldPart, ...HeldPart[]];
  /** All that it alone keeps. */
  readonly objects: number;
  readonly bytes: Bytes;
  /** Of all that the words of the leading part name. */
  readonly owner?: CodeOwner;
  readonly paths?: HeldPaths;
  /** How one of them is reached, in words: the root first. */
  readonly way: readonly string[];
  /** Of the leading part, 16 hex digits each. */
  readonly samples: readonly string[];
}

/** What goes when a process closes it or ends. */
export interface ProcessHolding {
  readonly pid: number;
  readonly comm: string;
  /** Open files, sockets and pipes included. */
  readonly files: number;
  /** The most objects first. */
  readonly parts: readonly HeldPart[];
  readonly objects: number;
  readonly bytes: Bytes;
  /** Its task_struct, 16 hex digits. */
  readonly task: string;
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
  /** Absent where the dump does not say what the per-CPU allocator gave out. */
  readonly lostPercpu?: readonly LostPercpu[];
  readonly unbalanced: readonly Unbalanced[];
  readonly directories: readonly HeldNames[];
  readonly sockets: readonly HeldSockets[];
  /** Absent where there are but few. */
  readonly goneTasks?: GoneTasks;
  readonly zombies?: readonly Zombies[];
  readonly dyingCgroups?: DyingCgroups;
  /** What one holder alone keeps much of, or of what grows; the most bytes first. */
  readonly holdings: readonly Holding[];
  /** What processes alone keep: of all together, and of those that keep most. */
  readonly processes: { readonly parts: readonly HeldPart[]; readonly most: readonly ProcessHolding[] };
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
