import { viewStruct } from '../layouts/struct-view.ts';
import { ifThere } from '../memory/memory-fault.ts';
import type { Kernel, Walked } from './kernel.ts';
import type { Task } from './tasks.ts';

/** A file that a process has open. */
export interface OpenFile {
  readonly task: Task;
  readonly fd: number;
  /** Of its struct file. */
  readonly file: bigint;
  readonly inode: bigint;
  readonly dentry: bigint;
}

/** sysctl fs.nr_open allows no more. */
const MOST_FDS = 2 ** 20;

/**
 * What processes have open, of each table of files once: threads share theirs. `visit` is called for each; nothing is kept,
 * since a host may have millions. Returns how many there were.
 */
export function walkOpenFiles(kernel: Kernel, tasks: readonly Task[], visit: (file: OpenFile) => void): Walked<number> {
  const { memory, layouts } = kernel;
  const problems: string[] = [];
  const files = layouts.member('task_struct', 'files');
  const [inode, dentry] = [layouts.member('file', 'f_inode'), layouts.member('file', 'f_path.dentry')];
  if (!files || !inode || !dentry) return { value: 0, problems: ['the types do not say how files are kept'] };
  const seen = new Set<bigint>([0n]);
  let count = 0;
  for (const task of tasks) {
    const table = ifThere(() => memory.u64(task.address + BigInt(files.offset))) ?? 0n;
    if (seen.has(table)) continue;
    seen.add(table);
    const fds = ifThere(() => tableOf(kernel, table));
    if (!fds) problems.push(`the files of ${task.pid} cannot be read`);
    for (const [fd, file] of fds?.entries() ?? []) {
      const found =
        file === 0n
          ? undefined
          : ifThere(() => ({
              inode: memory.u64(file + BigInt(inode.offset)),
              dentry: memory.u64(file + BigInt(dentry.offset)),
            }));
      if (!found) continue;
      visit({ task, fd, file, ...found });
      count++;
    }
  }
  return { value: count, problems };
}

/** Addresses of struct file by descriptor; 0 for those that are closed. */
function tableOf({ memory, layouts }: Kernel, files: bigint): BigUint64Array | undefined {
  const table = viewStruct(memory, layouts, 'files_struct', files).follow('fdt');
  const count = table?.number('max_fds') ?? 0;
  if (!table || count > MOST_FDS) return undefined;
  const bytes = memory.read(table.pointer('fd'), count * 8);
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, count);
}
