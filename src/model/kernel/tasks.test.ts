import { describe, expect, it } from 'vitest';
import { MADE_BASE, MadeKernel } from '../../../testkit/made-kernel.ts';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import { openKernel } from '../../pipeline/core/open-kernel.ts';
import { stateLetter } from './task-state.ts';
import { walkTasks } from './tasks.ts';

const TYPES = {
  signal_struct: { thread_head: [0, 'list'] },
  task_struct: {
    __state: [0, 'u32'],
    exit_state: [4, 'u32'],
    flags: [8, 'u32'],
    pid: [12, 'u32'],
    tgid: [16, 'u32'],
    cpu: [20, 'u32'],
    stack: [24, 'pointer'],
    tasks: [32, 'list'],
    thread_node: [48, 'list'],
    signal: [64, 'pointer'],
    mm: [72, 'pointer'],
    active_mm: [80, 'pointer'],
    real_parent: [88, 'pointer'],
    comm: [96, 'char[16]'],
  },
} as const;

const at = (page: number): bigint => MADE_BASE + BigInt(page * 4096);

/** Tasks 0 to 4, one a page; 4 is a thread of 2. */
function made(): MadeKernel {
  const kernel = new MadeKernel(16, TYPES);
  kernel.symbols.set('init_task', at(1));
  for (const pid of [0, 1, 2, 3, 4]) {
    const task = at(pid + 1);
    kernel.put32(task + 12n, pid);
    kernel.put32(task + 16n, pid === 4 ? 2 : pid);
    kernel.put32(task + 8n, pid === 3 ? 0x200000 : 0);
    kernel.put(task + 64n, at(pid === 4 ? 3 : pid + 1) + 1024n);
    kernel.put(task + 88n, at(1));
    kernel.text(task + 96n, `task-${pid}`);
    if (pid !== 4) kernel.link(task + 1024n, ...[task, ...(pid === 2 ? [at(5)] : [])].map((t) => t + 48n));
  }
  kernel.link(...[1, 2, 3, 4].map((page) => at(page) + 32n));
  return kernel;
}

describe('tasks', () => {
  it('are all found, threads behind their process', () => {
    const { value, problems } = walkTasks(made().kernel);
    expect(value.map(({ pid, tgid, comm }) => [pid, tgid, comm])).toEqual([
      [0, 0, 'task-0'],
      [1, 1, 'task-1'],
      [2, 2, 'task-2'],
      [4, 2, 'task-4'],
      [3, 3, 'task-3'],
    ]);
    expect(value.filter(({ kernelThread }) => kernelThread).map(({ pid }) => pid)).toEqual([3]);
    expect(problems).toEqual([]);
  });

  it('behind a page that the dump lacks are reached from the other end', () => {
    const kernel = made();
    kernel.exclude(at(3));
    const { value, problems } = walkTasks(kernel.kernel);
    expect(value.map(({ pid }) => pid)).toEqual([0, 1, 3]);
    expect(problems.join()).toContain('the list of tasks breaks off');
  });

  it('in a circle end', () => {
    const kernel = made();
    kernel.put(at(4) + 32n, at(2) + 32n);
    const { value, problems } = walkTasks(kernel.kernel);
    expect(value.map(({ pid }) => pid)).toEqual([0, 1, 2, 4, 3]);
    expect(problems.join()).toContain('goes round in a circle');
  });

  it('of a list that leads to another process, or to no task, are left out, and that is said', () => {
    const kernel = made();
    kernel.put(at(5) + 64n, at(2));
    kernel.put32(at(4) + 12n, 0x7fffffff);
    const { value, problems } = walkTasks(kernel.kernel);
    expect(value.map(({ pid }) => pid)).toEqual([0, 1, 2]);
    expect(problems.join()).toContain('one is of another process');
    expect(problems.join()).toContain(`the task at ${at(4).toString(16)} is none`);
  });

  it('are none without the types or the symbol, and that is said', () => {
    expect(walkTasks(new MadeKernel(1, {}).kernel).problems).toEqual(['no tasks: init_task is in no table of symbols']);
    const partial = new MadeKernel(2, { task_struct: { pid: [0, 'u32'] } });
    partial.symbols.set('init_task', at(1));
    expect(walkTasks(partial.kernel).problems.join()).toContain('no tasks: task_struct has no member');
  });

  it.each([
    [0, 0, 'R'],
    [1, 0, 'S'],
    [2, 0, 'D'],
    [0x402, 0, 'I'],
    [4, 0, 'T'],
    [8, 0, 't'],
    [0x80, 0x20, 'Z'],
    [0x80, 0x10, 'X'],
    [0x40, 0, 'P'],
    [0x8000, 0, 'R'],
  ])('in state %i, exit state %i have the letter of ps', (state, exit, letter) => {
    expect(stateLetter(state, exit)).toBe(letter);
  });
});

const dumps = realDumps();
describe.skipIf(dumps.length === 0)(`tasks of real dumps (${WHERE_DUMPS_ARE})`, () => {
  it.each(dumps)('of $name are those that ps saw', ({ path, proc }) => {
    const { dump, kernel } = openKernel([path]);
    const { value, problems } = walkTasks(kernel);
    dump.close();
    const pids = new Set(value.map(({ pid }) => pid));
    expect(value.find(({ pid }) => pid === 1)).toMatchObject({ tgid: 1, ppid: 0, kernelThread: false, state: 'S' });
    expect(value.find(({ pid }) => pid === 2)).toMatchObject({ comm: 'kthreadd', kernelThread: true, mm: 0n });
    expect(value.filter(({ active }) => active).length).toBeGreaterThan(0);
    expect(value.find(({ pid }) => pid === 1)?.memory?.residentBytes).toBeGreaterThan(500_000);
    const seen = [...(proc('ps') ?? '').matchAll(/^ *(\d+) /gm)].map(([, pid]) => Number(pid));
    // Workers come and go, and ps itself is gone; where the dump lacks pages, tasks are missing and that is said.
    const missing = seen.filter((pid) => !pids.has(pid));
    expect(problems.length > 0 || missing.length <= Math.max(2, seen.length / 10)).toBe(true);
  });
});
