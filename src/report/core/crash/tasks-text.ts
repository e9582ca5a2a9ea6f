import type { ShellFiles, ShellTask, ShellTaskName } from '../../../findings/core/shell-tasks.ts';
import { escapeTerminal } from '../../escape.ts';

const TASKS = '      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\n';
const STACKS = '      PID    PPID  CPU      KSTACKP      ST  %MEM      VSZ      RSS  COMM\n';
const FILES = ' FD       FILE            DENTRY           INODE       TYPE PATH\n';

const right = (value: number | string | undefined, width: number): string => String(value ?? '-').padStart(width);
const kibibytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : Math.floor(bytes / 1024);

export function renderTasks(tasks: readonly ShellTask[]): readonly string[] {
  const head = tasks.some(({ stackPointer }) => stackPointer !== undefined) ? STACKS : TASKS;
  return [head, ...tasks.map(renderRow)];
}

function renderRow(task: ShellTask): string {
  const comm = escapeTerminal(task.comm);
  return [
    task.active ? '>' : ' ',
    right(task.pid, 8),
    right(task.ppid, 8),
    right(task.cpu, 4),
    `  ${task.stackPointer ?? task.address}  ${task.state}`,
    right(task.memoryPercent?.toFixed(1), 6),
    right(kibibytes(task.virtualBytes), 9),
    right(kibibytes(task.residentBytes), 9),
    `  ${task.kernelThread ? `[${comm}]` : comm}\n`,
  ].join('');
}

/** The line that stands before what is said of a task. */
export const renderTaskName = ({ pid, address, cpu, comm }: ShellTaskName, level = 0): string =>
  `${' '.repeat(level)}PID: ${String(pid).padEnd(9)}TASK: ${address}  CPU: ${String(cpu ?? '-').padEnd(5)}COMMAND: "${escapeTerminal(comm)}"\n`;

const STATES: Readonly<Record<string, string>> = {
  RU: 'TASK_RUNNING',
  IN: 'TASK_INTERRUPTIBLE',
  UN: 'TASK_UNINTERRUPTIBLE',
  ID: 'TASK_IDLE',
  ST: 'TASK_STOPPED',
  TR: 'TASK_TRACED',
  ZO: 'EXIT_ZOMBIE',
  DE: 'EXIT_DEAD',
  PA: 'TASK_PARKED',
};

export const renderTask = ({ pid, comm, address, cpu, state, active }: ShellTask): readonly string[] => [
  `    PID: ${pid}\n`,
  `COMMAND: "${escapeTerminal(comm)}"\n`,
  `   TASK: ${address}\n`,
  `    CPU: ${cpu ?? '-'}\n`,
  `  STATE: ${STATES[state] ?? state}${active ? ' (ACTIVE)' : ''}\n`,
];

export function renderFiles({ task, root, directory, files, problem }: ShellFiles): readonly string[] {
  const places =
    root === undefined ? [] : [`ROOT: ${escapeTerminal(root)}    CWD: ${escapeTerminal(directory ?? '')}\n`];
  const rows = files.map(({ descriptor, file, dentry, inode, type, path }) => {
    const line = `${right(descriptor, 3)} ${file} ${dentry} ${inode} ${type.padEnd(4)} ${escapeTerminal(path)}`;
    return `${line.trimEnd()}\n`;
  });
  return [
    renderTaskName(task),
    ...places,
    ...(rows.length > 0 ? [FILES, ...rows] : [problem === undefined ? 'No open files\n' : '']),
    ...(problem === undefined ? [] : [`(${escapeTerminal(problem)})\n`]),
  ];
}
