import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch } from '../../../testkit/read-input.ts';
import { simulateHost, type MadeHost } from '../../../testkit/sample-simulator.ts';
import type { Experiment } from '../../findings/experiment.ts';
import { renderExperiment, renderSuspects } from '../../report/experiment.ts';
import { runCommand } from './run-act.ts';
import { runExperiment, type ExperimentPlan } from './run-experiment.ts';
import { listExperiments, saveExperiment } from './series.ts';

const MIB = 2 ** 20;
const folder = scratch();

/** A made-up host whose clock is that of the experiment: waiting costs nothing. */
function experimentOn(
  host: Partial<MadeHost>,
  plan: Partial<ExperimentPlan> & { readonly back?: number; readonly acts?: number } = {},
): { readonly done: Promise<Experiment>; readonly stop: AbortController; readonly phases: string[] } {
  const { back = 0, acts = 2, ...rest } = plan;
  let now = 1000;
  let acted = Infinity;
  const stop = new AbortController();
  const phases: string[] = [];
  const effect = (t: number): number => (t < acted ? 0 : -back * (1 - Math.exp(-(t - acted) / 2)));
  const all = (): MadeHost => ({ seed: 9, noise: 'white', scale: 50 * 1024, ...host, effect });
  const done = runExperiment({
    label: 'stop it',
    settle: 30,
    after: 40,
    interval: 1,
    signal: stop.signal,
    // The series is made anew up to now, and its last sample is the one that is taken.
    source: {
      sample: () => {
        const times = Array.from({ length: Math.round(now) - 999 }, (_, i) => 1000 + i);
        const sample = simulateHost(all(), times).at(-1);
        return sample ? Promise.resolve({ sample, problems: [] }) : Promise.reject(new Error('no sample'));
      },
    },
    wait: (seconds) => {
      now += seconds;
      return Promise.resolve();
    },
    act: () => {
      acted = now;
      now += acts;
      return Promise.resolve({ kind: 'command', command: ['stop', 'it'], seconds: acts, exitStatus: 0 });
    },
    progress: ({ phase }) => {
      if (phases.at(-1) !== phase) phases.push(phase);
    },
    ...rest,
  });
  return { done, stop, phases };
}

describe('an experiment', () => {
  test('settles, acts, measures until memory rests, and says what came back', async () => {
    const { done, phases } = experimentOn({}, { back: 12 * MIB });
    const experiment = await done;
    expect(phases).toEqual(['settling', 'acting', 'measuring']);
    expect(experiment).toMatchObject({ outcome: 'came-back', kernel: true, after: { settled: true } });
    expect(experiment.before.seconds).toBeLessThan(20);
    expect(experiment.before.detectableBytes).toBeLessThan(MIB);
    expect(experiment.rows[0]?.kind).toBe('sum');
    expect(experiment.summary).toMatch(
      /^Memory came back: 1[12](?:\.\d)? MiB .*kernel’s own memory; most in cache kmalloc-128\.$/,
    );
    const text = renderExperiment(experiment, { width: 80, colour: false });
    expect(text).toMatch(/^CAME BACK {2}Memory came back/);
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  test('an act that gives nothing back is told with what it may have given at most', async () => {
    const experiment = await experimentOn({}).done;
    expect(experiment).toMatchObject({ outcome: 'nothing', kernel: false });
    expect(experiment.summary).toContain('at most');
  });

  test('one that is ended after the act has the result so far', async () => {
    const { done, stop } = experimentOn(
      {},
      { back: 12 * MIB, progress: ({ phase, seconds }) => phase === 'measuring' && seconds >= 16 && stop.abort() },
    );
    const experiment = await done;
    expect(experiment.interrupted).toBe(true);
    expect(experiment.after.samples).toBeLessThan(20);
    expect(experiment.rows.length).toBeGreaterThan(1);
  });

  test('one that is ended before the act was none', async () => {
    const { done, stop } = experimentOn({}, { progress: () => stop.abort() });
    await expect(done).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  test('a program that is not there is told, and nothing is measured after it', async () => {
    const experiment = await experimentOn({}, { act: () => runCommand(['/no/such/program']) }).done;
    expect(experiment.act.failed).toBe('/no/such/program: no such program');
    expect(experiment).toMatchObject({ outcome: 'cannot-tell', after: { samples: 0 } });
  });
});

describe('the program that is run', () => {
  test('gets its arguments as they are: no shell reads them', async () => {
    const file = join(folder, 'arguments');
    const act = await runCommand([
      process.execPath,
      '-e',
      'require("fs").writeFileSync(process.argv[1], process.argv[2])',
      file,
      '$(id); `id` > x',
    ]);
    expect(act).toMatchObject({ kind: 'command', exitStatus: 0 });
    expect(readFileSync(file, 'utf8')).toBe('$(id); `id` > x');
  });

  test('its exit status and the signal that ended it are told', async () => {
    expect(await runCommand([process.execPath, '-e', 'process.exit(7)'])).toMatchObject({ exitStatus: 7 });
    expect(await runCommand([process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'])).toMatchObject({
      signal: 'SIGKILL',
    });
  });
});

describe('a series of experiments', () => {
  test('ranks what gave back the kernel’s own memory first, then by what is sure', async () => {
    const file = join(folder, 'series.jsonl');
    const tried = [
      ['nothing', 0],
      ['a little', 6 * MIB],
      ['much', 30 * MIB],
      ['much', 0],
    ] as const;
    for (const [label, back] of tried) saveExperiment(file, await experimentOn({}, { label, back }).done);
    const series = listExperiments(file);
    expect(series.suspects.map((s) => [s.label, s.outcome, s.runs, s.cameBack])).toEqual([
      ['much', 'came-back', 2, 1],
      ['a little', 'came-back', 1, 1],
      ['nothing', 'nothing', 1, 0],
    ]);
    expect(series.suspects[0]).toMatchObject({ kernel: true, mostly: 'cache kmalloc-128' });
    expect((series.suspects[0]?.sureBytes ?? 0) / MIB).toBeGreaterThan(25);
    const text = renderSuspects(series, { width: 80, colour: false });
    expect(text).toContain('much');
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  }, 30_000);

  test('a line that was torn is told and ended; the others are read', async () => {
    const file = join(folder, 'torn.jsonl');
    const experiment = await experimentOn({}).done;
    saveExperiment(file, experiment);
    appendFileSync(file, '{"schema":"kleak.exp');
    saveExperiment(file, experiment);
    const series = listExperiments(file);
    expect(series.experiments).toBe(2);
    expect(series.unread).toEqual([{ what: `${file}:2`, why: 'is not an experiment of kleak' }]);
  });

  test('names from a file cannot act on the terminal', async () => {
    const file = join(folder, 'hostile.jsonl');
    saveExperiment(file, { ...(await experimentOn({}).done), label: '\u001b[2Jgone\u202e' });
    const text = renderSuspects(listExperiments(file), { width: 80, colour: false });
    expect(text).not.toContain('\u001b');
    expect(text).toContain(String.raw`\x1b[2Jgone\u{202e}`);
  });

  test('what is none is refused with one line that says what to do', () => {
    const file = join(folder, 'other.txt');
    writeFileSync(file, 'hello\n');
    expect(() => listExperiments(file)).toThrow(/holds no experiment; /);
    expect(() => listExperiments(join(folder, 'missing'))).toThrow(/no such series; /);
    expect(() => listExperiments(folder)).toThrow(/cannot be read/);
  });
});
