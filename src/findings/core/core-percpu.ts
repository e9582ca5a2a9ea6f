/** `kleak core percpu --json`: memory that exists once for each CPU. Sizes in bytes. */
export interface CorePercpu {
  readonly cpus: number;
  /** All CPUs together, as /proc/meminfo has it in Percpu; absent before 4.20. */
  readonly bytes?: number;
  /** The part that was set aside at boot, outside of MemTotal. */
  readonly bootBytes?: number;
  /** The part that was added since. */
  readonly laterBytes: number;
  readonly chunks: readonly CorePercpuChunk[];
  /** What was handed out, by size, most memory first; absent where the kernel keeps no maps (before 4.14). */
  readonly areas?: readonly PercpuAreas[];
  readonly problems: readonly string[];
}

/** Sizes of one CPU's share. */
export interface CorePercpuChunk {
  readonly address: string;
  readonly base: string;
  readonly kind: 'first' | 'reserved' | 'later';
  readonly bytes: number;
  readonly populatedBytes: number;
  readonly freeBytes: number;
}

export interface PercpuAreas {
  /** For one CPU. */
  readonly size: number;
  readonly count: number;
  /** For all CPUs. */
  readonly bytes: number;
}
