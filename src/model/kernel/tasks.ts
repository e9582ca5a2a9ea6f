import { LayoutError } from '../layouts/layout-error.ts';
import { viewStruct } from '../layouts/struct-view.ts';
import type { StructLayout } from '../layouts/struct-layout.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { possibleCpus } from './cpus.ts';
import type { Kernel, Walked } from './kernel.ts';
import { walkList, walkListFromBothEnds } from './list.ts';
import { readRunQueues } from './run-queues.ts';
import { mmReader, uncountedPages, type MemoryOfTask } from './task-memory.ts';
import { stateLetter } from './task-state.ts';

/** A process, one of its threads, a kernel thread, or what a CPU runs when it is idle. */
export interface Task {
  /** Of its struct task_struct. */
  readonly address: bigint;
  readonly pid: number;
  /** The pid of the process that it is a thread of; its own for a process. */
  readonly tgid: number;
  /** The tgid of its parent; absent where that cannot be read. */
  readonly ppid?: number;
  /** At most 15 characters, chosen by users: escape before showing. */
  readonly comm: string;
  /** As ps has it: R, S, D, T, t, X, Z, P, I. */
  readonly state: string;
  /** Where it runs or last ran; absent on a kernel for one CPU. */
  readonly cpu?: number;
  /** Ran on a CPU when the dump was taken. */
  readonly active: boolean;
  readonly kernelThread: boolean;
  /** The lowest address of its kernel stack; 0 where it has given it back. */
  readonly stack: bigint;
  /** Of its struct mm_struct; 0 for kernel threads and what has exited. */
  readonly mm: bigint;
  /** Of the address space it runs in: its own, or one that it borrows. */
  readonly activeMm: bigint;
  /** Absent without an mm. */
  readonly memory?: MemoryOfTask;
}

/** PID_MAX_LIMIT (include/linux/threads.h): there cannot be more tasks. */
const MOST_TASKS = 4_194_304;
const isPid = (n: number): boolean => n >= 0 && n <= MOST_TASKS;
/** include/linux/sched.h; the same since 2.6.27. */
const PF_KTHREAD = 0x200000;

/**
 * Every task that is listed: idle tasks, then processes in the kernel's order, each followed by its threads. What
 * damage hides is a problem.
 */
export function walkTasks(kernel: Kernel): Walked<readonly Task[]> {
  const init = kernel.symbols.find('init_task');
  const layout = kernel.layouts.struct('task_struct');
  if (init === undefined) return { value: [], problems: ['no tasks: init_task is in no table of symbols'] };
  if (layout === undefined) return { value: [], problems: ['no tasks: the types have no struct task_struct'] };
  try {
    return listTasks(kernel, layout, init);
  } catch (cause) {
    if (!(cause instanceof LayoutError)) throw cause;
    return { value: [], problems: [`no tasks: ${cause.message}`] };
  }
}

function listTasks(kernel: Kernel, layout: StructLayout, init: bigint): Walked<readonly Task[]> {
  const cpus = possibleCpus(kernel);
  const queues = readRunQueues(kernel, cpus);
  const read = taskReader(kernel, layout, queues.current, mmReader(kernel, cpus));
  const tasks = new Map<bigint, Task>();
  const problems: string[] = [];
  const add = (address: bigint): void => {
    if (tasks.has(address) || tasks.size >= MOST_TASKS) return;
    const task = ifThere(() => read(address));
    if (task && isPid(task.pid) && isPid(task.tgid)) tasks.set(address, task);
    else problems.push(`the task at ${address.toString(16)} ${task ? 'is none' : 'cannot be read'}`);
  };
  for (const idle of [init, ...queues.idle]) add(idle);
  const at = BigInt(layout.need('tasks').offset);
  const list = (what: string): void => void problems.push(`the list of tasks ${what}`);
  for (const entry of walkListFromBothEnds(kernel.memory, init + at, list, MOST_TASKS)) {
    add(entry - at);
    for (const thread of threadsOf(kernel, layout, entry - at, problems)) add(thread);
  }
  return { value: withUncounted(kernel, [...tasks.values()]), problems };
}

function withUncounted(kernel: Kernel, tasks: readonly Task[]): readonly Task[] {
  const more = uncountedPages(kernel, tasks);
  return tasks.map((task) => {
    const { memory, mm } = task;
    const pages = more.get(mm);
    if (pages === undefined || memory?.residentBytes === undefined) return task;
    const residentBytes = Math.max(0, memory.residentBytes + pages * kernel.memory.pageSize);
    return { ...task, memory: { ...memory, residentBytes } };
  });
}

/**
 * `signal->thread_head` since 3.14 (commit 0c740d0afc3b); `thread_group`, which had been there before, ended with 6.7
 * (commit 8e1f385104ac).
 */
function* threadsOf(kernel: Kernel, layout: StructLayout, leader: bigint, problems: string[]): Generator<bigint> {
  const { memory, layouts } = kernel;
  const problem = (what: string): void =>
    void problems.push(`the threads of the task at ${leader.toString(16)}: ${what}`);
  const head = layouts.member('signal_struct', 'thread_head');
  const node = layout.member('thread_node');
  if (head && node) {
    const signal = ifThere(() => memory.u64(leader + BigInt(layout.need('signal').offset)));
    if (signal === undefined || signal === 0n) return;
    const [offset, own] = [BigInt(node.offset), BigInt(layout.need('signal').offset)];
    for (const entry of walkList(memory, signal + BigInt(head.offset), problem, MOST_TASKS)) {
      if (ifThere(() => memory.u64(entry - offset + own)) !== signal) return problem('one is of another process');
      yield entry - offset;
    }
    return;
  }
  const offset = BigInt(layout.need('thread_group').offset);
  for (const entry of walkList(memory, leader + offset, problem, MOST_TASKS)) yield entry - offset;
}

function taskReader(
  { memory, layouts }: Kernel,
  layout: StructLayout,
  running: ReadonlySet<bigint>,
  memoryOf: (mm: bigint) => MemoryOfTask | undefined,
): (address: bigint) => Task {
  const tgidAt = BigInt(layout.need('tgid').offset);
  // In task_struct itself before 5.16, in its thread_info since (commit bcf9033e5449); on the stack before 4.9.
  const cpuPath = layout.has('cpu') ? 'cpu' : layout.has('thread_info.cpu') ? 'thread_info.cpu' : undefined;
  const parentPath = layout.has('real_parent') ? 'real_parent' : 'parent';
  return (address) => {
    const view = viewStruct(memory, layouts, layout, address);
    const parent = ifThere(() => view.pointer(parentPath));
    const ppid = parent === undefined ? undefined : ifThere(() => memory.i32(parent + tgidAt));
    const mm = view.pointer('mm');
    const held = mm === 0n ? undefined : memoryOf(mm);
    return {
      address,
      pid: view.number('pid'),
      tgid: view.number('tgid'),
      ...(ppid === undefined ? {} : { ppid }),
      comm: view.text('comm'),
      state: stateLetter(view.number('__state|state'), view.number('exit_state')),
      ...(cpuPath === undefined ? {} : { cpu: view.number(cpuPath) }),
      active: running.has(address),
      kernelThread: (view.number('flags') & PF_KTHREAD) !== 0,
      stack: view.pointer('stack'),
      mm,
      activeMm: view.pointer('active_mm'),
      ...(held ? { memory: held } : {}),
    };
  };
}
