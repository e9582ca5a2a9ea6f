/** One step of a way back through the functions that called each other. */
export interface Frame {
  /** Where the return address lies; of the innermost frame the stack pointer. */
  readonly stack: bigint;
  readonly address: bigint;
  /** `address` was interrupted there; otherwise it is where a call returns to, just behind the call. */
  readonly interrupted: boolean;
  /** Found among all words of the stack: it may be left over. */
  readonly guess: boolean;
  /** Saved where an interrupt, an exception or a system call began: of the struct pt_regs, which may not be whole. */
  readonly registers?: SavedRegisters;
}

export interface SavedRegisters {
  /** By the kernel's names: ip, sp, flags, ax … or pc, sp, regs[0] … */
  readonly values: ReadonlyMap<string, bigint>;
  /** Of a program, not of the kernel. */
  readonly user: boolean;
}

export interface Backtrace {
  /** `ORC`, `frame pointers`, `a guess`: how its frames were found. */
  readonly how: string;
  readonly frames: readonly Frame[];
  /** Why there are no more, where that is not the end of the stack. */
  readonly problem?: string;
}

/** Where to begin. */
export interface UnwindStart {
  readonly address: bigint;
  readonly stack: bigint;
  readonly framePointer: bigint;
  /** All that is shown of the innermost frame. */
  readonly shownStack: bigint;
  /** The task was running: `address` is where, and no call returns there. */
  readonly interrupted: boolean;
}

/** Deeper stacks do not fit into what a kernel gives them. */
export const MOST_FRAMES = 512;
