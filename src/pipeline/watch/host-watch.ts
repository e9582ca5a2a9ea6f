import type { WatchState } from '../../findings/watch.ts';
import { SampleStore } from '../../sources/store/sample-store.ts';
import { HostSampler } from '../live/host-sampler.ts';
import { History } from './history.ts';
import { gateOf, measureRate, type Points, type TrackRate } from './tracks.ts';
import { describeWatch } from './watch-state.ts';

export interface WatchOptions {
  /** Seconds between samples. */
  readonly interval: number;
  /** A recording: its samples of this boot come before those of the watch, and marks are added to it. */
  readonly db?: string;
}

/** Hours of a recording that are looked at. */
const RECORDED = 48;
const MOST_MARKS = 200;
/** Rates are measured again when the watched time has grown by this share; at the latest after so many seconds. */
const RENEW = 0.01;
const RENEW_WITHIN = 30;

/** Samples this host until it is closed, and says what is known. */
export class HostWatch {
  readonly #sampler = new HostSampler();
  readonly #history = new History();
  readonly #options: WatchOptions;
  readonly #store: SampleStore | undefined;
  readonly #marks: { at: number; name: string }[] = [];
  readonly #problems = new Map<string, { what: string; why: string }>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  readonly #rates = new Map<string, TrackRate>();
  #measuredAt = 0;

  /** Throws InputError where the recording is not one. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.#store = options.db === undefined ? undefined : new SampleStore(options.db, 'annotate');
  }

  /** Samples once, then every interval; `tell` gets each new state. Errors of the first sample reject. */
  async start(tell: (state: WatchState) => void, fail: (cause: unknown) => void): Promise<void> {
    await this.#look();
    this.#tellOf(tell);
    const next = (): void => {
      if (this.#closed) return;
      this.#timer = setTimeout(() => void again(), this.#options.interval * 1000);
    };
    const again = async (): Promise<void> => {
      try {
        await this.#look();
        if (!this.#closed) this.#tellOf(tell);
        next();
      } catch (cause) {
        fail(cause);
      }
    };
    next();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sampler.close();
    this.#store?.close();
  }

  /** Keeps a moment under a name; says where. */
  mark(name: string): string {
    const last = this.#history.samples.at(-1);
    if (!last) return 'nothing was sampled yet';
    const at = Date.now();
    this.#marks.push({ at, name });
    if (this.#marks.length > MOST_MARKS) this.#marks.shift();
    if (!this.#store) return 'marked; kept until you quit (--db FILE adds it to a recording)';
    try {
      const written = this.#store.addEvent({ at, boot: last.boot, kind: 'mark', name });
      return written === 'written'
        ? `marked in ${this.#store.file}`
        : `no room in ${this.#store.file}: kept until you quit`;
    } catch (cause) {
      return `not in the recording: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }

  async #look(): Promise<void> {
    const { sample, problems } = await this.#sampler.sample();
    if (this.#closed) return;
    this.#problems.clear();
    for (const problem of problems) this.#problems.set(problem.what, problem);
    if (this.#history.taken === 0 && this.#store) {
      const from = sample.at - RECORDED * 3_600_000;
      this.#history.preload(this.#store.samples({ from }), sample);
      for (const { kind, at, name } of this.#store.events({ from })) {
        if (kind === 'mark') this.#marks.push({ at, name });
      }
    }
    this.#history.add(sample);
  }

  #tellOf(tell: (state: WatchState) => void): void {
    const { samples, taken, recorded } = this.#history;
    const now = samples.at(-1);
    const span = (now?.uptime ?? 0) - (samples[0]?.uptime ?? 0);
    // Rates change slowly once much was watched, and take most of the work; amounts are of now.
    if ((now?.uptime ?? 0) - this.#measuredAt >= Math.min(RENEW_WITHIN, span * RENEW)) {
      this.#measuredAt = now?.uptime ?? 0;
      this.#rates.clear();
    }
    const gate = gateOf(now?.totalBytes ?? 0);
    const watched = { samples, taken, recorded, marks: [...this.#marks], problems: [...this.#problems.values()] };
    tell(describeWatch(watched, (key, points) => this.#rateOf(key, points, gate)));
  }

  #rateOf(key: string, points: Points, gate: number): TrackRate {
    const known = this.#rates.get(key);
    if (known) return known;
    const rate = measureRate(points, gate);
    this.#rates.set(key, rate);
    return rate;
  }
}
