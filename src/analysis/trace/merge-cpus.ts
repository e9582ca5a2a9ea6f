/** Anything with a time. */
interface Timed {
  readonly at: number;
}

/**
 * Events of several CPUs in one order. Each CPU's own are in order already; those up to `until` are given, later ones stay for
 * the next time, because another CPU may yet have an earlier one.
 */
export function takeInOrder<T extends Timed>(queues: readonly T[][], until: number, each: (event: T) => void): void {
  const next = queues.map(() => 0);
  for (;;) {
    let first = -1;
    let least = until;
    for (let i = 0; i < queues.length; i++) {
      const at = queues[i]?.[next[i] ?? 0]?.at;
      if (at !== undefined && at <= least) [first, least] = [i, at];
    }
    const queue = queues[first];
    const event = queue?.[next[first] ?? 0];
    if (!queue || !event) break;
    next[first] = (next[first] ?? 0) + 1;
    each(event);
  }
  queues.forEach((queue, i) => queue.splice(0, next[i] ?? 0));
}
