import { spellBytes, spellThings } from '../../base/spelling.ts';
import type { CoreTask, CoreTasks } from '../../findings/core/core-tasks.ts';
import { renderProblems, renderTable } from './table.ts';

const COLUMNS = [
  { head: '' },
  { head: 'pid', right: true },
  { head: 'ppid', right: true },
  { head: 'cpu', right: true },
  { head: 'task' },
  { head: 'st' },
  { head: 'resident', right: true },
  { head: 'virtual', right: true },
  { head: 'command' },
];

/** As ps has them; `>` ran when the dump was taken, kernel threads stand in brackets. */
export function renderCoreTasks({ tasks, problems }: CoreTasks): string {
  const rows = tasks.map((task) => [
    task.active ? '>' : '',
    String(task.pid),
    String(task.ppid ?? ''),
    String(task.cpu ?? ''),
    task.address,
    task.state,
    amount(task.residentBytes),
    amount(task.virtualBytes),
    nameOf(task),
  ]);
  const processes = tasks.filter(({ pid, tgid, kernelThread }) => pid === tgid && !kernelThread).length;
  const head = `${spellThings(tasks.length, 'task')}, ${processes} of them processes of users\n\n`;
  return `${head}${renderTable(COLUMNS, rows)}${renderProblems(problems)}`;
}

const amount = (bytes: number | undefined): string => (bytes === undefined ? '' : spellBytes(bytes));

const nameOf = ({ comm, kernelThread, pid, tgid }: CoreTask): string =>
  kernelThread ? `[${comm}]` : pid === tgid ? comm : `${comm} (thread of ${tgid})`;
