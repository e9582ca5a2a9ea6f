import { viewStruct } from '../layouts/struct-view.ts';
import { perCpu, type Cpu } from './cpus.ts';
import type { Kernel } from './kernel.ts';

/** Low bits of percpu_count_ptr (include/linux/percpu-refcount.h, since 3.18). */
const ATOMIC = 1n;
const DEAD = 2n;
/** Added while the count is spread over CPUs, so that it cannot come to 0. */
const BIAS = 1n << 63n;

/** What a struct percpu_ref counts. */
export interface PercpuRef {
  readonly count: number;
  /** percpu_ref_kill() was called: whoever gives back the last one frees it. */
  readonly killed: boolean;
}

/**
 * Reads a struct percpu_ref at an address. Its atomic part lies outside since 5.10 (commit 2b0d3d3e4fcf); one that was given
 * up (percpu_ref_exit) or never counts has none: undefined then. Memory that is not there throws MemoryFault.
 */
export function readPercpuRef(kernel: Kernel, address: bigint, cpus: readonly Cpu[]): PercpuRef | undefined {
  const { memory, layouts } = kernel;
  const view = viewStruct(memory, layouts, 'percpu_ref', address);
  const pointer = view.pointer('percpu_count_ptr');
  const atomic = view.has('data') ? view.follow('data')?.u64('count') : view.u64('count');
  if (atomic === undefined) return undefined;
  const killed = (pointer & DEAD) !== 0n;
  // On its way from per-CPU counts to one it still has the bias: it is taken off when the counts have been added.
  const isOne = (pointer & ATOMIC) !== 0n && BigInt.asIntN(64, atomic) >= 0n;
  if (isOne) return { count: Number(atomic), killed };
  const counters = pointer & ~(ATOMIC | DEAD);
  let count = BigInt.asUintN(64, atomic - BIAS);
  for (const cpu of cpus) count += memory.u64(perCpu(counters, cpu));
  return { count: Number(BigInt.asIntN(64, count)), killed };
}
