import { walkMounts } from '../../../model/kernel/mounts.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { needTasks } from './task-rows.ts';
import type { ShellWord } from './word.ts';

export const mount: ShellWord = {
  name: 'mount',
  usage: ['mount [-n PID|TASK] [TEXT …]'],
  summary: 'mounted file systems',
  help: [
    '-n PID  those that this task sees; without it, those of the first process',
    'TEXT    only those with it as address, type, device or directory',
  ],
  completes: [],
  *run(shell, args) {
    const { kernel } = shell.session;
    const [option, pid, ...others] = args;
    const ofTask = option === '-n';
    if (ofTask && pid === undefined) throw new InputError('mount', '-n takes a task', 'see help mount');
    const texts = ofTask ? others : args;
    const [task] = ofTask ? needTasks(shell, 'mount', [pid ?? '']) : [];
    const first = shell.tasks.find((one) => one.pid === 1) ?? shell.current;
    const { value, problems } = walkMounts(kernel, task?.address ?? first.address);
    const mounts = value
      .map((one) => ({
        mount: spell(one.address),
        superblock: spell(one.superblock),
        type: one.type,
        device: one.device,
        directory: one.directory,
      }))
      .filter((row) => texts.length === 0 || texts.some((text) => Object.values(row).includes(text)));
    if (mounts.length === 0 && value.length > 0)
      throw new InputError('mount', `nothing is mounted of ${texts.join(' or ')}`, 'mount lists what is');
    yield { kind: 'mounts', mounts };
    yield { kind: 'problems', problems };
  },
};
