import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { CoreTask, CoreTasks } from '../../findings/core/core-tasks.ts';
import { renderProblems, renderTable } from './table.ts';

const MOST_ROWS = 12;
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
export function renderCoreTasks({ tasks, zombies, gone, problems }: CoreTasks): string {
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
  return `${head}${renderTable(COLUMNS, rows)}${renderZombies(zombies)}${renderGone(gone)}${renderProblems(problems)}`;
}

function renderZombies(zombies: CoreTasks['zombies']): string {
  if (zombies.length === 0) return '';
  const rows = zombies
    .slice(0, MOST_ROWS)
    .map(({ parent, zombies: count, comms, samples }) => [
      `${count}`,
      `${parent.pid} ${parent.comm}`,
      comms.join(' '),
      samples[0] ?? '',
    ]);
  const columns = [{ head: 'zombies', right: true }, { head: 'parent' }, { head: 'names' }, { head: 'one of them' }];
  return `\nended, and their parent has not asked how\n${renderTable(columns, rows)}`;
}

function renderGone(gone: CoreTasks['gone']): string {
  if (!gone || gone.tasks === 0) return '';
  const { tasks, bytes, unreachable, groups, holders } = gone;
  const lost = unreachable === undefined ? '' : `; nothing in memory leads to ${spellCount(unreachable)}`;
  const rows = groups
    .slice(0, MOST_ROWS)
    .map((group) => [
      `${group.tasks}`,
      `${group.references}`,
      group.unreachable === undefined ? '' : `${group.unreachable}`,
      group.state,
      group.comm,
      group.samples[0] ?? '',
    ]);
  const columns = [
    { head: 'tasks', right: true },
    { head: 'references', right: true },
    { head: 'unreachable', right: true },
    { head: 'st' },
    { head: 'command' },
    { head: 'one of them' },
  ];
  const held = holders
    .slice(0, MOST_ROWS)
    .map((holder) => [`${holder.tasks}`, holder.name, holder.root ?? '', holder.samples[0] ?? '']);
  const heads = [
    { head: 'tasks', right: true },
    { head: 'held by' },
    { head: 'that is reached from' },
    { head: 'a word' },
  ];
  return `\n${spellThings(tasks, 'task')} ended, on no list and not freed: ${spellBytes(bytes)}${lost}\n${renderTable(columns, rows)}${held.length === 0 ? '' : `\n${renderTable(heads, held)}`}`;
}

const amount = (bytes: number | undefined): string => (bytes === undefined ? '' : spellBytes(bytes));

const nameOf = ({ comm, kernelThread, pid, tgid }: CoreTask): string =>
  kernelThread ? `[${comm}]` : pid === tgid ? comm : `${comm} (thread of ${tgid})`;
