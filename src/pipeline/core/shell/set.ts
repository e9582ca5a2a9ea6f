import type { ShellBlock } from '../../../findings/core/shell-block.ts';
import { InputError } from '../../../sources/input-error.ts';
import { parseOptions } from './options.ts';
import type { Shell } from './shell.ts';
import { findTasks, taskRows } from './task-rows.ts';
import type { ShellWord } from './word.ts';

export const set: ShellWord = {
  name: 'set',
  usage: ['set [PID|TASK|NAME]', 'set -c CPU', 'set radix 10|16', 'set hex|dec', 'set scroll on|off', 'set -v'],
  summary: 'the task that commands mean where none is named; settings',
  help: [
    'Without anything the current task is shown. At first that is the one whose CPU crashed, else that of the first CPU.',
    '-c CPU  the task that ran there',
    '-v      the settings',
    'radix   numbers that struct, union, list and p show, 10 or 16; hex and dec are short for it',
    'scroll  whether long output goes through $PAGER (less where there is none) on a terminal',
  ],
  completes: ['task'],
  *run(shell, args) {
    const options = parseOptions('set', args, { flags: ['v'], values: ['c'] });
    const [what, value] = options.args;
    const cpu = options.value('c');
    if (options.has('v')) return yield settings(shell);
    if (cpu !== undefined) shell.current = taskOfCpu(shell, cpu);
    else if (what !== undefined) {
      const setting = applySetting(shell, what, value);
      if (setting) return yield setting;
      const [task] = findTasks(shell, what) ?? [];
      if (!task) throw new InputError('set', `no task and no setting ${what}`, 'give a pid, or see help set');
      shell.current = task;
    }
    yield { kind: 'task', task: taskRows(shell)(shell.current) };
  },
};

function taskOfCpu({ tasks }: Shell, cpu: string): Shell['current'] {
  const task = tasks.find((candidate) => candidate.active && String(candidate.cpu) === cpu);
  if (task) return task;
  throw new InputError('set', `no task ran on CPU ${cpu}`, 'ps -A lists those that did');
}

const SWITCHES: Readonly<Record<string, boolean>> = { on: true, off: false };

function applySetting(shell: Shell, name: string, value: string | undefined): ShellBlock | undefined {
  const radix =
    name === 'hex' ? '16' : name === 'dec' ? '10' : name === 'radix' ? (value ?? String(shell.radix)) : undefined;
  if (radix !== undefined) {
    if (radix !== '10' && radix !== '16') throw new InputError('set', `radix ${radix}`, 'give 10 or 16');
    shell.radix = radix === '16' ? 16 : 10;
    return { kind: 'text', lines: [`output radix: ${shell.radix} (${shell.radix === 16 ? 'hex' : 'decimal'})`] };
  }
  if (name !== 'scroll') return undefined;
  const wanted = value === undefined ? shell.scroll : SWITCHES[value];
  if (wanted === undefined) throw new InputError('set', `scroll ${value ?? ''}`, 'give on or off');
  shell.scroll = wanted;
  return { kind: 'text', lines: [`scroll: ${wanted ? 'on' : 'off'}`] };
}

const settings = ({ radix, scroll, session }: Shell): ShellBlock => ({
  kind: 'pairs',
  pairs: [
    ['scroll', scroll ? 'on' : 'off'],
    ['radix', radix === 16 ? '16 (hex)' : '10 (decimal)'],
    ['dumpfile', session.kernel.file],
    ['symbols', session.kernel.symbols.source],
    ['types', session.kernel.layouts.graphs[0]?.source ?? 'none'],
  ],
});
