/**
 * How often `kleak experiment` and `kleak verify-fix` are wrong, counted on made-up hosts whose truth is known:
 * `node bench/experiments.ts [RUNS] [acts|fixes|hours]`. The figures stand in docs/experiments.md.
 */
import { cpus } from 'node:os';
import { judgeAct, type Judgement } from '../src/analysis/experiment/judge.ts';
import type { VerifyFix } from '../src/findings/verify-fix.ts';
import type { Sample } from '../src/model/sample.ts';
import { Recording } from '../src/pipeline/trend/recording.ts';
import { compareSides } from '../src/pipeline/verify/verify-fix.ts';
import { every, simulateHost, type NoiseKind } from '../testkit/sample-simulator.ts';

const RUNS = Number(process.argv[2] ?? 200);
const PART = process.argv[3];
const isAsked = (part: string): boolean => PART === undefined || PART === part;
/** A comparison takes ten times as long as an experiment. */
const COMPARISONS = Math.ceil(RUNS / 2);
const NOISES: readonly NoiseKind[] = ['white', 'lasting', 'walk', 'walk-and-white', 'bursts', 'steps'];
const MIB = 2 ** 20;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const share = (n: number, of: number): string => `${((100 * n) / of).toFixed(1)} %`.padStart(8);

interface Act {
  readonly name: string;
  /** Bytes that come back, and bytes per second that leak before and after. */
  readonly back: number;
  readonly leak: number;
  readonly leakAfter: number;
}

const ACTS: readonly Act[] = [
  { name: 'does nothing', back: 0, leak: 0, leakAfter: 0 },
  { name: 'does nothing, host leaks 256 KiB/s', back: 0, leak: 256 * 1024, leakAfter: 256 * 1024 },
  { name: 'ends a leak of 256 KiB/s', back: 0, leak: 256 * 1024, leakAfter: 0 },
  { name: 'gives back 4 MiB', back: 4 * MIB, leak: 0, leakAfter: 0 },
  { name: 'gives back 16 MiB', back: 16 * MIB, leak: 0, leakAfter: 0 },
  { name: 'gives back 16 MiB, host leaks', back: 16 * MIB, leak: 256 * 1024, leakAfter: 256 * 1024 },
];

function act({ back, leak, leakAfter }: Act, noise: NoiseKind, seed: number): Judgement | undefined {
  const acted = 1030;
  const all = simulateHost(
    {
      seed,
      noise,
      scale: 150 * 1024,
      leak: (t) => leak * Math.min(t, 30) + leakAfter * Math.max(0, t - 30),
      // It takes some seconds until all is given back.
      effect: (t) => (t < acted ? 0 : -back * (1 - Math.exp(-(t - acted) / 2))),
    },
    every(1, 90),
  );
  return judgeAct(all.slice(0, 30), all.slice(32), 1029);
}

print(`${cpus()[0]?.model ?? ''}, Node ${process.version}; ${RUNS} runs of each act, ${COMPARISONS} of each fix`);
if (isAsked('acts')) {
  print('\nkleak experiment: 30 samples before, 58 after, a second apart; noise of 150 KiB a second');
  print(
    `${'the act'.padEnd(38)}${'noise'.padEnd(16)}came back    grew  nothing  cannot tell   stopped  interval holds the truth`,
  );
  for (const given of ACTS) for (const noise of NOISES) print(actRow(given, noise));
}

function actRow(given: Act, noise: NoiseKind): string {
  const outcomes = { 'came-back': 0, grew: 0, nothing: 0, 'cannot-tell': 0 };
  let [held, stopped] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    const judged = act(given, noise, run + 1);
    outcomes[judged?.outcome ?? 'cannot-tell']++;
    if (judged?.stopped) stopped++;
    const step = judged?.quantities.find((q) => q.name === 'kernel')?.effect.step;
    if (step && step.low <= -given.back && -given.back <= step.high) held++;
  }
  // A leak that goes on adds to the step by a time that depends on when memory was at rest.
  const covered = given.leakAfter > 0 ? '       –' : share(held, RUNS);
  const told = [outcomes['came-back'], outcomes.grew, outcomes.nothing].map((n) => share(n, RUNS)).join(' ');
  return `${given.name.padEnd(38)}${noise.padEnd(14)}${told}     ${share(outcomes['cannot-tell'], RUNS)}  ${share(stopped, RUNS)}  ${covered}`;
}

