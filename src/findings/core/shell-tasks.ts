/** A task in the columns of `ps`. */
export interface ShellTask extends ShellTaskName {
  readonly ppid?: number;
  readonly tgid: number;
  readonly active: boolean;
  /** Two letters, as crash has them: RU, IN, UN, ID … */
  readonly state: string;
  /** Of physical memory, in percent; absent where unknown. */
  readonly memoryPercent?: number;
  readonly virtualBytes?: number;
  readonly residentBytes?: number;
  readonly kernelThread: boolean;
  /** In place of the address of the task, for `ps -s`. */
  readonly stackPointer?: string;
}

/** The line that names a task. */
export interface ShellTaskName {
  readonly pid: number;
  readonly address: string;
  readonly cpu?: number;
  readonly comm: string;
}

/** `bt`. */
export interface ShellBacktrace {
  readonly task: ShellTaskName;
  /** How the frames were found, in a few words. */
  readonly how: string;
  readonly frames: readonly ShellFrame[];
  /** Why there are no more. */
  readonly problem?: string;
}

export interface ShellFrame {
  /** Where the return address lies. */
  readonly stack: string;
  readonly address: string;
  readonly symbol: string;
  readonly module?: string;
  /** Found by looking at every word of the stack: it may be left over. */
  readonly guess: boolean;
  /** What the frame has on the stack, for `bt -f`. */
  readonly words?: readonly { readonly address: string; readonly values: readonly string[] }[];
  /** Registers that were saved where an interrupt or a system call began. */
  readonly registers?: readonly (readonly [name: string, value: string])[];
  /** The place that was interrupted, where that is in the kernel. */
  readonly interrupted?: string;
}

/** `files`. */
export interface ShellFiles {
  readonly task: ShellTaskName;
  readonly root?: string;
  readonly directory?: string;
  readonly files: readonly ShellFile[];
  readonly problem?: string;
}

export interface ShellFile {
  readonly descriptor: number;
  readonly file: string;
  readonly dentry: string;
  readonly inode: string;
  /** REG, DIR, LNK, CHR, BLK, FIFO, SOCK, or UNKN. */
  readonly type: string;
  /** A path, or the protocol of a socket. */
  readonly path: string;
}
