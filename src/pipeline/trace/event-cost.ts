import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseBufferStats } from '../../formats/trace/buffer-stats.ts';
import { TraceInstance } from '../../sources/tracefs/trace-instance.ts';

/** What tracing costs on this host. What could not be measured is absent. */
export interface EventCost {
  readonly nanosecondsPerEvent?: number;
  /** Allocations and frees of the slab allocator on the whole host. */
  readonly hostEventsPerSecond?: number;
}

const EVENTS = ['kmalloc', 'kmalloc_node', 'kmem_cache_alloc', 'kmem_cache_alloc_node', 'kfree', 'kmem_cache_free'];
const ROUNDS = 3;
/** Milliseconds. */
const BATCHES = 40;
const SAMPLE = 500;
/** Opening it makes the kernel allocate and free a handful of objects. */
const FILE = '/proc/self/comm';
const OPENED_AT_ONCE = 50;

/**
 * Measures what one event costs the task that makes it: this process opens a file again and again, with and without tracing,
 * and the fastest batches are compared. Then counts the events of the whole host for half a second. Takes about a second.
 */
export async function measureEventCost(tracefs: string): Promise<EventCost> {
  const instance = new TraceInstance(tracefs, 'cost');
  try {
    instance.set('buffer_size_kb', '64');
    instance.set('set_event_pid', String(process.pid));
    const [off, on]: [number[], number[]] = [[], []];
    let opened = 0;
    for (let round = 0; round < ROUNDS; round++) {
      off.push(fastestBatch());
      switchEvents(instance, '1');
      on.push(fastestBatch());
      opened += BATCHES * OPENED_AT_ONCE;
      switchEvents(instance, '0');
    }
    const events = written(instance) / opened;
    const extra = Math.min(...on) - Math.min(...off);
    const hostEventsPerSecond = await hostRate(instance);
    return {
      ...(events >= 1 && extra > 0 ? { nanosecondsPerEvent: extra / events } : {}),
      ...(hostEventsPerSecond === undefined ? {} : { hostEventsPerSecond }),
    };
  } finally {
    instance.remove();
  }
}

/** Nanoseconds for one opening. */
function fastestBatch(): number {
  let least = Infinity;
  for (let batch = 0; batch < BATCHES; batch++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < OPENED_AT_ONCE; i++) closeSync(openSync(FILE, 'r'));
    least = Math.min(least, Number(process.hrtime.bigint() - start) / OPENED_AT_ONCE);
  }
  return least;
}

async function hostRate(instance: TraceInstance): Promise<number | undefined> {
  if (!instance.set('set_event_pid', '\n')) return undefined;
  switchEvents(instance, '1');
  const [before, start] = [written(instance), performance.now()];
  await sleep(SAMPLE);
  const rate = ((written(instance) - before) * 1000) / (performance.now() - start);
  switchEvents(instance, '0');
  return rate;
}

function switchEvents(instance: TraceInstance, value: string): void {
  for (const event of EVENTS)
    if (instance.has(`events/kmem/${event}`)) instance.set(`events/kmem/${event}/enable`, value);
}

function written(instance: TraceInstance): number {
  return instance.cpus.reduce((sum, cpu) => {
    const { entries, read, lost } = parseBufferStats(instance.read(`per_cpu/cpu${cpu}/stats`));
    return sum + entries + read + lost;
  }, 0);
}
