import { measureGoneTasks, type GoneTask } from '../../analysis/audit/measure-gone-tasks.ts';
import type { CoreGoneTasks, CoreTaskHolder, CoreZombies } from '../../findings/core/core-tasks.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { spell } from './addresses.ts';
import { pointerHolders, type PointerHolder } from './pointer-holders.ts';
import type { CoreSession } from './session.ts';

const MOST_SAMPLES = 4;
/** Fewer wait for RCU to free them, on any host that starts programs. */
const FEWEST = 10;
/** A holder of fewer of them is by chance: what stands on a stack, in a variable that was last used long ago. */
const LEAST_SHARE = 0.1;
const TYPES: ReadonlySet<string> = new Set(['task_struct']);
/** Members of what belongs to a task itself, or of other tasks, that hold the address and no reference. */
const OWN = /^(?:struct )?(?:task_struct|signal_struct|sighand_struct|task_exec_state|sched_entity|rq|io_context)\b/;

/** Tasks that ended and are on no list, by name and references, with who holds them. Undefined where the dump has no types. */
export function goneTasks(session: CoreSession, listed: readonly Task[]): CoreGoneTasks | undefined {
  const { heap } = session.pages;
  const found = heap && measureGoneTasks(session.kernel, heap, listed);
  if (!found) return undefined;
  const cache = heap.caches.find(({ name }) => name === 'task_struct');
  const looked = found.length >= FEWEST;
  const holders = looked ? holdersOf(session, found) : [];
  return {
    tasks: found.length,
    bytes: found.length * (cache?.size ?? 0),
    ...(looked ? { unreachable: found.filter((task) => !isReached(session, task)).length } : {}),
    groups: groupsOf(session, found, looked),
    holders,
  };
}

const isReached = ({ reachability }: CoreSession, { object }: GoneTask): boolean => reachability.marked.has(object);

function groupsOf(session: CoreSession, found: readonly GoneTask[], looked: boolean): CoreGoneTasks['groups'] {
  const groups = new Map<string, GoneTask[]>();
  for (const task of found) {
    const key = `${task.references} ${task.state} ${task.comm}`;
    const known = groups.get(key);
    if (known) known.push(task);
    else groups.set(key, [task]);
  }
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap((tasks) => {
      const [first] = tasks;
      if (!first) return [];
      const { comm, state, references } = first;
      return [
        {
          comm,
          state,
          references,
          tasks: tasks.length,
          ...(looked ? { unreachable: tasks.filter((task) => !isReached(session, task)).length } : {}),
          samples: tasks.slice(0, MOST_SAMPLES).map(({ address }) => spell(address)),
        },
      ];
    });
}

function holdersOf(session: CoreSession, found: readonly GoneTask[]): readonly CoreTaskHolder[] {
  const addresses = found.map(({ address }) => address);
  const ignored = (name: string): boolean => OWN.test(name);
  return pointerHolders(session, { addresses, types: TYPES, ignored })
    .filter(({ held }) => held.length >= Math.max(2, found.length * LEAST_SHARE))
    .map(holder);
}

const holder = ({ name, held, count, samples, root }: PointerHolder): CoreTaskHolder => ({
  name,
  tasks: held.length,
  words: count,
  ...(root === undefined ? {} : { root }),
  samples: samples.map(spell),
});

/** Processes that ended and whose parent has not asked how, by parent; the most first. */
export function zombiesOf(tasks: readonly Task[]): readonly CoreZombies[] {
  const byPid = new Map(tasks.map((task) => [task.pid, task]));
  const groups = new Map<number, Task[]>();
  for (const task of tasks) {
    if (task.state !== 'Z') continue;
    const parent = task.ppid ?? 0;
    const known = groups.get(parent);
    if (known) known.push(task);
    else groups.set(parent, [task]);
  }
  return [...groups]
    .map(([parent, zombies]): CoreZombies => ({
      parent: { pid: parent, comm: byPid.get(parent)?.comm ?? '' },
      zombies: zombies.length,
      comms: [...new Set(zombies.map(({ comm }) => comm))].slice(0, MOST_SAMPLES),
      samples: zombies.slice(0, MOST_SAMPLES).map(({ address }) => spell(address)),
    }))
    .toSorted((a, b) => b.zombies - a.zombies);
}
