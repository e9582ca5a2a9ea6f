/** `kleak core tasks --json`. Addresses as 16 hex digits, sizes in bytes. */
export interface CoreTasks {
  /** Idle tasks, then processes in the kernel's order, each followed by its threads. */
  readonly tasks: readonly CoreTask[];
  /** Processes that ended and whose parent has not asked how; they are among `tasks`. */
  readonly zombies: readonly CoreZombies[];
  /** Ended, on no list, and not freed; absent where the dump has no types. They are not among `tasks`. */
  readonly gone?: CoreGoneTasks;
  readonly problems: readonly string[];
}

export interface CoreTask {
  readonly pid: number;
  /** Of the process it is a thread of. */
  readonly tgid: number;
  readonly ppid?: number;
  /** As ps has it: R, S, D, T, t, X, Z, P, I. */
  readonly state: string;
  readonly cpu?: number;
  /** Ran on a CPU when the dump was taken. */
  readonly active: boolean;
  readonly kernelThread: boolean;
  readonly comm: string;
  /** Of its task_struct. */
  readonly address: string;
  /** The lowest address of its kernel stack; absent where it has given it back. */
  readonly stack?: string;
  readonly mm?: string;
  readonly residentBytes?: number;
  readonly virtualBytes?: number;
}

export interface CoreZombies {
  readonly parent: { readonly pid: number; readonly comm: string };
  readonly zombies: number;
  readonly comms: readonly string[];
  readonly samples: readonly string[];
}

/** Who holds them is looked up where there are ten and more; fewer wait to be freed. */
export interface CoreGoneTasks {
  readonly tasks: number;
  /** Of their task_structs alone. */
  readonly bytes: number;
  /** Of them, what nothing in memory leads to. */
  readonly unreachable?: number;
  readonly groups: readonly {
    readonly comm: string;
    readonly state: string;
    /** What each counts. */
    readonly references: number;
    readonly tasks: number;
    readonly unreachable?: number;
    readonly samples: readonly string[];
  }[];
  readonly holders: readonly CoreTaskHolder[];
}

/** Words that hold the addresses of such tasks. */
export interface CoreTaskHolder {
  /** `kmalloc-64+0x20`, `foo_table+0x10 [foo]`, `struct foo.task`. */
  readonly name: string;
  readonly tasks: number;
  readonly words: number;
  /** Where most of the ways to these words begin: a symbol. */
  readonly root?: string;
  readonly samples: readonly string[];
}
