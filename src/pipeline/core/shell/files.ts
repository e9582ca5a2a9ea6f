import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellFile, ShellFiles } from '../../../findings/core/shell-tasks.ts';
import { viewStruct, type StructView } from '../../../model/layouts/struct-view.ts';
import { ifThere } from '../../../model/memory/memory-fault.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import { mountOf, pathInMounts } from '../../../model/kernel/mounts.ts';
import { walkOpenFiles, type OpenFile } from '../../../model/kernel/open-files.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import { spell } from '../addresses.ts';
import { parseOptions } from './options.ts';
import type { Shell } from './shell.ts';
import { nameOfTask, needTasks } from './task-rows.ts';
import type { ShellWord } from './word.ts';

export const files: ShellWord = {
  name: 'files',
  usage: ['files [-R TEXT] [PID|TASK|NAME …]'],
  summary: 'the files that a task has open',
  help: [
    '-R TEXT  only lines with it',
    'Without a task those of the current one. Of a socket its protocol stands in place of the path.',
  ],
  completes: ['task'],
  *run(shell, args) {
    const options = parseOptions('files', args, { flags: [], values: ['R'] });
    const asked = needTasks(shell, 'files', options.args);
    for (const task of asked.length > 0 ? asked : [shell.current]) yield filesOf(shell, task, options.value('R'));
  },
};

export function filesOf({ session }: Shell, task: Task, only?: string): ShellBlock {
  const { kernel } = session;
  const found: ShellFile[] = [];
  const { problems } = walkOpenFiles(kernel, [task], (file) => {
    const row = describe(kernel, file);
    if (only === undefined || Object.values(row).some((cell) => String(cell).includes(only))) found.push(row);
  });
  const [problem] = problems;
  const files: ShellFiles = {
    task: nameOfTask(task),
    ...placesOf(kernel, task),
    files: found,
    ...(problem === undefined ? {} : { problem }),
  };
  return { kind: 'files', files };
}

/** Where the task's paths begin. */
function placesOf(kernel: Kernel, { address }: Task): Pick<ShellFiles, 'root' | 'directory'> {
  const found = ifThere(() => {
    const fs = viewStruct(kernel.memory, kernel.layouts, 'task_struct', address).follow('fs');
    return fs && { root: pathOf(kernel, fs.struct('root')), directory: pathOf(kernel, fs.struct('pwd')) };
  });
  return found ?? {};
}

/** Of a struct path. */
const pathOf = (kernel: Kernel, path: StructView): string =>
  pathInMounts(kernel, mountOf(kernel, path.pointer('mnt')), path.pointer('dentry'));

/** S_IFMT of i_mode. */
const TYPES: Readonly<Record<number, string>> = {
  0x1000: 'FIFO',
  0x2000: 'CHR',
  0x4000: 'DIR',
  0x6000: 'BLK',
  0x8000: 'REG',
  0xa000: 'LNK',
  0xc000: 'SOCK',
};

function describe(kernel: Kernel, { fd, file, dentry, inode }: OpenFile): ShellFile {
  const { memory, layouts } = kernel;
  const mode = ifThere(() => viewStruct(memory, layouts, 'inode', inode).number('i_mode'));
  const type = TYPES[(mode ?? 0) & 0xf000] ?? 'UNKN';
  const path = ifThere(() =>
    type === 'SOCK'
      ? protocolOf(kernel, inode)
      : pathOf(kernel, viewStruct(memory, layouts, 'file', file).struct('f_path')),
  );
  // Pipes and the like have no place in a tree: what the kernel calls them is made up when it is asked for.
  const shown = type === 'FIFO' && path === '/' ? '' : (path ?? '');
  return { descriptor: fd, file: spell(file), dentry: spell(dentry), inode: spell(inode), type, path: shown };
}

function protocolOf({ memory, layouts }: Kernel, inode: bigint): string {
  const within = layouts.member('socket_alloc', 'vfs_inode');
  if (!within) return '';
  const socket = viewStruct(memory, layouts, 'socket_alloc', inode - BigInt(within.offset)).struct('socket');
  return socket.follow('sk')?.follow('__sk_common.skc_prot')?.text('name') ?? '';
}
