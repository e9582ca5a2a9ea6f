import { endianness } from 'node:os';
import { parseBufferStats } from '../../formats/trace/buffer-stats.ts';
import { flagValue, parseEventFormat, type EventFormat } from '../../formats/trace/event-format.ts';
import { decodeStack, kmemDecoder, type KmemDecoder } from '../../formats/trace/kmem-event.ts';
import { decodeRingPage, ringPageLayout, type RingPageLayout } from '../../formats/trace/ring-page.ts';
import type { AddressKey, KmemEvent } from '../../model/kmem-event.ts';
import { InputError } from '../../sources/input-error.ts';
import { TraceInstance } from '../../sources/tracefs/trace-instance.ts';

/** An event with the stack that the kernel recorded behind it; frees have none. */
export interface StackedEvent {
  readonly at: number;
  readonly event: KmemEvent;
  stack: readonly AddressKey[];
}

/** Events by what they tell. Until 6.0 those of a chosen node have events of their own. */
export const ALLOCATIONS = {
  kmalloc: ['kmalloc', 'kmalloc_node'],
  own: ['kmem_cache_alloc', 'kmem_cache_alloc_node'],
} as const;

/** Kernel memory for the buffers of one trace, of all CPUs together. */
const ALL_BUFFERS = 24 * 2 ** 20;
const [SMALLEST, LARGEST] = [128 * 1024, 4 * 2 ** 20];
/** Since 3.17 (2014): the clock that this process can read too. */
const CLOCK = 'mono';
/** Of __GFP_ACCOUNT, where an event's format does not tell. */
const ACCOUNT = 0x40_0000;
/** Nanoseconds. */
const PATIENCE = 1e9;

/** One trace instance: what is switched on in it, and its events as they come, a queue for each CPU. */
export class TraceBuffers {
  readonly queues: StackedEvent[][] = [];
  readonly bufferBytes: number;
  readonly changed: string[] = [];
  /** The bit of __GFP_ACCOUNT on this kernel. */
  accountFlag: number = ACCOUNT;
  torn = 0;
  readonly #instance: TraceInstance;
  readonly #layout: RingPageLayout;
  readonly #decoders = new Map<number, KmemDecoder>();
  readonly #little = endianness() === 'LE';
  readonly #wanted: (event: KmemEvent) => boolean;
  readonly #stack: EventFormat | undefined;
  /** Allocations of a CPU whose stack has not come yet; an interrupt's comes before that of what it interrupted. */
  readonly #waiting = new Map<number, StackedEvent[]>();

  /** Events for which `wanted` is false are left out. Throws InputError where the kernel does not let it. */
  constructor(tracefs: string, part: string, stacks: boolean, wanted: (event: KmemEvent) => boolean) {
    this.#wanted = wanted;
    this.#instance = new TraceInstance(tracefs, part);
    try {
      const cpus = this.#instance.cpus.length;
      const perCpu = Math.min(LARGEST, Math.max(SMALLEST, Math.floor(ALL_BUFFERS / Math.max(1, cpus))));
      this.#instance.mustSet('trace_clock', CLOCK);
      this.#instance.mustSet('buffer_size_kb', String(perCpu / 1024));
      this.bufferBytes = perCpu * cpus;
      this.#layout = ringPageLayout(this.#format('events/header_page', tracefs), this.#little, 'header_page');
      this.#stack = stacks ? this.#format('events/ftrace/kernel_stack/format', tracefs) : undefined;
      if (stacks) this.#instance.mustSet('options/stacktrace', '1');
    } catch (cause) {
      this.#instance.remove();
      throw cause;
    }
  }

  get folder(): string {
    return this.#instance.folder;
  }

  /** Switches an event on, with the kernel's own filter; false where this kernel does not have it. */
  enable(name: string, filter: string): boolean {
    const folder = `events/kmem/${name}`;
    if (!this.#instance.has(folder)) return false;
    const format = this.#format(`${folder}/format`);
    const decoder = kmemDecoder(format, this.#little);
    if (!decoder)
      throw new InputError(`${this.folder}/${folder}/format`, 'it lacks ptr or call_site', 'see docs/trace.md');
    this.#decoders.set(format.id, decoder);
    this.accountFlag = flagValue(format, '__GFP_ACCOUNT') ?? this.accountFlag;
    // A field that this kernel's event lacks makes the filter void: the events are then sorted out here.
    const filtered = filter !== '' && this.#instance.set(`${folder}/filter`, filter);
    this.#instance.mustSet(`${folder}/enable`, '1');
    this.changed.push(filtered ? `${name} (${filter})` : name);
    return true;
  }

  /** Fills the queues with what is there. Gives the bytes read. */
  read(): number {
    let bytes = 0;
    this.#instance.drain((cpu, page) => {
      bytes += page.byteLength;
      this.#take(cpu, page);
    });
    return bytes;
  }

  stop(): void {
    this.#instance.set('tracing_on', '0');
  }

  /** Of all CPUs: events written since the instance was made, and those that were lost. */
  stats(): { readonly written: number; readonly lost: number } {
    const all = this.#instance.cpus.map((cpu) => parseBufferStats(this.#instance.read(`per_cpu/cpu${cpu}/stats`)));
    return {
      written: all.reduce((n, s) => n + s.entries + s.read + s.lost, 0),
      lost: all.reduce((n, s) => n + s.lost, 0),
    };
  }

  /** The earliest allocation whose stack has not come yet; those that wait for more than a second got none. */
  waitsSince(now: number): number {
    let earliest = Infinity;
    for (const [cpu, waiting] of this.#waiting) {
      const fresh = waiting.filter(({ at }) => at > now - PATIENCE);
      this.#waiting.set(cpu, fresh);
      for (const { at } of fresh) earliest = Math.min(earliest, at);
    }
    return earliest;
  }

  remove(): void {
    this.#instance.remove();
  }

  #format(file: string, tracefs?: string): EventFormat {
    return tracefs === undefined
      ? parseEventFormat(this.#instance.read(file), `${this.folder}/${file}`)
      : parseEventFormat(this.#instance.readBeside(tracefs, file), `${tracefs}/${file}`);
  }

  #take(cpu: number, page: DataView): void {
    const queue = (this.queues[cpu] ??= []);
    const whole = decodeRingPage(page, this.#layout, (at, offset, length) => {
      if (length < 4) return;
      const id = page.getUint16(offset, this.#little);
      const event = this.#decoders.get(id)?.decode(page, offset, length, at);
      if (event) this.#push(cpu, queue, event);
      else if (id === this.#stack?.id) this.#attach(cpu, decodeStack(this.#stack, page, offset, length, this.#little));
    });
    if (!whole) this.torn++;
  }

  #push(cpu: number, queue: StackedEvent[], event: KmemEvent): void {
    const stacked: StackedEvent = { at: event.at, event, stack: [] };
    if (this.#wanted(event)) queue.push(stacked);
    if (!this.#stack) return;
    const waiting = this.#waiting.get(cpu);
    if (waiting && waiting.length < 16) waiting.push(stacked);
    else this.#waiting.set(cpu, [stacked]);
  }

  #attach(cpu: number, stack: readonly AddressKey[]): void {
    const owner = this.#waiting.get(cpu)?.pop();
    if (owner) owner.stack = stack;
  }
}
