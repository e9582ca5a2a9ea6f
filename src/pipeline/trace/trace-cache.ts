import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeInOrder } from '../../analysis/trace/merge-cpus.ts';
import { AllocationTrace, type TracedAllocations } from '../../analysis/trace/outstanding.ts';
import type { TraceDocument, TraceOverhead } from '../../findings/trace.ts';
import { InputError } from '../../sources/input-error.ts';
import { HostClient } from '../../sources/live/host-client.ts';
import { findTracefs } from '../../sources/tracefs/find-tracefs.ts';
import { ProcessNames } from '../../sources/tracefs/process-names.ts';
import { removeLeftovers } from '../../sources/tracefs/trace-instance.ts';
import { describeTrace } from './describe-trace.ts';
import { measureEventCost } from './event-cost.ts';
import { readKernelSymbols } from './live-symbols.ts';
import { ALLOCATIONS, TraceBuffers } from './trace-buffers.ts';
import { belongs, countObjects, findCache, type TracedCache } from './traced-cache.ts';

export interface TraceOptions {
  readonly seconds: number;
  /** Record the stack of each allocation. */
  readonly stacks: boolean;
  /** Ends the trace early; what was seen until then is the answer. */
  readonly stop?: AbortSignal;
  readonly progress?: (text: string) => void;
  /** Pointers that are followed at a time. */
  readonly pointers?: number;
}

/** What a trace came to, before it is put into words. */
export interface TraceRun {
  readonly cache: TracedCache;
  readonly started: number;
  readonly seconds: number;
  readonly stacks: boolean;
  readonly objectsAfter?: number;
  readonly traced?: TracedAllocations;
  readonly written: number;
  readonly lost: number;
  readonly torn: number;
  readonly changed: readonly string[];
  readonly overhead?: TraceOverhead;
  readonly fallback?: { readonly because: string; readonly remedy: string };
}

const POINTERS = 1_000_000;
const GROUPS = 20_000;
/** Milliseconds between readings: short while there is much to read, long else. */
const PAUSE = { shortest: 20, longest: 400 };
const TIME_LIMIT = 15_000;
/** As nice has it. */
const PRIORITY = -10;

/**
 * Follows the allocations and frees of one slab cache for some time, by the kernel's own trace events, in trace instances that
 * are removed again whatever happens. Throws InputError where there is no such cache or the kernel does not allow it; where
 * there is no tracefs the cache is only counted, and the document says why.
 */
export async function traceCache(wanted: string, options: TraceOptions): Promise<TraceDocument> {
  const host = new HostClient(TIME_LIMIT);
  try {
    const cache = await findCache(host, wanted);
    const run = await recordTrace(host, cache, options);
    const sites = new Set(run.traced?.groups.flatMap(({ site, stack }) => [site, ...stack]));
    return describeTrace(run, sites.size > 0 ? await readKernelSymbols(host) : undefined);
  } finally {
    host.close();
  }
}

async function recordTrace(host: HostClient, cache: TracedCache, options: TraceOptions): Promise<TraceRun> {
  const tracefs = findTracefs();
  if (tracefs.state === 'missing') return countOnly(host, cache, options, tracefs);
  const leftovers = removeLeftovers(tracefs.folder);
  options.progress?.('measuring what tracing costs here');
  const cost = await measureEventCost(tracefs.folder);
  const recorder = new Recorder(tracefs.folder, cache, options);
  // Whoever ends this process in another way than by an error or the end must not leave the trace running.
  const removeAtExit = (): void => recorder.remove();
  process.once('exit', removeAtExit);
  try {
    const run = await recorder.run(cost);
    const objectsAfter = await countObjects(host, cache.name);
    return {
      ...run,
      changed: [...leftovers.map((name) => `removed ${name}, left behind by a run that was killed`), ...run.changed],
      ...(objectsAfter === undefined ? {} : { objectsAfter }),
    };
  } finally {
    process.off('exit', removeAtExit);
    recorder.remove();
  }
}

/** Where there are no events: how many objects there are before and after. */
async function countOnly(
  host: HostClient,
  cache: TracedCache,
  { seconds, stop }: TraceOptions,
  fallback: { readonly because: string; readonly remedy: string },
): Promise<TraceRun> {
  const [started, start] = [Date.now(), performance.now()];
  await sleep(seconds * 1000, undefined, stop ? { signal: stop } : {}).catch(() => undefined);
  const objectsAfter = await countObjects(host, cache.name);
  return {
    cache,
    started,
    seconds: (performance.now() - start) / 1000,
    stacks: false,
    ...(objectsAfter === undefined ? {} : { objectsAfter }),
    written: 0,
    lost: 0,
    torn: 0,
    changed: [],
    fallback: { because: fallback.because, remedy: fallback.remedy },
  };
}

/** The instances of one trace and what is learned from them. */
class Recorder {
  readonly #cache: TracedCache;
  readonly #options: TraceOptions;
  readonly #buffers: TraceBuffers[] = [];
  readonly #names: ProcessNames;
  readonly #trace: AllocationTrace;

  constructor(tracefs: string, cache: TracedCache, options: TraceOptions) {
    this.#cache = cache;
    this.#options = options;
    this.#names = new ProcessNames(tracefs);
    this.#trace = new AllocationTrace({ pointers: options.pointers ?? POINTERS, groups: GROUPS });
    try {
      const allocations = this.#add(tracefs, 'a', options.stacks);
      // Stacks are asked for by buffer: those of frees would cost as much and say nothing.
      const frees = options.stacks ? this.#add(tracefs, 'f', false) : allocations;
      this.#enableFrees(frees);
      this.#enableAllocations(allocations);
    } catch (cause) {
      this.remove();
      throw cause;
    }
  }

