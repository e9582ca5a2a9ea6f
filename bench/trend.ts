/**
 * How well `kleak trend` tells growth from what looks like it: made series of three days with known truth, a thousand of
 * each kind that leak and as many that do not. Prints the table of docs/trend.md.
 *
 *   node bench/trend.ts [SERIES OF EACH] [KIND | all] [FIRST SEED]
 */
import { measureTrend } from '../src/analysis/trend/trend.ts';
import { MADE_RAM, makeSeries, TREND_KINDS, type MadeSeries, type TrendKind } from '../testkit/trend-simulator.ts';
import { rateOf } from '../src/rules/trend/growing.ts';

const each = Number(process.argv[2] ?? 1000);
const kinds = TREND_KINDS.filter((kind) => [kind, 'all', undefined].includes(process.argv[3]));
const from = Number(process.argv[4] ?? 0);
const start = performance.now();
const print = (line: string): void => void process.stdout.write(`${line}\n`);
/** Which ones went wrong, for whoever wants to look at them: SHOW=1. */
const tell = (...words: readonly (string | number)[]): void =>
  process.env['SHOW'] === undefined ? undefined : void process.stderr.write(`${words.join(' ')}\n`);

interface Tally {
  found: number;
  alarms: number;
  covered: number;
  covering: number;
  readonly errors: number[];
  readonly missed: number[];
}

function run(kind: TrendKind): Tally {
  const tally: Tally = { found: 0, alarms: 0, covered: 0, covering: 0, errors: [], missed: [] };
  for (let seed = from; seed < from + each; seed++) {
    note(makeSeries(kind, true, seed), seed, tally);
    note(makeSeries(kind, false, seed), seed, tally);
  }
  return tally;
}

function note(series: MadeSeries, seed: number, tally: Tally): void {
  const trend = measureTrend(series.points, { totalBytes: MADE_RAM });
  const { perHour, low, high } = rateOf(trend);
  const rising = trend.direction === 'rising';
  tally.covering++;
  if (low <= series.leakPerHour && series.leakPerHour <= high) tally.covered++;
  if (series.leakPerHour === 0) {
    if (rising) tally.alarms++;
    if (rising) tell('alarm', series.kind, seed);
    return;
  }
  tally.errors.push(Math.abs(perHour / series.leakPerHour - 1));
  if (rising) tally.found++;
  else {
    tally.missed.push((series.leakPerHour * 2400) / MADE_RAM);
    tell('missed', series.kind, seed);
  }
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

print(
  '| series | leaks found | false alarms | 95 % interval holds the truth | median error of the rate | missed, % of RAM a day |',
);
print('| --- | ---: | ---: | ---: | ---: | ---: |');
const all = { found: 0, alarms: 0, covered: 0, covering: 0 };
for (const kind of kinds) {
  const { found, alarms, covered, covering, errors, missed } = run(kind);
  all.found += found;
  all.alarms += alarms;
  all.covered += covered;
  all.covering += covering;
  const range = missed.length === 0 ? '–' : `${Math.min(...missed).toFixed(2)} to ${Math.max(...missed).toFixed(2)}`;
  print(
    `| ${kind} | ${percent(found, each)} | ${percent(alarms, each)} | ${percent(covered, covering)} | ${percent(median(errors), 1)} | ${range} |`,
  );
}
const series = each * kinds.length;
print(
  `| all | ${percent(all.found, series)} | ${percent(all.alarms, series)} | ${percent(all.covered, all.covering)} | | |`,
);
const milliseconds = (performance.now() - start) / (2 * series);
print(`\n${2 * series} series of three days, a sample a minute; ${milliseconds.toFixed(1)} ms each, made and measured`);
