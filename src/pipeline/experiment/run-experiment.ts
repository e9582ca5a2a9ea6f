import { judgeAct, type Judgement } from '../../analysis/experiment/judge.ts';
import { quantitiesOf, RESOLUTION } from '../../analysis/experiment/quantities.ts';
import { detectableChange, settledFrom } from '../../analysis/experiment/settle.ts';
import type { Experiment, ExperimentAct } from '../../findings/experiment.ts';
import type { Sample } from '../../model/sample.ts';
import { InputError } from '../../sources/input-error.ts';
import type { Unread } from '../../sources/source-file.ts';
import { describeExperiment } from './describe-experiment.ts';
import { takeSamples, type Sampling } from './take-samples.ts';

export interface ExperimentPlan extends Sampling {
  readonly label: string;
  /** Does it, and says how that went. Never rejects for what the act itself did. */
  readonly act: () => Promise<ExperimentAct>;
  /** Seconds: the longest that is waited for the noise to be known, and for memory to rest again. */
  readonly settle: number;
  readonly after: number;
  readonly progress: (progress: ExperimentProgress) => void;
}

export interface ExperimentProgress {
  readonly phase: 'settling' | 'acting' | 'measuring';
  readonly seconds: number;
  readonly most: number;
  /** What a change of the kernel's memory must reach to be seen; once known. */
  readonly detectable?: number;
}

/** A change of this share of RAM is worth finding; noise that hides less than it is known well enough. */
const WANTED = 1 / 16_384;
const LEAST_WANTED = 2 ** 19;
/** Of the time that is planned for settling, at least this is used, so that a drift is seen. */
const LEAST_SHARE = 0.5;
/** Samples at rest after which measuring ends before its time. */
const ENOUGH = 15;

/** Settles, measures, acts, measures again. Throws an AbortError where it is ended before the act. */
export async function runExperiment(plan: ExperimentPlan): Promise<Experiment> {
  const problems = new Map<string, Unread>();
  const before = await settle(plan, problems);
  plan.signal.throwIfAborted();
  const last = before.at(-1);
  if (!last) throw new InputError('this host', 'no sample could be taken', 'mount /proc and let this process read it');
  plan.progress({ phase: 'acting', seconds: 0, most: 0 });
  const at = new Date();
  const act = await plan.act();
  const after = act.failed === undefined ? await rest(plan, before, problems) : [];
  return describeExperiment({
    label: plan.label,
    at,
    act,
    before,
    after,
    ...presentJudgement(judgeAct(before, after, last.uptime)),
    ...presentDetectable(detectableOf(before)),
    interrupted: plan.signal.aborted,
    unread: [...problems.values()],
  });
}

const presentJudgement = (judgement: Judgement | undefined): { judgement?: Judgement } =>
  judgement ? { judgement } : {};
const presentDetectable = (detectable: number | undefined): { detectable?: number } =>
  detectable === undefined ? {} : { detectable };

/** Samples until the noise is known, or the time is up. */
async function settle(plan: ExperimentPlan, problems: Map<string, Unread>): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  await takeSamples(plan, samples, problems, plan.settle, (seconds) => {
    const detectable = detectableOf(samples);
    plan.progress({ phase: 'settling', seconds, most: plan.settle, ...presentDetectable(detectable) });
    const wanted = Math.max(LEAST_WANTED, (samples[0]?.totalBytes ?? 0) * WANTED);
    return detectable !== undefined && detectable <= wanted && seconds >= plan.settle * LEAST_SHARE;
  });
  return samples;
}

function detectableOf(samples: readonly Sample[]): number | undefined {
  const kernel = quantitiesOf(samples).find((q) => q.name === 'kernel');
  return kernel && detectableChange(kernel.points, RESOLUTION);
}

/** Samples until memory rests, or the time is up. */
async function rest(
  plan: ExperimentPlan,
  before: readonly Sample[],
  problems: Map<string, Unread>,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const enough = Math.max(ENOUGH, Math.floor(before.length / 2));
  await takeSamples(plan, samples, problems, plan.after, (seconds) => {
    plan.progress({ phase: 'measuring', seconds, most: plan.after });
    return sumsOf(samples).every((points) => {
      const start = settledFrom(points, 0, RESOLUTION);
      return start !== undefined && points.length - start >= enough;
    });
  });
  return samples;
}

const sumsOf = (samples: readonly Sample[]): readonly (readonly (readonly [number, number])[])[] =>
  quantitiesOf(samples)
    .filter((q) => q.kind === 'sum')
    .map((q) => q.points);
