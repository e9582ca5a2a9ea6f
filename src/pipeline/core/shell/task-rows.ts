import type { ShellTask, ShellTaskName } from '../../../findings/core/shell-tasks.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import { walkZones } from '../../../model/kernel/zones.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import type { Shell } from './shell.ts';

/** The letters of ps as crash spells them. */
const STATES: Readonly<Record<string, string>> = {
  R: 'RU',
  S: 'IN',
  D: 'UN',
  T: 'ST',
  t: 'TR',
  X: 'DE',
  Z: 'ZO',
  P: 'PA',
  I: 'ID',
};

export const stateOfTask = ({ state }: Task): string => STATES[state] ?? '??';

export const nameOfTask = ({ pid, address, cpu, comm }: Task): ShellTaskName => ({
  pid,
  address: spell(address),
  ...(cpu === undefined ? {} : { cpu }),
  comm,
});

/** Makes rows of `ps`. */
export function taskRows({ session }: Shell): (task: Task) => ShellTask {
  const { kernel } = session;
  const bytes = walkZones(kernel).value.reduce((sum, { present }) => sum + present, 0) * kernel.memory.pageSize;
  return (task) => {
    const { ppid, tgid, active, kernelThread, memory } = task;
    const resident = memory?.residentBytes;
    return {
      ...nameOfTask(task),
      tgid,
      // What runs when a CPU is idle was forked by the first process, whose child it is not.
      ...(ppid === undefined ? {} : { ppid: task.pid === 0 ? 0 : ppid }),
      active,
      state: stateOfTask(task),
      ...(bytes === 0 ? {} : { memoryPercent: (100 * (resident ?? 0)) / bytes }),
      ...(memory && resident === undefined ? {} : { residentBytes: resident ?? 0 }),
      ...(memory && memory.virtualBytes === undefined ? {} : { virtualBytes: memory?.virtualBytes ?? 0 }),
      kernelThread: kernelThread || task.pid === 0,
    };
  };
}

/** Tasks by pid, by the address of the task_struct, or by name. Undefined for a text that is none of these. */
export function findTasks({ tasks }: Shell, text: string): readonly Task[] | undefined {
  const pid = /^\d{1,7}$/.test(text) ? Number(text) : undefined;
  const byPid = tasks.filter((task) => task.pid === pid);
  if (byPid.length > 0) return byPid;
  const address = /^(?:0x)?([0-9a-f]{8,16})$/i.exec(text)?.[1]?.toLowerCase().padStart(16, '0');
  const byAddress = tasks.filter((task) => spell(task.address) === address);
  if (byAddress.length > 0) return byAddress;
  const byName = tasks.filter(({ comm }) => comm === text);
  return byName.length > 0 ? byName : undefined;
}

/** As `findTasks` of several, each task once; all tasks of the list where nothing is asked for. Throws InputError. */
export function needTasks(shell: Shell, word: string, texts: readonly string[]): readonly Task[] {
  const found = texts.flatMap((text) => {
    const tasks = findTasks(shell, text);
    if (tasks) return tasks;
    throw new InputError(word, `no task ${text}`, 'give a pid, the address of a task or its name; ps lists them');
  });
  return [...new Set(found)];
}
