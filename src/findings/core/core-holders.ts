/** `kleak core dentries --json`: names that the kernel keeps, by directory, the largest first. Sizes in bytes. */
export interface CoreDentries {
  readonly dentries: number;
  /** Names that do not exist. */
  readonly negative: number;
  /** Held by nobody: given back when memory is short. */
  readonly unused: number;
  readonly bytes: number;
  readonly directories: readonly {
    readonly fileSystem: string;
    /** Inside of its file system; empty where that has no tree, as of sockets. */
    readonly path: string;
    readonly dentries: number;
    readonly negative: number;
    readonly unused: number;
    readonly bytes: number;
    readonly names: readonly string[];
    readonly samples: readonly string[];
  }[];
}

/** `kleak core sockets --json`: by protocol, state and the process that has them open. */
export interface CoreSockets {
  readonly sockets: number;
  /** Those that no process has open. */
  readonly unowned: number;
  readonly bytes: number;
  readonly groups: readonly {
    readonly protocol: string;
    readonly state: string;
    readonly owner?: { readonly pid: number; readonly comm: string };
    readonly sockets: number;
    readonly samples: readonly string[];
  }[];
}

/** `kleak core refcounts --json`: recorded counts against references found. */
export interface CoreRefcounts {
  readonly types: readonly {
    readonly type: string;
    /** That counts, where it is not d_lockref.count: `kref.refcount`. */
    readonly member?: string;
    readonly cache: string;
    /** That were looked at. */
    readonly objects: number;
    /** Whose count is above, too, but who are linked with memory that is not in the dump: not counted below. */
    readonly unseen?: number;
    /** Whose count is above what refers to them. */
    readonly disagreeing: number;
    readonly bytes: number;
    readonly groups: readonly CoreCountGroup[];
  }[];
  /** References to mounts that nothing accounts for, by file system. */
  readonly mounts: readonly {
    readonly fileSystem: string;
    readonly recorded: number;
    readonly found: number;
    readonly excess: number;
  }[];
  /** Bytes that should have been searched and are not in the dump: references may lie there. */
  readonly missingBytes: number;
}

export interface CoreCountGroup {
  readonly recorded: number;
  readonly found: number;
  readonly objects: number;
  /** Of these, what nothing leads to at all. */
  readonly unreachable: number;
  readonly fileSystem?: string;
  readonly samples: readonly string[];
}
