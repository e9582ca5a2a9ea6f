import { stackBytes } from '../kernel/area-owners.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Task } from '../kernel/tasks.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Backtrace, SavedRegisters, UnwindStart } from './frame.ts';
import { OrcTables } from './orc.ts';
import { isReturnAddress, scanStack } from './stack-scan.ts';
import { unwindArm64 } from './unwind-arm64.ts';
import { unwindByBp, unwindByOrc } from './unwind-x86.ts';

/** Stacks of interrupts and exceptions are not larger, nor cross such a border. */
const OTHER_STACK = 16_384n;
const HALF = 2n ** 63n;

/** Registers of a CPU, by the names of the dump's notes. */
export type CpuState = Readonly<Record<string, bigint>>;

/** Finds the ways back of tasks; what takes time is done once. */
export class Unwinder {
  readonly #kernel: Kernel;
  readonly #orc: OrcTables | undefined;
  readonly #stackBytes: number;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#orc = kernel.machine === 'x86-64' ? OrcTables.of(kernel) : undefined;
    this.#stackBytes = stackBytes(kernel) ?? 16_384;
  }

  /**
   * How a task came to where it is. `running`: the registers of the CPU that it ran on, where the dump has them. What ORC or
   * frame pointers do not tell is guessed from the words of the stack.
   */
  unwind(task: Task, running?: CpuState): Backtrace {
    if (running && (running['rip'] ?? running['pc'] ?? HALF) < HALF) {
      const registers = userRegisters(running);
      const frame = {
        address: registers.values.get('ip') ?? 0n,
        stack: 0n,
        interrupted: true,
        guess: false,
        registers,
      };
      return { how: 'registers', frames: [frame] };
    }
    const start = running ? startOfRunning(running) : startOfSleeping(this.#kernel, task);
    if (!start) return { how: 'nothing', frames: [], problem: 'the dump does not say where it was' };
    if (this.#kernel.machine === 'aarch64') return unwindArm64(this.#kernel, start);
    if (this.#orc) {
      const found = unwindByOrc(this.#kernel, this.#orc, start);
      return this.#completed(found, task, found.sp);
    }
    const found = unwindByBp(this.#kernel, start, (address) => isReturnAddress(this.#kernel, address));
    return this.#completed(found, task, (found.frames.at(-1)?.stack ?? start.stack) + 8n);
  }

  /** Every return address on the stack of a task, from where it is. */
  scan(task: Task, running?: CpuState): Backtrace {
    const start = running ? startOfRunning(running) : startOfSleeping(this.#kernel, task);
    const from = start?.stack ?? task.stack;
    return { how: 'a guess', frames: scanStack(this.#kernel, from, this.#endOf(task, from)) };
  }

  #completed({ how, frames, problem }: Backtrace, task: Task, from: bigint): Backtrace {
    if (problem === undefined) return { how, frames };
    const guessed = scanStack(this.#kernel, from, this.#endOf(task, from));
    // Nothing returns from the function that a stack begins with.
    if (guessed.length === 0 && frames.length > 1) return { how, frames };
    return { how: guessed.length > 0 ? `${how}, then a guess` : how, frames: [...frames, ...guessed], problem };
  }

  #endOf({ stack }: Task, at: bigint): bigint {
    const end = stack + BigInt(this.#stackBytes);
    return at >= stack && at < end ? end : (at / OTHER_STACK + 1n) * OTHER_STACK;
  }
}

function userRegisters(running: CpuState): SavedRegisters {
  const x86 = running['rip'] !== undefined;
  const names = Object.entries(running).map(([name, value]): [string, bigint] => {
    if (!x86) return [/^x\d+$/.test(name) ? `regs[${name.slice(1)}]` : name, value];
    return [name === 'eflags' ? 'flags' : name === 'orig_rax' ? 'orig_ax' : name.replace(/^r(?=[a-z])/, ''), value];
  });
  return { values: new Map(x86 ? names : [...names, ['ip', running['pc'] ?? 0n]]), user: true };
}

function startOfRunning(running: CpuState): UnwindStart | undefined {
  const [address, stack] = [running['rip'] ?? running['pc'], running['rsp'] ?? running['sp']];
  if (address === undefined || stack === undefined) return undefined;
  const framePointer = running['rbp'] ?? running['x29'] ?? 0n;
  return { address, stack, framePointer, shownStack: stack, interrupted: true };
}

/** What __switch_to left behind. */
function startOfSleeping(kernel: Kernel, task: Task): UnwindStart | undefined {
  const { memory, layouts } = kernel;
  const view = viewStruct(memory, layouts, 'task_struct', task.address);
  return ifThere(() => {
    if (view.has('thread.cpu_context.pc')) {
      const stack = view.pointer('thread.cpu_context.sp');
      const framePointer = view.pointer('thread.cpu_context.fp');
      return {
        address: view.pointer('thread.cpu_context.pc'),
        stack,
        framePointer,
        shownStack: stack,
        interrupted: false,
      };
    }
    if (!view.has('thread.sp')) return undefined;
    const sp = view.pointer('thread.sp');
    // Since 4.9 (commit 7b32aeadbc95).
    const layout = layouts.struct('inactive_task_frame');
    if (!layout)
      return {
        address: memory.u64(sp + 8n),
        stack: sp + 16n,
        framePointer: memory.u64(sp),
        shownStack: sp + 8n,
        interrupted: false,
      };
    const frame = viewStruct(memory, layouts, layout, sp);
    return {
      address: frame.pointer('ret_addr'),
      stack: sp + BigInt(layout.size),
      framePointer: frame.pointer('bp'),
      shownStack: frame.address('ret_addr'),
      interrupted: false,
    };
  });
}
