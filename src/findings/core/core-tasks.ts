/** `kleak core tasks --json`. Addresses as 16 hex digits, sizes in bytes. */
export interface CoreTasks {
  /** Idle tasks, then processes in the kernel's order, each followed by its threads. */
  readonly tasks: readonly CoreTask[];
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
