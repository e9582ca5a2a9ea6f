import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import type { ShellFrame } from '../../../findings/core/shell-tasks.ts';
import type { Kernel } from '../../../model/kernel/kernel.ts';
import type { Task } from '../../../model/kernel/tasks.ts';
import type { Frame, SavedRegisters } from '../../../model/unwind/frame.ts';
import type { CpuState } from '../../../model/unwind/unwind.ts';
import { InputError } from '../../../sources/input-error.ts';
import { spell } from '../addresses.ts';
import { parseOptions, type Options } from './options.ts';
import type { Shell } from './shell.ts';
import { nameOfTask, needTasks } from './task-rows.ts';
import type { ShellWord } from './word.ts';

export const bt: ShellWord = {
  name: 'bt',
  usage: ['bt [-fst] [PID|TASK|NAME …]', 'bt -a', 'bt -c CPU'],
  summary: 'how a task came to where it is',
  help: [
    '-a      the tasks that ran on the CPUs',
    '-c CPU  the one that ran on this CPU',
    '-f      with the words that each frame has on the stack',
    '-s      functions with the offset within them',
    '-t      every return address on the stack instead; what is left over from earlier is among them',
    'On x86-64 stacks are unwound by ORC, on kernels without by frame pointers, on arm64 by frame pointers. Where these end',
    'early, what is left of the stack is looked through; such frames are guesses and have a ? before their name.',
  ],
  completes: ['task'],
  *run(shell, args) {
    const options = parseOptions('bt', args, { flags: ['a', 'f', 's', 't'], values: ['c'] });
    const tasks = tasksOf(shell, options);
    for (const [i, task] of tasks.entries()) {
      if (i > 0) yield { kind: 'blank' };
      yield backtraceOf(shell, task, options);
    }
  },
};

function tasksOf(shell: Shell, options: Options): readonly Task[] {
  const cpu = options.value('c');
  const active = shell.tasks.filter((task) => task.active).toSorted((a, b) => (a.cpu ?? 0) - (b.cpu ?? 0));
  if (options.has('a')) return active;
  if (cpu !== undefined) {
    const here = active.filter((task) => String(task.cpu) === cpu);
    if (here.length > 0) return here;
    throw new InputError('bt', `no task ran on CPU ${cpu}`, 'ps -A lists those that did');
  }
  const asked = needTasks(shell, 'bt', options.args);
  return asked.length > 0 ? asked : [shell.current];
}

export function backtraceOf({ session, unwinder }: Shell, task: Task, options?: Options): ShellBlock {
  const { kernel } = session;
  const running = task.active ? registersOf(session.dump.cpus, task) : undefined;
  const found = options?.has('t') === true ? unwinder.scan(task, running) : unwinder.unwind(task, running);
  const frames = found.frames.map((frame, i) =>
    describe(
      kernel,
      frame,
      options?.has('s') === true,
      options?.has('f') === true ? found.frames[i + 1]?.stack : undefined,
    ),
  );
  const { problem } = found;
  return {
    kind: 'backtrace',
    backtrace: { task: nameOfTask(task), how: found.how, frames, ...(problem === undefined ? {} : { problem }) },
  };
}

/** Notes are numbered as the CPUs, unless some of these saved nothing: then the pid tells, where it was saved. */
function registersOf(
  cpus: readonly { readonly cpu: number; readonly pid: number; readonly registers: CpuState }[],
  task: Task,
): CpuState | undefined {
  const byPid = task.pid === 0 ? [] : cpus.filter(({ pid }) => pid === task.pid);
  return (byPid.length === 1 ? byPid[0] : cpus.find(({ cpu }) => cpu === task.cpu))?.registers;
}

/** A frame that has more on the stack is cut there. */
const MOST_WORDS = 2048;

function describe(kernel: Kernel, frame: Frame, withOffset: boolean, next: bigint | undefined): ShellFrame {
  const { address, interrupted, stack, guess, registers } = frame;
  // A call that does not return is the last thing in its function: behind it the next one begins.
  const symbol = kernel.symbols.at(interrupted ? address : address - 1n);
  const offset = symbol ? symbol.offset + (interrupted ? 0 : 1) : 0;
  const name = symbol ? `${symbol.name}${withOffset ? `+${offset}` : ''}` : '(unknown)';
  return {
    stack: spell(stack),
    address: spell(address),
    symbol: name,
    ...(symbol?.module === undefined ? {} : { module: symbol.module }),
    guess,
    ...(next !== undefined && next > stack ? { words: wordsOf(kernel, stack + 8n, next + 8n) } : {}),
    ...(registers ? savedOf(kernel, registers) : {}),
  };
}

function wordsOf({ memory }: Kernel, from: bigint, to: bigint): NonNullable<ShellFrame['words']> {
  const count = Math.min(MOST_WORDS, Number((to - from) / 8n));
  const bytes = memory.tryRead(from, count * 8);
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: { address: string; values: string[] }[] = [];
  for (let i = 0; i < count; i += 2) {
    const values = [i, i + 1].filter((n) => n < count).map((n) => spell(view.getBigUint64(n * 8, true)));
    rows.push({ address: spell(from + BigInt(i * 8)), values });
  }
  return rows;
}

function savedOf(kernel: Kernel, { values, user }: SavedRegisters): Pick<ShellFrame, 'registers' | 'interrupted'> {
  const at = values.get('ip') ?? values.get('pc');
  const registers = [...values].map(([name, value]) => [name, spell(value)] as const);
  if (user || at === undefined) return { registers };
  const symbol = kernel.symbols.at(at);
  return { registers, interrupted: symbol ? `${symbol.name}+${symbol.offset}` : spell(at) };
}
