import type { HostEvent } from '../../model/sample.ts';
import type { Sample } from '../../model/sample.ts';
import { InputError } from '../../sources/input-error.ts';
import { TimedReader } from '../../sources/live/timed-reader.ts';
import { retentionOf } from '../../sources/store/retention.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { HostChanges } from './host-changes.ts';
import { clockEvents, type ClockReading } from './host-clock.ts';
import { HostSampler } from './host-sampler.ts';

export interface RecorderOptions {
  readonly file: string;
  /** Milliseconds that samples and events are kept. */
  readonly keep: number;
  /** Every how many samples the largest processes are looked at. */
  readonly processes: number;
  /** Where the host's /proc, /sys and /var are; '' for the running host. */
  readonly root?: string;
  /** Hears, once each, of what cannot be read, of a full disk and of room again. */
  readonly tell: (line: string) => void;
}

/** What one turn came to. `at` is the sample's time, by which it can be found. */
export type Turn = { readonly state: 'written' | 'full'; readonly at: number } | { readonly state: 'nothing' };

const TIME_LIMIT = 5000;
/** Events that wait for room on the disk. */
const MOST_WAITING = 2000;
/** Attempts at a first sample on a host that does not answer in time. */
const MOST_LATE_STARTS = 10;
/** Every how many samples what is old is thinned. */
const TIDY = 60;

/** Samples this host into a database, one turn after another. Whoever calls it keeps the time between turns. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #sampler: HostSampler;
  readonly #reader = new TimedReader(TIME_LIMIT);
  readonly #changes: HostChanges;
  readonly #told = new Set<string>();
  #store: SampleStore;
  #waiting: HostEvent[] = [];
  #state = new Map<string, string>();
  #before: (Omit<ClockReading, 'awake'> & { readonly awake?: number }) | undefined;
  #full = false;
  #turns = 0;
  #lateStarts = 0;

  /** Throws InputError where the database cannot be recorded into. */
  constructor(options: RecorderOptions) {
    const root = options.root ?? '';
    this.#options = options;
    this.#store = this.#open();
    this.#before = this.#store.lastMoment();
    this.#sampler = new HostSampler({ root, processes: options.processes });
    this.#changes = new HostChanges(root, this.#reader, (key) => this.#state.get(key) ?? this.#store.state(key));
  }

  /** True while a file that hangs holds a thread; the process then ends by a signal only. */
  get held(): boolean {
    return this.#reader.held || this.#sampler.held;
  }

  /** Takes a sample and what changed since the last one, and writes both. */
  async turn(): Promise<Turn> {
    const sample = await this.#sample();
    if (!sample) return { state: 'nothing' };
    const { at, boot, uptime } = sample;
    const now: ClockReading = { at, boot, uptime, awake: performance.now() };
    if (this.#before) this.#wait(clockEvents(this.#before, now));
    this.#before = now;
    const { events, state } = await this.#changes.look({ at, boot });
    if (this.#turns === 0) this.#wait([{ at, boot, kind: 'recording-started', name: 'kleak record' }]);
    this.#wait(events);
    for (const [key, value] of state) this.#state.set(key, value);
    const written = this.#write(sample);
    if (this.#turns++ % TIDY === TIDY - 1) this.#tidy();
    return { state: written, at };
  }

  /** The last word of a recording that ends as it should. */
  close(): void {
    if (this.#before && this.#turns > 0) {
      const { boot } = this.#before;
      this.#wait([{ at: Date.now(), boot, kind: 'recording-stopped', name: 'kleak record' }]);
      this.#store.addEvents(this.#waiting, this.#state);
    }
    this.#sampler.close();
    this.#store.close();
  }

  async #sample(): Promise<Sample | undefined> {
    try {
      const { sample, problems } = await this.#sampler.sample();
      for (const { what, why } of problems) this.#tellOnce(`${what}: ${why}`);
      return sample;
    } catch (cause) {
      // At the start it is the answer, unless the host is only slow; later, what could be read once may come again.
      const isAnswer = this.#turns === 0 && (!this.#sampler.late || ++this.#lateStarts >= MOST_LATE_STARTS);
      if (!(cause instanceof InputError) || isAnswer) throw cause;
      this.#tellOnce(cause.message);
      return undefined;
    }
  }

  #wait(events: readonly HostEvent[]): void {
    this.#waiting.push(...events.slice(0, MOST_WAITING - this.#waiting.length));
  }

  #write(sample: Sample): 'written' | 'full' {
    try {
      return this.#writeAll(sample);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      // Damaged under our hands: it is set aside, and a new one begun.
      this.#options.tell(cause.message);
      this.#store.close();
      this.#store = this.#open();
      return this.#writeAll(sample);
    }
  }

  #writeAll(sample: Sample): 'written' | 'full' {
    const written = this.#store.append(sample);
    const noted = written === 'written' ? this.#store.addEvents(this.#waiting, this.#state) : 'full';
    if (noted === 'written') {
      this.#waiting = [];
      this.#state.clear();
    }
    if (written === 'full' && !this.#full)
      this.#options.tell(`${this.#options.file}: no room on the disk; nothing is recorded until there is`);
    if (written === 'written' && this.#full) this.#options.tell(`${this.#options.file}: there is room again`);
    this.#full = written === 'full';
    return written;
  }

  #tidy(): void {
    if (!this.#store.isThere()) {
      this.#options.tell(`${this.#options.file}: the file is gone; a new one was begun`);
      this.#store.close();
      this.#store = this.#open();
    }
    if (!this.#full) this.#store.tidy(retentionOf(this.#options.keep), Date.now());
  }

  #open(): SampleStore {
    const store = new SampleStore(this.#options.file, 'record');
    for (const note of store.notes) this.#options.tell(note);
    return store;
  }

  #tellOnce(line: string): void {
    if (this.#told.has(line) || this.#told.size > 100) return;
    this.#told.add(line);
    this.#options.tell(line);
  }
}
