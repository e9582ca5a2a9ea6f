import { setTimeout as sleep } from 'node:timers/promises';
import type { HostMetrics } from '../../findings/host-metrics.ts';
import { InputError } from '../../sources/input-error.ts';
import { HostSampler, type Sampled } from '../live/host-sampler.ts';
import { describeCounters, describeMemory, describeVerdict, describeVersions } from './describe-host.ts';
import { GrowingCaches } from './growing-caches.ts';
import { HostLooks } from './host-looks.ts';

export interface ExporterOptions {
  /** Where the host's /proc and /sys are; '' for the running host. */
  readonly root?: string;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  /** Milliseconds from one whole look, which gives the verdict and the versions, to the next. */
  readonly lookEvery: number;
  /** Seconds that growth is measured over. */
  readonly window: number;
  /** kleak's own version. */
  readonly version: string;
  /** Hears of what went wrong, a line each; of the same thing once. */
  readonly tell: (line: string) => void;
}

const MOST_TOLD = 100;

/** Samples this host on its own interval. Whoever asks gets what is known; asking starts nothing. */
export class Exporter {
  readonly #options: ExporterOptions;
  readonly #sampler: HostSampler;
  readonly #caches: GrowingCaches;
  readonly #looks: HostLooks;
  #metrics: HostMetrics;
  #lookedAt = -Infinity;
  readonly #told = new Set<string>();

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#sampler = new HostSampler({ root: options.root ?? '' });
    this.#caches = new GrowingCaches(options.window);
    this.#looks = new HostLooks(options.root ?? '', options.window);
    this.#metrics = {
      kleak: options.version,
      sampling: { seconds: 0, samples: 0, failures: 0, unread: 0 },
      cachesWatched: 0,
      growing: [],
      drivers: [],
      packages: [],
      meminfo: new Map(),
    };
  }

  /** What is known now. */
  get metrics(): HostMetrics {
    return this.#metrics;
  }

  /** True while some file holds a thread of this process, which then cannot end by itself. */
  get held(): boolean {
    return this.#sampler.held;
  }

  /** One sample, and a whole look where it is time for one. */
  async turn(signal: AbortSignal): Promise<void> {
    await this.#sample();
    const now = performance.now();
    if (now - this.#lookedAt < this.#options.lookEvery || signal.aborted) return;
    this.#lookedAt = now;
    await this.#look(signal);
  }

  /** Turn after turn until the signal, an interval before each; `after` is called behind each. */
  async run(signal: AbortSignal, after: () => Promise<void>): Promise<void> {
    let started = performance.now();
    while (!signal.aborted) {
      // A turn that took long is not made up for.
      const left = Math.max(100, this.#options.interval - (performance.now() - started));
      await sleep(left, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      started = performance.now();
      await this.turn(signal);
      await after();
    }
  }

  /** Tells a line; the same one only once, however often what it is about happens. */
  tell(line: string): void {
    if (this.#told.size >= MOST_TOLD) this.#told.clear();
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#options.tell(line);
  }

  async #sample(): Promise<void> {
    const started = performance.now();
    const { sampling } = this.#metrics;
    const taken = await this.#take();
    const seconds = (performance.now() - started) / 1000;
    if (!taken) {
      this.#metrics = { ...this.#metrics, sampling: { ...sampling, seconds, failures: sampling.failures + 1 } };
      return;
    }
    const { sample, problems } = taken;
    for (const { what, why } of problems) this.tell(`${what}: ${why}`);
    this.#caches.add(sample);
    this.#metrics = {
      ...this.#metrics,
      sampling: {
        ...sampling,
        at: sample.at / 1000,
        seconds,
        samples: sampling.samples + 1,
        unread: problems.length,
      },
      memory: describeMemory(taken),
      cachesWatched: this.#caches.followed,
      growing: this.#caches.growing(sample.totalBytes),
      ...describeCounters(taken),
    };
  }

  /** A host that gives nothing now may give it again: it is told and counted, and the next sample tries again. */
  async #take(): Promise<Sampled | undefined> {
    try {
      return await this.#sampler.sample();
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      this.tell(cause.message);
      return undefined;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      const { diagnosis, snapshot } = await this.#looks.look(signal);
      this.#metrics = {
        ...this.#metrics,
        ...describeVersions(snapshot),
        verdict: describeVerdict(diagnosis, Date.now()),
      };
    } catch (cause) {
      if (signal.aborted) return;
      if (!(cause instanceof InputError)) throw cause;
      this.tell(cause.message);
    }
  }
}
