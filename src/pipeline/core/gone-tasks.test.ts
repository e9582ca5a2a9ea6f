import { describe, expect, it } from 'vitest';
import { realDumps, WHERE_DUMPS_ARE } from '../../../testkit/real-dumps.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { zombiesOf } from './gone-tasks.ts';
import { CoreSession } from './session.ts';
import { coreTasks } from './tasks.ts';

const task = (pid: number, ppid: number, state: string, comm: string): Task => ({
  address: BigInt(pid),
  pid,
  tgid: pid,
  ppid,
  comm,
  state,
  active: false,
  kernelThread: false,
  stack: 0n,
  mm: 0n,
  activeMm: 0n,
});

describe('zombies', () => {
  it('stand with the parent that has not asked how they ended, the most first', () => {
    const tasks = [
      task(1, 0, 'S', 'init'),
      task(40, 1, 'S', 'server'),
      task(41, 1, 'Z', 'once'),
      task(42, 40, 'Z', 'worker'),
      task(43, 40, 'Z', 'worker'),
      task(44, 40, 'X', 'worker'),
    ];
    expect(zombiesOf(tasks)).toEqual([
      {
        parent: { pid: 40, comm: 'server' },
        zombies: 2,
        comms: ['worker'],
        samples: ['000000000000002a', '000000000000002b'],
      },
      { parent: { pid: 1, comm: 'init' }, zombies: 1, comms: ['once'], samples: ['0000000000000029'] },
    ]);
  });

  it('whose parent is not listed are told nevertheless', () => {
    expect(zombiesOf([task(42, 40, 'Z', 'worker')])).toMatchObject([{ parent: { pid: 40, comm: '' }, zombies: 1 }]);
  });
});

describe('tasks that ended and are on no list', () => {
  it.each(realDumps())(
    `of $name are the few that wait to be freed, or leaked ones with their references (${WHERE_DUMPS_ARE})`,
    ({ path }) => {
      const session = CoreSession.open(path);
      const { tasks, gone } = coreTasks(session);
      session.close();
      const listed = new Set(tasks.map(({ address }) => address));
      expect(gone).toBeDefined();
      expect(gone?.groups.reduce((sum, group) => sum + group.tasks, 0)).toBe(gone?.tasks);
      for (const { samples, references, state } of gone?.groups ?? []) {
        expect(samples.some((sample) => listed.has(sample))).toBe(false);
        expect(references).toBeGreaterThan(0);
        expect(['X', 'Z']).toContain(state);
      }
    },
    60_000,
  );
});
