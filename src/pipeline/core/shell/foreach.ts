import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import { InputError } from '../../../sources/input-error.ts';
import { bt } from './bt.ts';
import { files } from './files.ts';
import { ps } from './ps.ts';
import { set } from './set.ts';
import type { Shell } from './shell.ts';
import { findTasks, stateOfTask } from './task-rows.ts';
import { task } from './task.ts';
import type { ShellWord } from './word.ts';

const COMMANDS: readonly ShellWord[] = [bt, files, ps, set, task];

/** Kinds of tasks that have a name of their own. */
const KINDS: Readonly<Record<string, (task: Task) => boolean>> = {
  user: ({ kernelThread, pid }) => !kernelThread && pid !== 0,
  kernel: ({ kernelThread, pid }) => kernelThread || pid === 0,
  gleader: ({ pid, tgid }) => pid === tgid,
  active: ({ active }) => active,
};
const STATES = ['RU', 'IN', 'UN', 'ST', 'TR', 'ZO', 'DE', 'ID', 'PA'];

export const foreach: ShellWord = {
  name: 'foreach',
  usage: ['foreach [PID|TASK|NAME|user|kernel|gleader|active|STATE …] bt|files|ps|set|task [OPTIONS]'],
  summary: 'a command for many tasks',
  help: [
    'Without a choice it is done for all tasks. user and kernel: processes and kernel threads; gleader: no threads; active:',
    'what ran on a CPU; STATE: RU, IN, UN, ST, TR, ZO, DE, ID, PA. As in: foreach UN bt',
  ],
  completes: ['task'],
  *run(shell, args) {
    const at = args.findIndex((arg) => COMMANDS.some(({ name }) => name === arg));
    const command = COMMANDS.find(({ name }) => name === args[at]);
    if (!command)
      throw new InputError('foreach', 'no command', `give one of ${COMMANDS.map(({ name }) => name).join(', ')}`);
    const tasks = choose(shell, args.slice(0, at));
    const rest = args.slice(at + 1);
    if (command === ps) {
      if (tasks.length > 0) yield* ps.run(shell, [...rest, ...tasks.map(addressOf)]);
      return;
    }
    yield* forEach(shell, command, tasks, rest);
  },
};

const addressOf = ({ address }: Task): string => `0x${address.toString(16)}`;

function* forEach(
  shell: Shell,
  command: ShellWord,
  tasks: readonly Task[],
  rest: readonly string[],
): Generator<ShellBlock> {
  const before = shell.current;
  try {
    for (const [i, one] of tasks.entries()) {
      if (i > 0) yield { kind: 'blank' };
      shell.current = one;
      yield* command.run(shell, rest);
    }
  } finally {
    shell.current = before;
  }
}

/** All of the names and addresses, and of these what is of every kind and of one of the states. Throws InputError. */
function choose(shell: Shell, choices: readonly string[]): readonly Task[] {
  const kinds = choices.flatMap((choice) => KINDS[choice] ?? []);
  const states = choices.filter((choice) => STATES.includes(choice));
  const named = choices.filter((choice) => KINDS[choice] === undefined && !STATES.includes(choice));
  const found = named.flatMap((name) => {
    const tasks = findTasks(shell, name);
    if (tasks) return tasks;
    throw new InputError('foreach', `no task and no kind of tasks ${name}`, 'see help foreach');
  });
  const all = named.length > 0 ? [...new Set(found)] : shell.tasks;
  return all.filter(
    (one) => kinds.every((isKind) => isKind(one)) && (states.length === 0 || states.includes(stateOfTask(one))),
  );
}
