/** What became of the events of one CPU: `per_cpu/cpuN/stats`. */
export interface BufferStats {
  /** In the buffer, not read. */
  readonly entries: number;
  /** Read through trace_pipe or trace_pipe_raw. */
  readonly read: number;
  /** Overwritten before they were read, and refused because the buffer was full or busy. */
  readonly lost: number;
}

/**
 * Written by kernel/trace/trace.c, tracing_stats_read(). Lines that are not there count nothing: `dropped events` came with
 * 3.3, `read events` with 3.4.
 */
export function parseBufferStats(text: string): BufferStats {
  const of = (name: string): number => Number(new RegExp(`^${name}: (\\d{1,15})$`, 'm').exec(text)?.[1] ?? 0);
  return {
    entries: of('entries'),
    read: of('read events'),
    lost: of('overrun') + of('commit overrun') + of('dropped events'),
  };
}
