import { bytes } from '../../base/units.ts';
import type { CoreGoneTasks } from '../../findings/core/core-tasks.ts';
import type { DumpFacts, GoneTasks } from '../../model/dump-facts.ts';
import { goneTasks, zombiesOf } from '../core/gone-tasks.ts';
import type { CoreSession } from '../core/session.ts';

/** Fewer are on their way out, on any host. */
const FEWEST = 10;
const FEWEST_ZOMBIES = 100;
const MOST_PARENTS = 3;

/** Tasks that ended and are still there: on the list of their parent, or on none. */
export function deadTasks(session: CoreSession): Pick<DumpFacts, 'goneTasks' | 'zombies'> {
  const { tasks } = session.users;
  const gone = goneTasks(session, tasks);
  const size = session.heap.caches.find(({ name }) => name === 'task_struct')?.size ?? 0;
  const zombies = zombiesOf(tasks).filter((group) => group.zombies >= FEWEST_ZOMBIES);
  const facts = gone && gone.tasks >= FEWEST ? factsOf(gone) : undefined;
  return {
    ...(facts ? { goneTasks: facts } : {}),
    ...(zombies.length === 0
      ? {}
      : {
          zombies: zombies.slice(0, MOST_PARENTS).map(({ parent, zombies: count, samples }) => ({
            parent,
            zombies: count,
            bytes: bytes(count * size),
            samples,
          })),
        }),
  };
}

function factsOf({ tasks, bytes: size, unreachable = 0, groups, holders }: CoreGoneTasks): GoneTasks | undefined {
  const [first] = groups;
  if (!first) return undefined;
  const [main] = holders;
  const [, symbol, module] = /^(\S+?)(?:\+0x[0-9a-f]+)?(?: \[(.+)\])?$/.exec(main?.root ?? main?.name ?? '') ?? [];
  return {
    tasks,
    bytes: bytes(size),
    unreachable,
    references: first.references,
    comm: first.comm,
    ...(main
      ? {
          holder: {
            name: main.name,
            tasks: main.tasks,
            ...(symbol === undefined ? {} : { symbol }),
            ...(module === undefined ? {} : { module }),
          },
        }
      : {}),
    samples: first.samples,
  };
}
