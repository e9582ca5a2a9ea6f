import { setTimeout as sleep } from 'node:timers/promises';
import { bytes } from '../../base/units.ts';
import type { Experiment, ExperimentAct } from '../../findings/experiment.ts';
import { InputError } from '../../sources/input-error.ts';
import { makeLineFile } from '../../sources/store/line-file.ts';
import { HostSampler } from '../live/host-sampler.ts';
import { runCommand } from './run-act.ts';
import { runExperiment, type ExperimentPlan } from './run-experiment.ts';
import { saveExperiment } from './series.ts';

export interface HostExperiment extends Omit<ExperimentPlan, 'act' | 'source' | 'wait'> {
  /** Program and arguments; or what waits until the user has acted. */
  readonly command?: readonly string[];
  readonly manual?: () => Promise<ExperimentAct>;
  /** The result is added to this file of JSON lines. */
  readonly series: string;
}

/** Caches below are not followed one by one; their sum is. */
const CACHE_THRESHOLD = bytes(128 * 1024);

/** Runs an experiment on this host, and keeps its result. */
export async function experimentOnHost(options: HostExperiment): Promise<Experiment> {
  const { command, manual, series, signal } = options;
  // What cannot be kept is better known before than after.
  makeLineFile(series);
  const sampler = new HostSampler({ cacheThreshold: CACHE_THRESHOLD });
  try {
    const experiment = await runExperiment({
      ...options,
      source: sampler,
      act: manual ?? (() => runCommand(command ?? [])),
      wait: async (seconds) => {
        await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
      },
    });
    return experiment.act.failed === undefined ? kept(experiment, series) : experiment;
  } finally {
    sampler.close();
  }
}

/** What was measured is told even where it could not be kept. */
function kept(experiment: Experiment, series: string): Experiment {
  try {
    saveExperiment(series, experiment);
    return experiment;
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    return {
      ...experiment,
      unread: [...experiment.unread, { what: 'the series', why: `was not kept: ${cause.message}` }],
    };
  }
}
