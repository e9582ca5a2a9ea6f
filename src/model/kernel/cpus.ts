import type { Kernel } from './kernel.ts';
import { ifThere } from '../memory/memory-fault.ts';
import { u32Variable } from './variables.ts';

/** More CPUs than any kernel is built for (NR_CPUS is at most 8192): a larger count is damage. */
const MOST_CPUS = 8192;

/** A CPU's number, and what is added to a per-CPU pointer to reach its copy. */
export interface Cpu {
  readonly number: number;
  readonly offset: bigint;
  readonly online: boolean;
}

/**
 * The possible CPUs, each of which has its own copy of per-CPU data; a kernel built for one CPU has one, at no offset. CPUs
 * whose offset cannot be read are left out, and how many are is said to `problem`.
 */
export function possibleCpus(kernel: Kernel, problem?: (what: string) => void): readonly Cpu[] {
  const { symbols, memory } = kernel;
  const offsets = symbols.find('__per_cpu_offset');
  if (offsets === undefined) return [{ number: 0, offset: 0n, online: true }];
  const most = Math.min(MOST_CPUS, u32Variable(kernel, 'nr_cpu_ids') ?? MOST_CPUS);
  const possible = maskBits(kernel, '__cpu_possible_mask', most);
  const online = maskBits(kernel, '__cpu_online_mask', most);
  const numbers = possible ?? Array.from({ length: most }, (_, i) => i);
  const cpus = numbers.flatMap((number) => {
    const offset = ifThere(() => memory.u64(offsets + BigInt(number * 8)));
    return offset === undefined ? [] : [{ number, offset, online: online?.includes(number) ?? true }];
  });
  if (cpus.length < numbers.length)
    problem?.(`the per-CPU memory of ${numbers.length - cpus.length} CPUs cannot be found`);
  return possible === undefined ? cpus.filter(({ offset }) => offset !== 0n) : cpus;
}

function maskBits({ symbols, memory }: Kernel, name: string, most: number): readonly number[] | undefined {
  const at = symbols.find(name);
  const bytes = at === undefined ? undefined : memory.tryRead(at, Math.ceil(most / 8));
  if (!bytes) return undefined;
  return Array.from({ length: most }, (_, i) => i).filter((i) => (((bytes[i >> 3] ?? 0) >> (i & 7)) & 1) === 1);
}

/** Where the copy of a per-CPU pointer or variable lies that belongs to one CPU. */
export const perCpu = (pointer: bigint, cpu: Cpu): bigint => BigInt.asUintN(64, pointer + cpu.offset);
