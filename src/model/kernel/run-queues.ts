import { ifThere } from '../memory/memory-fault.ts';
import { perCpu, type Cpu } from './cpus.ts';
import type { Kernel } from './kernel.ts';

/** What the scheduler has on each CPU: addresses of struct task_struct. */
export interface RunQueues {
  /** What ran when the dump was taken. */
  readonly current: ReadonlySet<bigint>;
  /** What runs when nothing else does: one a CPU, on no list of tasks. */
  readonly idle: readonly bigint[];
}

/** Reads the per-CPU struct rq; empty where types or symbols do not lead to it. */
export function readRunQueues({ symbols, layouts, memory }: Kernel, cpus: readonly Cpu[]): RunQueues {
  const queues = symbols.find('runqueues');
  const [current, idle] = [layouts.member('rq', 'curr'), layouts.member('rq', 'idle')];
  if (queues === undefined || !current || !idle) return { current: new Set(), idle: [] };
  const pointers = (offset: number): readonly bigint[] =>
    cpus.flatMap((cpu) => {
      const task = ifThere(() => memory.u64(perCpu(queues, cpu) + BigInt(offset)));
      return task === undefined || task === 0n ? [] : [task];
    });
  return { current: new Set(pointers(current.offset)), idle: [...new Set(pointers(idle.offset))] };
}
