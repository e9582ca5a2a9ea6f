import type { Sample } from '../../model/sample.ts';
import type { Unread } from '../../sources/source-file.ts';

/** Where samples come from: a HostSampler, or a made-up host. */
export interface SampleSource {
  sample(): Promise<{ readonly sample: Sample; readonly problems: readonly Unread[] }>;
}

/** How samples of one host are taken. */
export interface Sampling {
  readonly source: SampleSource;
  /** Seconds between two samples. */
  readonly interval: number;
  /** Ends waiting. Before an act it is given up then; after it, what was measured is the result. */
  readonly signal: AbortSignal;
  /** Waits, at most until the signal. */
  readonly wait: (seconds: number) => Promise<void>;
}

/** Samples that are kept of one phase. */
const MOST_SAMPLES = 4096;

/** One sample after another, until `done` says so, the time is up or the signal comes. Another boot cannot follow. */
export async function takeSamples(
  { source, signal, wait, interval }: Sampling,
  samples: Sample[],
  problems: Map<string, Unread>,
  most: number,
  done: (seconds: number) => boolean,
): Promise<void> {
  for (;;) {
    const sampled = await source.sample();
    for (const problem of sampled.problems) problems.set(problem.what, problem);
    samples.push(sampled.sample);
    const seconds = sampled.sample.uptime - (samples[0]?.uptime ?? 0);
    if (signal.aborted || done(seconds) || seconds + interval > most || samples.length >= MOST_SAMPLES) return;
    await wait(interval);
    if (signal.aborted) return;
  }
}
