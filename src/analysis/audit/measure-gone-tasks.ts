import type { Kernel } from '../../model/kernel/kernel.ts';
import type { SlabHeap } from '../../model/kernel/slab-heap.ts';
import { stateLetter } from '../../model/kernel/task-state.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { viewStruct } from '../../model/layouts/struct-view.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { eachObject } from './each-object.ts';

/** A task that ended, is on no list any more, and whose task_struct is still there. */
export interface GoneTask {
  readonly address: bigint;
  /** Its number among slab objects. */
  readonly object: number;
  readonly pid: number;
  /** Escape before showing. */
  readonly comm: string;
  readonly state: string;
  /** References to its task_struct. */
  readonly references: number;
}

/** EXIT_DEAD and EXIT_ZOMBIE (include/linux/sched.h); the same two bits, in either order, since 2.6. */
const EXITED = 0x30;

/** All of them, in the order of memory. Undefined where the types do not say how a task looks. */
export function measureGoneTasks(
  kernel: Kernel,
  heap: SlabHeap,
  listed: readonly Pick<Task, 'address'>[],
): readonly GoneTask[] | undefined {
  const { memory, layouts } = kernel;
  const layout = layouts.struct('task_struct');
  const cache = heap.caches.findIndex(({ name }) => name === 'task_struct');
  // A refcount_t since 4.13 (commit ec1d281923cf); before an atomic_t of the same name.
  const usage = layout?.has('usage.refs.counter') ? 'usage.refs.counter' : 'usage';
  if (!layout?.has('exit_state') || !layout.has(usage) || cache < 0) return undefined;
  const known = new Set(listed.map(({ address }) => address));
  const found: GoneTask[] = [];
  for (const { object, address } of eachObject(kernel, heap, cache)) {
    if (known.has(address)) continue;
    const task = ifThere(() => {
      const view = viewStruct(memory, layouts, layout, address);
      const exit = view.number('exit_state');
      if ((exit & EXITED) === 0) return undefined;
      const state = stateLetter(view.number('__state|state'), exit);
      return { pid: view.number('pid'), comm: view.text('comm'), state, references: view.number(usage) };
    });
    if (task) found.push({ address, object, ...task });
  }
  return found;
}