interface Fix {
  readonly name: string;
  /** Share of the old rate that is left. */
  readonly left: number;
  readonly hours: number;
}

const FIXES: readonly Fix[] = [0, 0.2, 0.5, 1].flatMap((left) =>
  [6, 24].map((hours) => ({ name: `${left * 100} % left, ${hours} h after`, left, hours })),
);

/** A host that leaks 4 MiB/h for two days, then for `hours` at a share of that. */
function fix({ left, hours }: Pick<Fix, 'left' | 'hours'>, noise: NoiseKind, seed: number, hosts = 1): VerifyFix {
  const rate = (4 * MIB) / 3600;
  const side = (share: number, span: number, offset: number): Parameters<typeof compareSides>[0] => ({
    inputs: [],
    wallClock: false,
    unread: [],
    hosts: Array.from({ length: hosts }, (_, i) => ({
      name: String(i),
      recording: recordingOf(
        simulateHost(
          {
            seed: seed * 1000 + i * 10 + offset,
            noise,
            scale: noise === 'white' || noise === 'bursts' ? MIB : MIB / 2,
            leak: (t) => share * rate * t,
          },
          every(600, span * 6),
        ),
      ),
    })),
  });
  return compareSides(side(1, 48, 1), side(left, hours, 2), {
    remaining: 0.2,
    only: ['kmalloc-128', 'slab-unreclaimable'],
  });
}

function recordingOf(samples: readonly Sample[]): Recording {
  const recording = new Recording();
  for (const sample of samples) recording.add(sample);
  return recording;
}

if (isAsked('fixes')) {
  print(
    '\nkleak verify-fix: 4 MiB/h for 48 h before, a sample every 10 min; 1 MiB of noise, or half a MiB a step; fixed: at most 20 % left',
  );
  print(`${'truth'.padEnd(26)}${'noise'.padEnd(16)}   fixed  not fixed  not enough data`);
  for (const given of FIXES) for (const noise of NOISES) print(fixRow(given, noise));
}

function fixRow(given: Fix, noise: NoiseKind): string {
  const outcomes = { fixed: 0, 'not-fixed': 0, 'not-enough-data': 0 };
  for (let run = 0; run < COMPARISONS; run++) outcomes[fix(given, noise, run + 1).outcome]++;
  return `${given.name.padEnd(26)}${noise.padEnd(14)}${share(outcomes.fixed, COMPARISONS)}   ${share(outcomes['not-fixed'], COMPARISONS)}         ${share(outcomes['not-enough-data'], COMPARISONS)}`;
}

if (isAsked('hours')) {
  print(
    '\nthe hours it says are needed: of the runs that had not enough data, shown as fixed after so many more (4 of 5 are promised)',
  );
  for (const noise of NOISES) print(hoursRow(noise));
}

function hoursRow(noise: NoiseKind): string {
  let [asked, shown, hours] = [0, 0, 0];
  for (let run = 0; run < COMPARISONS; run++) {
    const first = fix({ left: 0, hours: 6 }, noise, run + 1);
    if (first.outcome !== 'not-enough-data' || first.moreHours === undefined) continue;
    asked++;
    hours += first.moreHours;
    if (fix({ left: 0, hours: Math.ceil(6 + first.moreHours) }, noise, run + 5001).outcome === 'fixed') shown++;
  }
  const mean = asked > 0 ? `${(hours / asked).toFixed(0)} h more on the average` : '';
  return `${noise.padEnd(16)}${String(asked).padStart(5)} asked  ${asked > 0 ? share(shown, asked) : ''}  ${mean}`;
}
