import { perCpu, possibleCpus } from '../../model/kernel/cpus.ts';
import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import type { VmallocArea } from '../../model/kernel/vmalloc.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { PLAN } from './build-graph.ts';

/** Each CPU keeps so many for the next tasks (NR_CACHED_STACKS, since 4.14). */
const CACHED = 2;
const MOST_PAGES = 64;

/**
 * Stacks of tasks that are gone hold nothing, though what they called still stands there: those that CPUs keep for the next
 * tasks, and those that wait for RCU (since 5.18, commit e540bf3162e8, with a struct vm_stack in their first bytes). They
 * leave the plan; what the links in those bytes lead to is returned. Stacks of tasks that are on no list but still run, on
 * their way out, are left as they are.
 */
export function leaveIdleStacks(
  kernel: Kernel,
  areas: readonly VmallocArea[],
  tasks: readonly Pick<Task, 'stack'>[],
  plan: Uint8Array,
): readonly bigint[] {
  const { memory } = kernel;
  const links = linksOf(kernel);
  const cached = cachedStacks(kernel);
  const used = new Set(tasks.map(({ stack }) => stack));
  const held: bigint[] = [];
  for (const { start, owns, pages } of areas) {
    if (!owns || pages === 0 || pages > MOST_PAGES || used.has(start)) continue;
    const waiting = ifThere(() => links(start));
    if (!waiting && !cached.has(start)) continue;
    held.push(...(waiting ?? []));
    for (let page = 0; page < pages; page++) {
      const physical = memory.translate(start + BigInt(page * memory.pageSize));
      const frame = physical === undefined ? -1 : Math.floor(physical / memory.pageSize);
      if (plan[frame] === PLAN.root) plan[frame] = PLAN.skip;
    }
  }
  return held;
}

/** The links in the first bytes of a stack that waits for RCU; undefined for any other. */
function linksOf({ layouts, memory, symbols }: Kernel): (stack: bigint) => readonly bigint[] | undefined {
  const area = layouts.member('vm_stack', 'stack_vm_area');
  const next = layouts.member('vm_stack', 'rcu.next');
  const func = layouts.member('vm_stack', 'rcu.func');
  const free = symbols.find('thread_stack_free_rcu');
  if (!area || !next || !func || free === undefined) return () => undefined;
  return (stack) =>
    memory.u64(stack + BigInt(func.offset)) === free
      ? [next, area].map(({ offset }) => memory.u64(stack + BigInt(offset)))
      : undefined;
}

function cachedStacks(kernel: Kernel): ReadonlySet<bigint> {
  const { layouts, memory, symbols } = kernel;
  const array = symbols.find('cached_stacks');
  const addr = layouts.member('vm_struct', 'addr')?.offset;
  const found = new Set<bigint>();
  if (array === undefined || addr === undefined) return found;
  for (const cpu of possibleCpus(kernel)) {
    for (let i = 0; i < CACHED; i++) {
      const area = ifThere(() => memory.u64(perCpu(array, cpu) + BigInt(i * 8))) ?? 0n;
      const stack = area === 0n ? undefined : ifThere(() => memory.u64(area + BigInt(addr)));
      if (stack !== undefined) found.add(stack);
    }
  }
  return found;
}
