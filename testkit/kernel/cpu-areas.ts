import type { Machine } from './machine.ts';

const AREA_BYTES = 65_536;

/** The per-CPU areas: a pointer is the same for all CPUs, each adds its own offset. */
export class CpuAreas {
  readonly count: number;
  readonly #areas: readonly bigint[];
  /** Since 6.15 per-CPU symbols are no longer linked at zero (commit 9d7de2aa8b41). */
  readonly #base: bigint;
  #next = 4096;

  constructor(machine: Machine, count: number, base = 0n) {
    this.count = count;
    this.#base = base;
    this.#areas = Array.from({ length: count }, () => machine.allocateVirtual(AREA_BYTES, 4096));
    const offsets = machine.variable('__per_cpu_offset', 64 * 8);
    // CPUs that are not possible keep the offset that all had at boot.
    for (let cpu = 0; cpu < 64; cpu++) {
      const area = this.#areas[cpu] ?? machine.virtual(machine.plan.imagePhysical);
      machine.poke(offsets + BigInt(cpu * 8), 8, BigInt.asUintN(64, area - base));
    }
    machine.poke(machine.variable('nr_cpu_ids', 4, 4), 4, count);
    for (const mask of ['__cpu_possible_mask', '__cpu_online_mask'])
      machine.poke(machine.variable(mask, 8, 8), 8, (1n << BigInt(count)) - 1n);
  }

  /** A pointer to fresh per-CPU memory. */
  allocate(bytes: number): bigint {
    const at = this.#next;
    this.#next += Math.ceil(bytes / 64) * 64;
    if (this.#next > AREA_BYTES) throw new Error('the per-CPU areas are full');
    return this.#base + BigInt(at);
  }

  /** Where the copy of one CPU lies. */
  at(pointer: bigint, cpu: number): bigint {
    return (this.#areas[cpu] ?? 0n) + (pointer - this.#base);
  }
}
