import type { Kernel } from '../../model/kernel/kernel.ts';
import type { Task } from '../../model/kernel/tasks.ts';
import { ifThere } from '../../model/memory/memory-fault.ts';
import { PLAN } from './build-graph.ts';

/** No kernel has larger stacks: 64 KiB with pages of that size. */
const LARGEST_STACK = 65_536n;

/**
 * What lies below the stack pointer is left over from calls that returned: it is not read, so that it cannot hold what was
 * freed long ago or leaked. Whole pages leave the plan; of the page that a stack pointer lies in the offset to begin at is
 * returned, by frame. Tasks that ran take theirs from the registers; where neither is inside of the stack, all of it counts.
 */
export function leaveDeadStack(
  { memory, layouts }: Kernel,
  tasks: readonly Task[],
  stackPointers: readonly bigint[],
  plan: Uint8Array,
): ReadonlyMap<number, number> {
  const saved = layouts.member('task_struct', 'thread.sp') ?? layouts.member('task_struct', 'thread.cpu_context.sp');
  const begins = new Map<number, number>();
  for (const { address, stack, active } of tasks) {
    const inside = (at: bigint): boolean => at > stack && at < stack + LARGEST_STACK;
    const pointer = active
      ? stackPointers.find(inside)
      : saved && ifThere(() => memory.u64(address + BigInt(saved.offset)));
    if (stack === 0n || pointer === undefined || !inside(pointer)) continue;
    for (let at = stack; at <= pointer; at += BigInt(memory.pageSize)) {
      const physical = memory.translate(at);
      if (physical === undefined) continue;
      const frame = Math.floor(physical / memory.pageSize);
      if (plan[frame] !== PLAN.root) continue;
      if (pointer - at >= BigInt(memory.pageSize)) plan[frame] = PLAN.skip;
      else begins.set(frame, Number(pointer - at) & ~7);
    }
  }
  return begins;
}
