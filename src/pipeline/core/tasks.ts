import type { CoreTask, CoreTasks } from '../../findings/core/core-tasks.ts';
import { walkTasks, type Task } from '../../model/kernel/tasks.ts';
import { spell } from './addresses.ts';
import { goneTasks, zombiesOf } from './gone-tasks.ts';
import type { CoreSession } from './session.ts';

/** Every task that is listed, and those that ended and are still there. */
export function coreTasks(session: CoreSession): CoreTasks {
  const { value, problems } = walkTasks(session.kernel);
  const gone = session.hasPages ? goneTasks(session, value) : undefined;
  return { tasks: value.map(describe), zombies: zombiesOf(value), ...(gone ? { gone } : {}), problems };
}

function describe(task: Task): CoreTask {
  const { pid, tgid, ppid, state, cpu, active, kernelThread, comm, memory } = task;
  return {
    pid,
    tgid,
    ...(ppid === undefined ? {} : { ppid }),
    state,
    ...(cpu === undefined ? {} : { cpu }),
    active,
    kernelThread,
    comm,
    address: spell(task.address),
    ...(task.stack === 0n ? {} : { stack: spell(task.stack) }),
    ...(task.mm === 0n ? {} : { mm: spell(task.mm) }),
    ...(memory?.residentBytes === undefined ? {} : { residentBytes: memory.residentBytes }),
    ...(memory?.virtualBytes === undefined ? {} : { virtualBytes: memory.virtualBytes }),
  };
}
