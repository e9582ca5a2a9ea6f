import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { viewStruct } from '../../../model/layouts/struct-view.ts';
import { ifThere } from '../../../model/memory/memory-fault.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import { spell } from '../addresses.ts';
import { parseOptions, type Options } from './options.ts';
import type { Shell } from './shell.ts';
import { nameOfTask, needTasks, stateOfTask, taskRows } from './task-rows.ts';
import type { ShellWord } from './word.ts';

const OPTIONS = { flags: ['k', 'u', 'G', 'A', 's', 'S', 'p', 'c', 'g'], values: [] } as const;

export const ps: ShellWord = {
  name: 'ps',
  usage: ['ps [-kuGAs] [PID|TASK|NAME …]', 'ps -p|-c|-g [PID|TASK|NAME …]', 'ps -S'],
  summary: 'tasks: state, memory, CPU',
  help: [
    '-k     kernel threads only',
    '-u     processes only',
    '-G     no threads, only what leads them',
    '-A     only what runs on a CPU',
    '-s     the kernel stack pointer in place of the address of the task',
    '-p     the parents of a task, from the first one on',
    '-c     its children',
    '-g     its threads',
    '-S     how many tasks there are in each state',
    '> marks what ran on a CPU when the dump was taken. VSZ and RSS are in KiB.',
    'ST: RU running, IN interruptible, UN uninterruptible, ID idle, ST stopped, TR traced, ZO zombie, DE dead, PA parked.',
  ],
  completes: ['task'],
  *run(shell, args) {
    const options = parseOptions('ps', args, OPTIONS);
    const { tasks } = shell;
    if (options.has('S')) return yield countStates(tasks);
    const asked = needTasks(shell, 'ps', options.args);
    const relatives = ['p', 'c', 'g'].find((flag) => options.has(flag));
    if (relatives !== undefined) {
      for (const task of asked.length > 0 ? asked : [shell.current]) yield* showRelatives(tasks, task, relatives);
      return;
    }
    const row = taskRows(shell);
    const rows = (asked.length > 0 ? asked : tasks)
      .filter((task) => isWanted(task, options))
      .map((task) => {
        const stackPointer = options.has('s') ? savedStackPointer(shell, task) : undefined;
        return { ...row(task), ...(stackPointer === undefined ? {} : { stackPointer: spell(stackPointer) }) };
      });
    yield { kind: 'tasks', tasks: rows };
    yield { kind: 'problems', problems: shell.taskProblems };
  },
};

function isWanted(task: Task, options: Options): boolean {
  const isKernel = task.kernelThread || task.pid === 0;
  if (options.has('k') && !isKernel) return false;
  if (options.has('u') && isKernel) return false;
  if (options.has('G') && task.pid !== task.tgid) return false;
  return !options.has('A') || task.active;
}

/** Of a task that runs as its CPU saved it, of another as __switch_to left it. */
function savedStackPointer({ session }: Shell, { address, active, cpu }: Task): bigint | undefined {
  const { memory, layouts } = session.kernel;
  const saved = active ? session.dump.cpus.find((one) => one.cpu === cpu)?.registers : undefined;
  if (active) return saved?.['rsp'] ?? saved?.['sp'] ?? 0n;
  const view = viewStruct(memory, layouts, 'task_struct', address);
  const path = 'thread.sp|thread.cpu_context.sp';
  return view.has(path) ? ifThere(() => view.pointer(path)) : undefined;
}

function countStates(tasks: readonly Task[]): ShellBlock {
  const counts = new Map<string, number>();
  for (const task of tasks) counts.set(stateOfTask(task), (counts.get(stateOfTask(task)) ?? 0) + 1);
  return { kind: 'pairs', pairs: [...counts].map(([state, count]) => [`  ${state}:`, String(count)]) };
}

/** More ancestors than that go round in a circle. */
const MOST_PARENTS = 1000;

function* showRelatives(tasks: readonly Task[], task: Task, which: string): Generator<ShellBlock> {
  if (which === 'p') {
    const line = [task];
    const seen = new Set(line);
    for (let at = parentOf(tasks, task); at && !seen.has(at) && line.length < MOST_PARENTS; at = parentOf(tasks, at)) {
      seen.add(at);
      line.unshift(at);
    }
    for (const [level, one] of line.entries()) yield { kind: 'task-name', task: nameOfTask(one), level };
  } else {
    const related =
      which === 'c'
        ? tasks.filter((other) => other.ppid === task.tgid && other.pid === other.tgid && other !== task)
        : tasks.filter((other) => other.tgid === task.tgid && other !== task);
    yield { kind: 'task-name', task: nameOfTask(task) };
    for (const one of related) yield { kind: 'task-name', task: nameOfTask(one), level: 2 };
    if (related.length === 0) yield { kind: 'text', lines: [which === 'c' ? '  (no children)' : '  (no threads)'] };
  }
  yield { kind: 'blank' };
}

const parentOf = (tasks: readonly Task[], { ppid }: Task): Task | undefined =>
  tasks.find(({ pid, tgid }) => pid === ppid && tgid === ppid);
