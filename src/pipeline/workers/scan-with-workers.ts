import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { moduleBeside } from '../../base/module-beside.ts';
import { scanFrames, type FramePlan, type PartialGraph } from '../../analysis/reachability/build-graph.ts';
import type { Scan } from '../../analysis/reachability/measure-reachability.ts';
import type { NodeSpace } from '../../analysis/reachability/node-space.ts';
import { framesToRead } from '../../analysis/reachability/split-frames.ts';
import type { PhysicalMemory } from '../../model/memory/physical-memory.ts';
import { nextRange, orderOf, partOf, STATE, type ScanReply } from './scan-order.ts';

/** Below this a worker has hardly started when all is done. */
const WORTH_BYTES = 128 * 2 ** 20;
/** Beyond this many threads reading and joining cost more than is gained. */
const MOST_WORKERS = 3;
/** Milliseconds without any thread beginning a range, after which a worker is given up. */
const PATIENCE = 30_000;

const script: string = fileURLToPath(moduleBeside(import.meta.url, './scan-worker'));

/**
 * Has frames scanned by this thread and by workers beside it, which open the dump by its files. Threads take range by range,
 * so that a worker that starts late gets less to do, and one that never starts nothing. What a worker took and did not
 * deliver is scanned again here: it may fail, hang, or find the dump damaged. `workers`: as many as pay, where it is not
 * given.
 */
export function scanWithWorkers(files: readonly string[], physical: PhysicalMemory, workers?: number): Scan {
  return (space, frames, bounds) => {
    const count = workers ?? worthwhileWorkers(framesToRead(frames) * space.pageSize);
    const state = new Int32Array(new SharedArrayBuffer((STATE.ended + count) * 4));
    const started = Array.from({ length: count }, (_, worker) =>
      start(space, frames, { files, bounds, state, worker }),
    );
    const parts = [scanFrames(physical, space, frames, bounds, () => nextRange(state))];
    for (const [worker, { port }] of started.entries()) {
      if (missingRanges(parts, bounds).length === 0) break;
      parts.push(...delivered(state, worker, port));
    }
    for (const { thread } of started) void thread?.terminate();
    const left = missingRanges(parts, bounds);
    if (left.length > 0) parts.push(scanFrames(physical, space, frames, bounds, () => left.shift() ?? bounds.length));
    return parts;
  };
}

/** As many as there are idle CPUs beside this thread's: on a busy machine the end would have to wait for the workers. */
function worthwhileWorkers(bytes: number): number {
  if (bytes < WORTH_BYTES) return 0;
  const [load = 0] = loadavg();
  return Math.max(0, Math.min(MOST_WORKERS, Math.ceil(availableParallelism() - load) - 1));
}

interface Started {
  readonly port: MessagePort;
  /** Undefined where the system has no thread to give. */
  readonly thread?: Worker;
}

function start(space: NodeSpace, frames: FramePlan, rest: Omit<Parameters<typeof orderOf>[2], 'port'>): Started {
  const { port1, port2 } = new MessageChannel();
  try {
    const workerData = orderOf(space, frames, { ...rest, port: port2 });
    const thread = new Worker(script, { workerData, transferList: [port2] });
    // It tells nothing by events: nobody would hear them while this thread is at work.
    thread.on('error', () => undefined).unref();
    return { port: port1, thread };
  } catch {
    Atomics.store(rest.state, STATE.ended + rest.worker, 1);
    return { port: port1 };
  }
}

/** Waits for a worker to end; nothing where it hangs, or has nothing to show. */
function delivered(state: Int32Array, worker: number, port: MessagePort): readonly PartialGraph[] {
  let begun = Atomics.load(state, STATE.begun);
  while (Atomics.load(state, STATE.ended + worker) === 0) {
    if (Atomics.wait(state, STATE.ended + worker, 0, PATIENCE) !== 'timed-out') continue;
    const now = Atomics.load(state, STATE.begun);
    if (now === begun) return [];
    begun = now;
  }
  const reply: unknown = receiveMessageOnPort(port)?.message;
  return isReply(reply) ? [partOf(reply)] : [];
}

const isReply = (value: unknown): value is ScanReply =>
  typeof value === 'object' && value !== null && 'cuts' in value && 'stores' in value;

function missingRanges(parts: readonly PartialGraph[], bounds: Uint32Array): number[] {
  const done = new Set(parts.flatMap(({ cuts }) => cuts.map(({ range }) => range)));
  return Array.from({ length: bounds.length - 1 }, (_, range) => range).filter((range) => !done.has(range));
}
