import { spellBytes, spellCount, spellThings } from '../../base/spelling.ts';
import type { Finding } from '../../findings/finding.ts';
import type { DumpFacts, GoneTasks, Zombies } from '../../model/dump-facts.ts';
import { defineRule, type Rule } from '../rule.ts';
import { at, dumpCommand, isLarge, whoPoints } from './dump-claims.ts';

/** Fewer may be between their end and the moment in which RCU frees them. */
const FEWEST = 20;
/** What a task keeps until its struct is freed. */
const TOGETHER = ['signal_cache', 'sighand_cache'] as const;

/** Tasks that ended and are kept: by somebody who holds their address, or by a parent that does not ask how they ended. */
export const deadTasks: Rule<'dump'> = defineRule({
  id: 'dead-tasks',
  title: 'tasks that ended and are kept',
  needs: ['dump'],
  examine({ dump }) {
    const { goneTasks: gone, zombies = [] } = dump;
    return [
      ...(gone?.holder && gone.holder.tasks >= FEWEST ? [describeHeld(gone, gone.holder, dump)] : []),
      ...zombies.filter(({ bytes }) => isLarge(bytes, dump.ram)).map((group) => describeZombies(group, dump.file)),
    ];
  },
});

function describeHeld(gone: GoneTasks, holder: NonNullable<GoneTasks['holder']>, { file }: DumpFacts): Finding {
  const { tasks, bytes, comm, references, samples } = gone;
  const { module, symbol, name } = holder;
  const who = symbol === undefined ? name : `${symbol}${module === undefined ? '' : ` of module ${module}`}`;
  return {
    id: 'dead-tasks',
    title: `${spellCount(holder.tasks)} tasks that ended are kept by way of ${who}: ${spellBytes(bytes)}`,
    summary: `${spellCount(tasks)} tasks (most were called ${comm}) ended and are on no list, but their task_structs (${spellBytes(bytes)}) are not freed: ${who} leads to references to ${spellCount(holder.tasks)} of them. Whoever put them there has to give them back (put_task_struct).`,
    verdict: 'growth',
    layer: 'slab-unreclaimable',
    confidence: module === undefined ? 0.7 : 0.8,
    bytes,
    objects: tasks,
    subject: { cache: 'task_struct', type: 'struct task_struct', together: TOGETHER },
    ...(module === undefined ? {} : { owner: { kind: 'module', name: module } }),
    evidence: [
      {
        text: `${spellCount(tasks)} tasks have exited, are on no list of tasks, and record ${spellThings(references, 'reference')}, such as ${samples.slice(0, 2).join(', ')}`,
        source: at(file, samples[0] ?? ''),
      },
      {
        text: `the addresses of ${spellCount(holder.tasks)} of them stand in ${name}${symbol === undefined || name.startsWith(symbol) ? '' : `, which ${who} leads to`}`,
        source: at(file, samples[0] ?? ''),
      },
    ],
    next: [
      whoPoints(file, samples[0] ?? ''),
      dumpCommand(file, 'tasks', 'all tasks, those that ended last, with who holds them'),
    ],
    terms: ['reference count', 'slab cache'],
  };
}

function describeZombies({ parent, zombies, bytes, samples }: Zombies, file: string): Finding {
  const who = `${parent.comm} (pid ${parent.pid})`;
  return {
    id: 'dead-tasks',
    title: `${spellCount(zombies)} zombies whose parent is ${who}`,
    summary: `Not a leak of the kernel: ${spellCount(zombies)} processes ended and ${who} has not asked how (wait); the kernel keeps ${spellBytes(bytes)} of task_structs until it does, or ends.`,
    verdict: 'not-a-leak',
    layer: 'slab-unreclaimable',
    confidence: 0.9,
    bytes,
    objects: zombies,
    subject: { cache: 'task_struct', type: 'struct task_struct', together: TOGETHER },
    owner: { kind: 'process', name: parent.comm },
    evidence: [
      {
        text: `${spellCount(zombies)} tasks in state Z are children of ${who}, such as ${samples.slice(0, 2).join(', ')}`,
        source: at(file, samples[0] ?? ''),
      },
    ],
    next: [dumpCommand(file, 'tasks', 'all tasks, zombies by parent')],
    terms: ['slab cache'],
  };
}
