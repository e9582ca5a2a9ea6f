import type { Between, Experiment, ExperimentRow, ExperimentSeries, Suspect } from '../../findings/experiment.ts';
import { InputError } from '../../sources/input-error.ts';
import { appendLine, readLines } from '../../sources/store/line-file.ts';
import { mostOfParts, nameOf } from './describe-experiment.ts';

export function saveExperiment(file: string, experiment: Experiment): void {
  appendLine(file, JSON.stringify(experiment));
}

/** What a file of experiments says, as a table of suspects. */
export function listExperiments(file: string): ExperimentSeries {
  const lines = readLines(file);
  if (!lines)
    throw new InputError(file, 'no such series', 'kleak experiment NAME -- COMMAND begins one; --series says where');
  const unread: { what: string; why: string }[] = [];
  const experiments = lines.flatMap((line, index) => {
    const experiment = readExperiment(line);
    if (!experiment) unread.push({ what: `${file}:${index + 1}`, why: 'is not an experiment of kleak' });
    return experiment ? [experiment] : [];
  });
  if (experiments.length === 0 && unread.length > 0)
    throw new InputError(file, 'holds no experiment', 'give a file that kleak experiment wrote');
  return {
    schema: 'kleak.experiments/1',
    file,
    experiments: experiments.length,
    suspects: rankSuspects(experiments),
    unread: unread.slice(0, 20),
  };
}

/** Of each name the run that gave back most; those that gave back the kernel's own memory for sure come first. */
export function rankSuspects(experiments: readonly Experiment[]): readonly Suspect[] {
  const byLabel = new Map<string, Experiment[]>();
  for (const experiment of experiments) {
    const runs = byLabel.get(experiment.label);
    if (runs) runs.push(experiment);
    else byLabel.set(experiment.label, [experiment]);
  }
  return [...byLabel.values()]
    .flatMap(suspectOf)
    .toSorted(
      (a, b) =>
        Number(b.kernel || b.stopped) - Number(a.kernel || a.stopped) ||
        b.sureBytes - a.sureBytes ||
        ORDER[a.outcome] - ORDER[b.outcome] ||
        possible(b) - possible(a),
    );
}

const ORDER: Readonly<Record<Experiment['outcome'], number>> = {
  'came-back': 0,
  'cannot-tell': 1,
  grew: 2,
  nothing: 3,
};

/** What may have come back at most. */
const possible = ({ inUseBytes }: Suspect): number => -(inUseBytes?.low ?? 0);

function suspectOf(runs: readonly Experiment[]): readonly Suspect[] {
  const [best] = runs.toSorted(
    (a, b) => Number(b.kernel) - Number(a.kernel) || sureOf(b) - sureOf(a) || ORDER[a.outcome] - ORDER[b.outcome],
  );
  if (!best) return [];
  const inUseBytes = best.rows.find((r) => r.name === 'in-use')?.changeBytes;
  const backBytes = surestOf(best)?.changeBytes;
  const part = mostOfParts(best.rows, best.kernel);
  return [
    {
      label: best.label,
      runs: runs.length,
      cameBack: runs.filter((r) => r.outcome === 'came-back').length,
      ...(backBytes ? { backBytes } : {}),
      ...(inUseBytes ? { inUseBytes } : {}),
      sureBytes: sureOf(best),
      outcome: best.outcome,
      kernel: best.kernel,
      stopped: runs.some((r) => r.stopped),
      ...(part ? { mostly: nameOf(part) } : {}),
      last: runs.at(-1)?.at ?? best.at,
    },
  ];
}

/** Of what came back for sure, the row of which most surely did. */
function surestOf({ rows, kernel }: Experiment): ExperimentRow | undefined {
  return rows
    .filter((r) => r.sure && (r.kernel || !kernel) && r.changeBytes.high < 0)
    .toSorted((a, b) => a.changeBytes.high - b.changeBytes.high)[0];
}

/** The end of its interval that is nearest to nothing. */
const sureOf = (experiment: Experiment): number => -(surestOf(experiment)?.changeBytes.high ?? 0);

/** Undefined for what is no experiment; a file may have been edited by hand. */
function readExperiment(line: string): Experiment | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isExperiment(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const OUTCOMES: ReadonlySet<unknown> = new Set(Object.keys(ORDER));

function isExperiment(value: unknown): value is Experiment {
  return (
    isRecord(value) &&
    value['schema'] === 'kleak.experiment/1' &&
    typeof value['label'] === 'string' &&
    typeof value['at'] === 'string' &&
    typeof value['kernel'] === 'boolean' &&
    typeof value['stopped'] === 'boolean' &&
    OUTCOMES.has(value['outcome']) &&
    Array.isArray(value['rows']) &&
    value['rows'].every(isRow)
  );
}

const isRow = (value: unknown): value is ExperimentRow =>
  isRecord(value) &&
  (value['kind'] === 'sum' || value['kind'] === 'bucket' || value['kind'] === 'cache') &&
  typeof value['name'] === 'string' &&
  (value['label'] === undefined || typeof value['label'] === 'string') &&
  typeof value['sure'] === 'boolean' &&
  typeof value['kernel'] === 'boolean' &&
  isBetween(value['changeBytes']);

const isBetween = (value: unknown): value is Between =>
  isRecord(value) && ['value', 'low', 'high'].every((key) => Number.isFinite(value[key]));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
