import { spell } from '../addresses.ts';
import { coreStruct } from '../struct.ts';
import { parseOptions } from './options.ts';
import { nameOfTask, needTasks } from './task-rows.ts';
import type { ShellWord } from './word.ts';

export const task: ShellWord = {
  name: 'task',
  usage: ['task [-R MEMBER[,MEMBER]] [-xd] [PID|TASK|NAME …]'],
  summary: 'the task_struct of a task',
  help: ['-R MEMBER  only these members', '-x, -d     numbers in hexadecimal or decimal'],
  completes: ['task'],
  *run(shell, args) {
    const { kernel } = shell.session;
    const options = parseOptions('task', args, { flags: ['x', 'd'], values: ['R'] });
    const asked = needTasks(shell, 'task', options.args);
    const members = options.value('R');
    const hex = options.has('x') || (!options.has('d') && shell.radix === 16);
    for (const one of asked.length > 0 ? asked : [shell.current]) {
      yield { kind: 'task-name', task: nameOfTask(one) };
      const query = members === undefined ? 'struct task_struct' : `struct task_struct.${members}`;
      const document = coreStruct(kernel, query, `0x${spell(one.address)}`);
      yield { kind: members === undefined ? 'struct' : 'members', struct: document, hex };
    }
  },
};