  async run(cost: Awaited<ReturnType<typeof measureEventCost>>): Promise<TraceRun> {
    const [cpu, started, start] = [process.cpuUsage(), Date.now(), performance.now()];
    const priority = raisePriority();
    await this.#follow(start + this.#options.seconds * 1000);
    for (const buffers of this.#buffers) buffers.stop();
    const seconds = (performance.now() - start) / 1000;
    this.#read(Infinity);
    setPriority(priority);
    const stats = this.#buffers.map((b) => b.stats());
    const { user, system } = process.cpuUsage(cpu);
    const written = stats.reduce((n, s) => n + s.written, 0);
    const overhead = {
      readerCpuSeconds: (user + system) / 1e6,
      eventsPerSecond: written / seconds,
      ...cost,
      bufferBytes: this.#buffers.reduce((n, b) => n + b.bufferBytes, 0),
    };
    return {
      cache: this.#cache,
      started,
      seconds,
      stacks: this.#options.stacks,
      traced: this.#trace.finish(now()),
      written,
      lost: stats.reduce((n, s) => n + s.lost, 0),
      torn: this.#buffers.reduce((n, b) => n + b.torn, 0),
      changed: this.#buffers.map((b) => `made and removed ${b.folder}: ${b.changed.join(', ')}`),
      overhead: { ...overhead, ...shareOfCpu(overhead, seconds) },
    };
  }

  remove(): void {
    for (const buffers of this.#buffers) buffers.remove();
  }

  #add(tracefs: string, part: string, stacks: boolean): TraceBuffers {
    const buffers: TraceBuffers = new TraceBuffers(tracefs, part, stacks, (event) =>
      belongs(event, this.#cache, buffers.accountFlag),
    );
    this.#buffers.push(buffers);
    return buffers;
  }

  #enableAllocations(buffers: TraceBuffers): void {
    const { kmalloc, own, slotBytes, objectBytes } = this.#cache;
    const filter = `bytes_alloc == ${slotBytes}`;
    const exact = objectBytes === undefined ? filter : `${filter} && bytes_req == ${objectBytes}`;
    const enabled = [
      ...(kmalloc ? ALLOCATIONS.kmalloc : []).filter((name) => buffers.enable(name, filter)),
      ...(own ? ALLOCATIONS.own : []).filter((name) => buffers.enable(name, exact)),
    ];
    if (enabled.length > 0) return;
    const what = 'this kernel has no events of allocations';
    throw new InputError(`${buffers.folder}/events/kmem`, what, 'see docs/trace.md');
  }

  /** kfree() frees objects of any cache, and does not say of which: all of them are read. */
  #enableFrees(buffers: TraceBuffers): void {
    const names = [this.#cache.name, ...this.#cache.aliases, ...(this.#cache.own ? this.#cache.sameSize : [])];
    buffers.enable('kmem_cache_free', names.map((name) => `name == "${name}"`).join(' || '));
    buffers.enable('kfree', 'ptr != 0');
  }

  async #follow(end: number): Promise<void> {
    const { stop, progress, seconds } = this.#options;
    const room = Math.min(...this.#buffers.map((b) => b.bufferBytes));
    let pause = PAUSE.shortest;
    while (performance.now() < end && stop?.aborted !== true) {
      // A buffer that fills while this one sleeps loses events: at most a tenth of it should fill meanwhile.
      const filled = this.#read(now()) / room;
      const fitting = filled > 0.1 ? pause / 2 : filled < 0.02 ? pause * 2 : pause;
      pause = filled > 0.3 ? 0 : Math.min(PAUSE.longest, Math.max(PAUSE.shortest, fitting));
      const left = Math.max(0, end - performance.now());
      progress?.(`tracing ${this.#cache.name}: ${Math.ceil(left / 1000)} of ${seconds} s left`);
      await sleep(Math.min(pause, left), undefined, stop ? { signal: stop } : {}).catch(() => undefined);
    }
  }

  /** Takes in all events up to a moment: later ones wait, since another CPU may yet have an earlier one. */
  #read(until: number): number {
    let bytes = 0;
    for (const buffers of this.#buffers) bytes += buffers.read();
    const queues = this.#buffers.flatMap((b) => b.queues);
    const complete = Math.min(until, ...this.#buffers.map((b) => b.waitsSince(until) - 1));
    takeInOrder(queues, complete, ({ event, stack }) => {
      const process = event.kind === 'freed' ? '' : event.interrupt ? 'interrupts' : this.#names.of(event.pid);
      this.#trace.add(event, process, stack);
    });
    return bytes;
  }
}

/** A reader that waits for its turn on a busy host loses events. Gives the priority that it had. */
function raisePriority(): number {
  const before = getPriority();
  try {
    setPriority(Math.min(before, PRIORITY));
  } catch {
    // Not allowed in some containers; events that are lost are counted.
  }
  return before;
}

/** Nanoseconds of the clock that the trace is stamped with. */
const now = (): number => Number(process.hrtime.bigint());

/** Events that the filter refuses cost their task nearly as much; all of the host's are counted. */
function shareOfCpu(overhead: TraceOverhead, seconds: number): Pick<TraceOverhead, 'cpuShare'> {
  const { hostEventsPerSecond, nanosecondsPerEvent, readerCpuSeconds, eventsPerSecond } = overhead;
  if (nanosecondsPerEvent === undefined) return {};
  const events = Math.max(hostEventsPerSecond ?? 0, eventsPerSecond);
  return { cpuShare: readerCpuSeconds / seconds + (events * nanosecondsPerEvent) / 1e9 };
}
